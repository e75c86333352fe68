import Basics
import JSON
import Linux
import QMP

/// Snapshots of a guest that runs, its memory with its disks. QEMU stops the guest, and does nothing else, while it writes or
/// reads the memory.
public struct LiveSnapshots: Snapshots {
    /// For QEMU's answers; and for a job, which takes as long as the memory is large.
    private static let patience = Duration.seconds(30)
    private static let jobTime = Duration.seconds(3600)
    private static let job = "drover-snapshot"

    private let client: QMPClient
    public let table: SnapshotTable

    public init(_ client: QMPClient) throws(ClientFailure) {
        self.client = client
        let answer = try client.expectSuccess(of: QMPCommand("query-block"), until: .now() + Self.patience)
        do throws(JSONMismatch) {
            var disks: [SnapshotTable.Disk] = []
            for drive in answer.result?.elements ?? [] {
                if let disk = try SnapshotTable.Disk(ofRun: drive) { disks.append(disk) }
            }
            table = SnapshotTable(disks: disks)
        } catch {
            throw ClientFailure(.broken, "query-block: QEMU's answer is not understood (\(error))")
        }
    }

    public func create(_ name: SnapshotName, announce: (String) -> Void) throws(ClientFailure) -> String {
        try table.checkCreation(of: name)
        let answer = try client.expectSuccess(
            of: QMPCommand("query-memory-size-summary"), until: .now() + Self.patience)
        let memory = answer.result?["base-memory"]?.integer(as: Int64.self) ?? 0
        announce(
            "the guest is stopped while what it uses of its \(MiB(bytes: memory)) of memory is written into "
                + "\(table.disks[0].name); health checks fail meanwhile")
        let began = Instant.now()
        try run("snapshot-save", name.text)
        return "snapshot \(name.text) has been taken in \((Instant.now() - began).brief)"
    }

    public func revert(to name: SnapshotName, isAgreed: Bool) throws(ClientFailure) -> String {
        let snapshot = try table.find(name)
        try table.checkRevert(to: snapshot)
        guard snapshot.memory > 0 else {
            throw ClientFailure(
                .no,
                "the snapshot \(name.text) has no memory: it was taken of a stopped machine; stop the guest to revert to it"
            )
        }
        try agree(
            isAgreed,
            "all that the guest has done since \(snapshot.time) will be lost, on its disks and in its memory")
        // QEMU reverts no disk with bitmaps, and what they say would be wrong afterwards.
        let next = table.hasBackupBitmaps ? "; \(try BackupOrders(client).forget().message)" : ""
        try run("snapshot-load", name.text)
        return "the guest goes on as it was at \(snapshot.time), which its clock may still show\(next)"
    }

    public func delete(_ name: SnapshotName, isAgreed: Bool) throws(ClientFailure) -> String {
        let snapshot = try table.find(name)
        try agree(isAgreed, "the guest as it was at \(snapshot.time) will be lost")
        try run("snapshot-delete", name.text, on: snapshot.disks)
        return deleted(name)
    }

    /// The memory is kept on the first disk.
    private func run(_ command: String, _ tag: String, on disks: [String]? = nil) throws(ClientFailure) {
        let disks = disks ?? table.disks.map(\.name)
        let isDeletion = command == "snapshot-delete"
        let arguments: JSONValue = [
            "job-id": .string(Self.job), "tag": .string(tag),
            "vmstate": isDeletion ? nil : disks.first.map(JSONValue.string), "devices": .strings(disks),
        ]
        try client.runJob(QMPCommand(command, arguments), id: Self.job, until: .now() + Self.jobTime)
    }
}
