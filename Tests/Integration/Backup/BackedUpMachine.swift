import Foundation
import JSON
import Linux
import Operator
import QMP
import TestSupport
import Testing

/// A machine without a guest system whose disks are written through its own drives, and what they hold.
final class BackedUpMachine {
    let workspace: Workspace
    let disks: Int
    var more: [String: String]
    private(set) var run: DroverRun?
    private(set) var client: QMPClient?
    /// By the backup's id: a copy of what the disks held.
    private(set) var points: [(id: String, copies: [String])] = []

    static let size = 64 << 20

    init(disks: Int = 1, _ more: [String: String] = [:]) throws {
        workspace = try Workspace()
        (self.disks, self.more) = (disks, more)
        try shell("mkdir '\(workspace.path)/backups'")
        for disk in 0..<disks {
            try shell(
                """
                cd '\(workspace.path)' && qemu-img create -q -f qcow2 disk\(disk).qcow2 \(Self.size)
                truncate -s \(Self.size) expected\(disk)
                """)
        }
    }

    var variables: [String: String] {
        let further = (1..<disks).map { "\(workspace.path)/disk\($0).qcow2" }.joined(separator: ",")
        var own = ["BACKUP_DIR": "\(workspace.path)/backups", "BACKUP_KEEP": "all", "QMP_POLICY": "full"]
        if disks > 1 { own["QEMU_DISKS"] = further }
        return workspace.variables(disk: "\(workspace.path)/disk0.qcow2", own.merging(more) { $1 })
    }

    /// Waits until backups can be ordered.
    @discardableResult
    func start(by prefix: [String] = []) throws -> DroverRun {
        let run = try DroverRun(["run"], variables, by: prefix)
        self.run = run
        try run.wait(for: "the guest runs", within: 60)
        client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        try waitForService()
        return run
    }

    func waitForService() throws {
        // A child that ends again and again comes back after a minute.
        let deadline = Instant.within(150)
        while Instant.now() < deadline {
            // One that waited in vain has left word.
            if let state = try qmp("drover-backup-status").result?["state"], state != "stuck" { return }
            try client?.pause(until: .now() + .milliseconds(20))
        }
        throw TestFailure("nobody makes backups:\n\(run?.lines.joined(separator: "\n") ?? "")")
    }

    func stop() throws {
        client = nil
        try run?.signal(.quit)
        try run?.waitForExit(within: 60)
        run = nil
    }

    func qmp(_ command: String, _ arguments: JSONValue? = nil) throws -> ClientMessage {
        try #require(client).execute(QMPCommand(command, arguments), until: .within(60))
    }

    /// Runs qemu-io on a drive, through whatever stands between the guest and the disk.
    @discardableResult
    func io(_ line: String, on disk: Int = 0) throws -> String {
        let line = "qemu-io -d drive\(disk) \"\(line)\""
        return try qmp("human-monitor-command", ["command-line": .string(line)]).result?.text ?? ""
    }

    /// Writes bytes of one value, as the guest would.
    func write(_ value: Int, at offset: Int, _ length: Int, on disk: Int = 0) throws {
        try io("write -P \(value) \(offset) \(length)", on: disk)
        let file = try #require(FileHandle(forUpdatingAtPath: "\(workspace.path)/expected\(disk)"))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(repeating: UInt8(value), count: length))
        try file.close()
    }

    /// Of forty writes, each overwriting what a backup has yet to copy.
    func slowestWrite() throws -> Duration {
        var slowest = Duration.zero
        for place in 0..<40 {
            let began = Instant.now()
            try write(9, at: place << 20, 64 << 10)
            slowest = max(slowest, .now() - began)
        }
        return slowest
    }

    /// Runs a subcommand, and gives its exit code and all it printed.
    func drover(_ words: String...) throws -> (status: WaitStatus, output: String) {
        let command = try DroverRun(words, variables)
        let status = try command.waitForExit(within: 120)
        return (status, command.lines.joined(separator: "\n"))
    }

    /// Makes a backup, which must succeed, and notes what the disks hold.
    @discardableResult
    func backup(_ words: String...) throws -> JSONValue {
        let deadline = Instant.within(60)
        var (status, text) = (WaitStatus.exited(1), "a backup is under way")
        // The order of a client that was killed may only now have been taken up.
        while text.contains("a backup is under way"), Instant.now() < deadline {
            let command = try DroverRun(["backup", "now", "--json"] + words, variables)
            status = try command.waitForExit(within: 120)
            text = command.lines.joined(separator: "\n")
        }
        guard status == .exited(0), let json = try? JSONParser.parse(Array(text.utf8)) else {
            throw TestFailure("backup now \(status): \(text)\n\(run?.lines.suffix(20).joined(separator: "\n") ?? "")")
        }
        note(try #require(json["id"]?.text))
        return json
    }

    func note(_ id: String) {
        let copies = (0..<disks).map { "\(workspace.path)/expected\($0)-\(id)" }
        for (disk, copy) in copies.enumerated() {
            _ = try? shell("cp --sparse=always '\(workspace.path)/expected\(disk)' '\(copy)'")
        }
        points.append((id, copies))
    }

    /// Compares every disk of every backup with what it is to hold.
    func checkPoints() throws {
        for (id, copies) in points {
            for (disk, copy) in copies.enumerated() {
                let file = "\(workspace.path)/backups/\(id)/disk\(disk).qcow2"
                let result = try shell(
                    "qemu-img check -q '\(file)' && qemu-img compare -f raw -F qcow2 '\(copy)' '\(file)' 2>&1; true")
                #expect(result.contains("Images are identical"), "\(id) disk\(disk): \(result)")
            }
        }
    }

    /// Those of the child that makes backups, and its own.
    func servicePID() throws -> Int32 {
        try child(of: #require(run).pid, "backup\0serve")
    }

    /// The nodes and jobs of a backup that are in QEMU.
    func nodesAndJobs() throws -> [String] {
        let nodes = try qmp("query-named-block-nodes", ["flat": true]).result?.elements ?? []
        let jobs = try qmp("query-jobs").result?.elements ?? []
        return (nodes.compactMap { $0["node-name"]?.text } + jobs.compactMap { $0["id"]?.text }).filter {
            $0.hasPrefix("drover-backup-")
        }
    }

    /// Those, and bitmaps and files that a backup must not leave.
    func leftovers() throws -> [String] {
        let nodes = try qmp("query-named-block-nodes", ["flat": true]).result?.elements ?? []
        let bitmaps = nodes.flatMap { $0["dirty-bitmaps"]?.elements ?? [] }.compactMap { $0["name"]?.text }
        let files = try shell(
            "cd '\(workspace.path)'; find . -name '*.partial' -o -name '.drover-fleece*'"
        ).split(separator: "\n")
        return try nodesAndJobs() + files.map(String.init) + (bitmaps.count > disks ? bitmaps : [])
    }
}
