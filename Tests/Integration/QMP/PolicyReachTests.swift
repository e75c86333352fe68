import Foundation
import JSON
import Linux
import TestSupport
import Testing

@testable import Operator
@testable import QMP

/// What a level of `QMP_POLICY` reaches in a real QEMU.
struct PolicyReachTests {
    private let workspace: Workspace
    private let credentials: Credentials

    init() throws {
        workspace = try Workspace()
        credentials = try Credentials(workspace)
    }

    private func start(_ more: [String: String], by prefix: [String] = []) throws -> (DroverRun, QMPClient) {
        let variables = try workspace.variables(
            disk: workspace.disk(.mach), credentials.variables().merging(more) { $1 })
        let run = try DroverRun(["run"], variables, by: prefix)
        try run.wait(for: "the guest runs", within: 60)
        return (run, try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: soon()))
    }

    private func ask(_ client: QMPClient, _ name: String, _ arguments: JSONValue? = nil) throws -> ClientMessage {
        try client.execute(QMPCommand(name, arguments), until: soon())
    }

    private func refusal(_ reply: ClientMessage) -> String? {
        if case .failure(_, let description) = reply.kind { description } else { nil }
    }

    // MARK: The operator

    @Test func anOperatorMakesABackupAndReachesNeitherTheSeedNorAFileThatIsThere() throws {
        let folder = workspace.path
        let elsewhere = try TemporaryFolder()
        let precious = try elsewhere.file("precious", [UInt8](repeating: 7, count: 100_000))
        try shell("cp '\(precious)' '\(folder)/precious'; ln -s '\(precious)' '\(folder)/link.raw'")
        try shell("ln -s '\(elsewhere.path)' '\(folder)/folder'; ln -s /proc/self/fd '\(folder)/descriptors'")
        let (run, client) = try start(["QMP_POLICY": "operator"])
        let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()

        func file(_ path: String) -> JSONValue { ["driver": "file", "filename": .string(path), "node-name": "x"] }
        func image(_ path: String) -> JSONValue {
            ["job-id": "j", "options": ["driver": "file", "filename": .string(path), "size": 4096]]
        }
        let backup: JSONValue = ["device": "seed", "target": "disk0", "sync": "full", "job-id": "b"]
        let refused: [(String, JSONValue)] = [
            ("blockdev-backup", backup), ("blockdev-mirror", backup),
            ("transaction", ["actions": [["type": "blockdev-backup", "data": backup]]]),
            ("blockdev-backup", ["device": "seed-file", "target": "disk0", "sync": "full", "job-id": "b"]),
            ("blockdev-backup", ["device": "seed-cd", "target": "disk0", "sync": "full", "job-id": "b"]),
            ("blockdev-add", ["driver": "raw", "file": "seed-file", "node-name": "x"]),
            ("blockdev-add", ["driver": "raw", "file": "seed", "node-name": "x"]),
            ("blockdev-reopen", ["options": [["driver": "raw", "node-name": "disk0", "file": "seed-file"]]]),
            ("blockdev-del", ["node-name": "seed"]), ("block-commit", ["device": "seed"]),
            ("block-stream", ["device": "disk0", "base-node": "seed-file"]),
            ("blockdev-add", file("/dev/fdset/1")), ("blockdev-add", file("/proc/self/fd/6")),
            ("blockdev-add", file("\(folder)/descriptors/6")), ("blockdev-add", file("\(folder)/precious")),
            ("blockdev-add", file("/\(folder)/./precious")), ("blockdev-add", file("\(folder)/link.raw")),
            ("blockdev-add", file("\(folder)/folder/precious")), ("blockdev-add", file("\(folder)/root")),
            ("blockdev-create", image("\(folder)/precious")), ("blockdev-create", image("/\(folder)//precious")),
            ("blockdev-create", image("\(folder)/link.raw")), ("blockdev-create", image("\(folder)/folder/new.raw")),
            ("blockdev-create", image("\(folder)/root")), ("blockdev-create", image("\(folder)/run/last-stop")),
            ("blockdev-create", image("/dev/shm/new.raw")),
            ("screendump", ["filename": .string("\(folder)/folder/a.png")]),
            ("human-monitor-command", ["command-line": .string("screendump \(folder)/folder/a.png")]),
        ]
        for (name, arguments) in refused {
            let reason = refusal(try ask(client, name, arguments))
            #expect(reason?.contains("is not permitted by QMP_POLICY=operator") == true, "\(name) \(arguments)")
        }
        for secret in [credentials.rootPassword, "\(credentials.folder)/root"] {
            let add: JSONValue = ["driver": "file", "filename": .string(secret), "read-only": true, "node-name": "x"]
            #expect(refusal(try ask(client, "blockdev-add", add)) != nil)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == ["precious"])
        for path in [precious, "\(folder)/precious"] {
            #expect(try readFile(path, limit: 1 << 20) == [UInt8](repeating: 7, count: 100_000))
        }

        // What the level is for: a backup into a new file.
        let nodes = try ask(client, "query-named-block-nodes").result?.elements ?? []
        let disk = try #require(nodes.first { $0["node-name"]?.text == "disk0" })
        let size = try #require(disk["image"]?["virtual-size"]?.integer(as: Int.self))
        let copy = "\(folder)/copy.raw"
        let options: JSONValue = ["driver": "file", "filename": .string(copy), "size": .integer(size)]
        let deadline = Instant.within(120)
        try client.runJob(QMPCommand("blockdev-create", ["job-id": "j", "options": options]), id: "j", until: deadline)
        let target: JSONValue = ["driver": "file", "filename": .string(copy), "node-name": "copy"]
        try #require(refusal(try ask(client, "blockdev-add", target)) == nil)
        try client.runJob(
            QMPCommand(
                "blockdev-backup",
                ["device": "disk0", "target": "copy", "sync": "full", "job-id": "b", "auto-dismiss": false]),
            id: "b", until: deadline)
        #expect(try readFile(copy, limit: 1 << 30).contains { $0 != 0 })
        // Once there is something in it, it stays.
        try #require(refusal(try ask(client, "blockdev-del", ["node-name": "copy"])) == nil)
        #expect(refusal(try ask(client, "blockdev-add", target)) != nil)
        #expect(refusal(try ask(client, "blockdev-create", image(copy))) != nil)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    // MARK: The reader

    /// Every property of every object, and every query that takes no arguments.
    @Test func aReaderReadsNoSecretAndQEMUSurvivesIt() throws {
        let password = String(UUID().uuidString.lowercased().suffix(7)) + "!"
        try shell("printf %s '\(password)' > '\(workspace.path)/vnc'; chmod 600 '\(workspace.path)/vnc'")
        let (run, client) = try start(
            ["QMP_POLICY": "read-only", "ENABLE_VNC": "1", "VNC_PASSWORD_FILE": "\(workspace.path)/vnc"],
            by: DroverRun.inOwnNetwork)
        let secrets = [password, credentials.rootPassword, "$6$", "$y$"]
        var read = 0
        func look(_ reply: ClientMessage, _ what: String) {
            read += 1
            let text = String(decoding: reply.line, as: UTF8.self)
            for secret in secrets { #expect(!text.contains(secret), "\(what)") }
        }
        func walk(_ path: String) throws {
            for property in try ask(client, "qom-list", ["path": .string(path)]).result?.elements ?? [] {
                let name = property["name"]?.text ?? ""
                if property["type"]?.text?.hasPrefix("child<") == true {
                    try walk(path == "/" ? "/\(name)" : "\(path)/\(name)")
                } else {
                    let value = try ask(client, "qom-get", ["path": .string(path), "property": .string(name)])
                    look(value, "\(path) \(name)")
                }
            }
        }
        try walk("/")
        #expect(read > 1000, "the objects were not seen")
        for name in QMPPolicyTable.commands.flatMap(QMPPolicyTable.names) where name.hasPrefix("query-") {
            look(try ask(client, name), name)
        }
        for topic in QMPPolicyTable.topics.flatMap(QMPPolicyTable.names) {
            look(try ask(client, "human-monitor-command", ["command-line": .string("info \(topic)")]), topic)
        }
        let refused = refusal(try ask(client, "qom-get", ["path": "/objects/vnc-password", "property": "data"]))
        #expect(refused?.contains("data of a secret") == true)
        #expect(try ask(client, "query-status").result?["running"]?.boolean == true)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }
}
