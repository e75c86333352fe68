import JSON
import Linux
import Operator
import QMP

/// What a backup asks of QEMU.
struct BlockCommands {
    /// For an answer. QEMU may have to wait for a disk first.
    static let patience = Duration.seconds(30)

    let client: QMPClient

    @discardableResult
    func run(_ name: String, _ arguments: JSONValue? = nil) throws(ClientFailure) -> JSONValue {
        let answer = try client.expectSuccess(of: QMPCommand(name, arguments), until: .now() + Self.patience)
        return answer.result ?? .null
    }

    /// For what may be gone already, or not be there yet.
    func tryRun(_ name: String, _ arguments: JSONValue? = nil) throws(ClientFailure) {
        _ = try client.execute(QMPCommand(name, arguments), until: .now() + Self.patience)
    }

    func disks() throws(ClientFailure) -> [RunningDisk] {
        let drives = try run("query-block")
        let nodes = try run("query-named-block-nodes", ["flat": true])
        return try understood("query-block") { () throws(JSONMismatch) in
            try RunningDisk.find(drives: drives, nodes: nodes)
        }
    }

    func understood<Result>(
        _ command: String, _ read: () throws(JSONMismatch) -> Result
    ) throws(ClientFailure) -> Result {
        do throws(JSONMismatch) {
            return try read()
        } catch {
            throw ClientFailure(.broken, "\(command): QEMU's answer is not understood (\(error))")
        }
    }

    func addBitmap(_ name: String, to node: String, isPersistent: Bool) throws(ClientFailure) {
        try run(
            "block-dirty-bitmap-add",
            ["node": .string(node), "name": .string(name), "persistent": .boolean(isPersistent)])
    }

    func removeBitmap(_ name: String, from node: String) throws(ClientFailure) {
        try run("block-dirty-bitmap-remove", ["node": .string(node), "name": .string(name)])
    }

    /// Ends QEMU's connections to the servers of targets, which a volume that does not answer may keep from ending, and waits a
    /// moment for the jobs to hear of it. They do not while a server has not read what it was sent: it is to be killed then, and
    /// not before.
    func cutTargets(of disks: [RunningDisk]) throws(ClientFailure) {
        let present = try nodes()
        let targets = disks.map(\.names.target).filter(present.contains)
        guard !targets.isEmpty else { return }
        _ = try client.execute(.cut(targets), until: .now() + Self.patience)
        let deadline = Instant.now() + .seconds(1)
        while try jobs().contains(where: { $0["status"]?.text != "concluded" }), Instant.now() < deadline {
            try client.pause(until: .now() + .milliseconds(10))
        }
    }

    /// The names of all block nodes.
    func nodes() throws(ClientFailure) -> Set<String> {
        let nodes = try run("query-named-block-nodes", ["flat": true]).elements ?? []
        return Set(nodes.compactMap { $0["node-name"]?.text })
    }

    /// A backup's, as `query-jobs` has them.
    func jobs() throws(ClientFailure) -> [JSONValue] {
        (try run("query-jobs").elements ?? []).filter { $0["id"]?.text?.hasPrefix(BackupNames.prefix) ?? false }
    }

    /// Has the guest's reads and writes go through that node.
    func setDrive(of disk: RunningDisk, to node: String) throws(ClientFailure) {
        try run("qom-set", ["path": .string(disk.device), "property": "drive", "value": .string(node)])
    }
}
