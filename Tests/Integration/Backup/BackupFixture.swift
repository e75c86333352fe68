import Backup
import Foundation
import Machine
import TestSupport

/// Backups of a machine with two disks, a qcow2 and a raw one, made by qemu-img: a full one and increments; and what the disks
/// held at each point.
struct BackupFixture {
    let workspace: Workspace
    var folder: String { "\(workspace.path)/backups" }
    let ids: [BackupID]

    static let start = 1_795_770_000

    init(increments: Int = 3) throws {
        workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && mkdir backups expected && qemu-img create -q -f qcow2 one.qcow2 16M && truncate -s 8M two.raw
            qemu-io -f qcow2 -c 'write -P 1 0 4M' one.qcow2 && qemu-io -f raw -c 'write -P 1 0 1M' two.raw
            qemu-img bitmap --add one.qcow2 drover-test
            """)
        let writer = try BackupWriter(try BackupFolder("\(workspace.path)/backups"), holder: "a test")
        let guest = try writer.guestID()
        var ids: [BackupID] = []
        for number in 0...increments {
            let id = BackupID(atSecond: Self.start + number * 3600, existing: ids)
            let path = try writer.begin(id)
            if number == 0 {
                try shell(
                    """
                    cd '\(workspace.path)' && qemu-img convert -O qcow2 one.qcow2 '\(path)/disk0.qcow2'
                    qemu-img convert -f raw -O qcow2 two.raw '\(path)/disk1.qcow2'
                    """)
            }
            for (name, disk, format) in [("disk0", "one.qcow2", "qcow2"), ("disk1", "two.raw", "raw")] where number > 0
            {
                let writes = "-c 'write -P \(number + 1) \(number)M 128k' -c 'write -P \(number + 1) 64k 64k'"
                try shell(
                    """
                    cd '\(path)' && qemu-img create -q -f qcow2 -F qcow2 -b '../\(ids[number - 1])/\(name).qcow2' \(name).qcow2
                    qemu-io -f qcow2 \(writes) \(name).qcow2 && qemu-io -f \(format) \(writes) '\(workspace.path)/\(disk)'
                    """)
            }
            try shell(
                """
                cd '\(workspace.path)' && qemu-img convert -O raw one.qcow2 expected/\(number)-disk0 &&
                  cp --sparse=always two.raw expected/\(number)-disk1
                """)
            let disks = try [("disk0", Int64(16 << 20)), ("disk1", 8 << 20)].map { name, size in
                let (digest, bytes) = try writer.measure(name, of: id)
                return Manifest.Disk(
                    name: name, virtualSize: size, fileSize: bytes, digest: digest,
                    sourceFormat: name == "disk0" ? .qcow2 : .raw,
                    bitmap: name == "disk0" ? "drover-\(id)" : nil)
            }
            try writer.complete(
                Manifest(
                    id: id, guest: guest, kind: ids.last.map(Manifest.Kind.increment) ?? .full(reason: "the first"),
                    seconds: 1, consistency: .crashConsistent, consistencyReason: "a test", qemuVersion: "7.2",
                    machineType: "pc-i440fx-7.2", droverVersion: "0", disks: disks, configuration: []))
            ids.append(id)
        }
        self.ids = ids
    }

    func variables(_ more: [String: String] = [:]) -> [String: String] {
        workspace.variables(
            disk: "\(workspace.path)/one.qcow2",
            ["QEMU_DISKS": "\(workspace.path)/two.raw:raw", "BACKUP_DIR": folder].merging(more) { $1 })
    }

    /// - Returns: the exit code, and what it printed to stdout and stderr.
    func drover(_ words: [String], _ more: [String: String] = [:]) throws -> (status: Int32, output: String) {
        let command = try DroverRun(words, variables(more))
        guard case .exited(let status) = try command.waitForExit(within: 60) else { throw TestFailure("it was killed") }
        return (status, command.lines.joined(separator: "\n"))
    }

    /// Whether a file holds what a disk held at a point.
    func holds(_ file: String, _ number: Int, _ disk: String) throws -> Bool {
        try shell(
            """
            cd '\(workspace.path)' && format=$(qemu-img info '\(file)' | sed -n 's/^file format: //p')
            qemu-img compare -q -f "$format" -F raw '\(file)' expected/\(number)-\(disk) && echo same || echo different
            """) == "same\n"
    }

    func files(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(workspace.path)/\(folder)").sorted()
    }
}
