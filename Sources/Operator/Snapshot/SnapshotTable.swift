import Basics
import JSON
import Machine
import QMP

/// The snapshots of a machine's disks.
public struct SnapshotTable: Equatable, Sendable {
    /// Of one disk.
    struct Disk: Equatable, Sendable {
        /// The node's name in a run; the file's else.
        let name: String
        /// QEMU's name for it, such as `qcow2`.
        let format: String
        let snapshots: [Entry]
        let bitmaps: [String]

        /// Those of `drover backup`, which a revert takes away.
        var backupBitmaps: [String] { bitmaps.filter { $0.hasPrefix(BackupOrder.reservedPrefix) } }

        /// The only one of QEMU's formats for disks that has snapshots.
        var canHoldSnapshots: Bool { format == "qcow2" }
    }

    struct Entry: Equatable, Sendable {
        let name: String
        /// A second since 1970.
        let taken: Int
        /// Bytes of the guest's memory; 0: none was kept.
        let memory: Int64

        /// QAPI schema, SnapshotInfo.
        init(_ json: JSONValue) throws(JSONMismatch) {
            name = try json.string("name")
            taken = try json.integer("date-sec")
            memory = try json.integer("vm-state-size")
        }

        init(name: String, taken: Int, memory: Int64) {
            (self.name, self.taken, self.memory) = (name, taken, memory)
        }
    }

    /// One snapshot of all the disks that have it.
    public struct Snapshot: Equatable, Sendable {
        let name: String
        let taken: Int
        let memory: Int64
        let disks: [String]

        var time: String { Timestamp.text(ofSecond: taken) }
    }

    let disks: [Disk]

    /// In the order in which they were taken.
    public var snapshots: [Snapshot] {
        var names: [String] = []
        for entry in disks.flatMap(\.snapshots) where !names.contains(entry.name) { names.append(entry.name) }
        return names.compactMap { name in
            let found = disks.compactMap { disk in
                disk.snapshots.first { $0.name == name }.map { (disk: disk.name, entry: $0) }
            }
            guard let first = found.first?.entry else { return nil }
            return Snapshot(
                name: name, taken: first.taken, memory: found.map(\.entry.memory).max() ?? 0, disks: found.map(\.disk))
        }.sorted { ($0.taken, $0.name) < ($1.taken, $1.name) }
    }

    // MARK: What can be done

    /// - Throws: why none can be taken under that name.
    func checkCreation(of name: SnapshotName) throws(ClientFailure) {
        guard !disks.isEmpty else { throw ClientFailure(.no, "the machine has no disk that it writes to") }
        try checkNoBackup()
        for disk in disks where !disk.canHoldSnapshots {
            throw ClientFailure(
                .no,
                "\(disk.name) is \(disk.format), which has no snapshots, and the others' would not fit it; "
                    + "convert it to qcow2, or make it read-only")
        }
        if snapshots.contains(where: { $0.name == name.text }) {
            throw ClientFailure(.no, "there is a snapshot \(name.text); delete it first, or take another name")
        }
    }

    func find(_ name: SnapshotName) throws(ClientFailure) -> Snapshot {
        if let snapshot = snapshots.first(where: { $0.name == name.text }) { return snapshot }
        let names = snapshots.map { terminalLine($0.name) }
        throw ClientFailure(
            .no,
            "there is no snapshot \(name.text); "
                + (names.isEmpty ? "there is none at all" : "there \(names.count == 1 ? "is" : "are") ")
                + names.joined(separator: ", "))
    }

    /// - Throws: why the disks cannot be brought back to it, none of which has been touched then.
    func checkRevert(to snapshot: Snapshot) throws(ClientFailure) {
        let without = disks.map(\.name).filter { !snapshot.disks.contains($0) }
        guard without.isEmpty else {
            throw ClientFailure(
                .no,
                "\(without.joined(separator: " and ")) \(without.count == 1 ? "is" : "are") not in the snapshot "
                    + "\(snapshot.name), and would not fit the other disks")
        }
        try checkNoBackup()
        for disk in disks where disk.bitmaps.count > disk.backupBitmaps.count {
            throw ClientFailure(
                .no,
                "\(disk.name) has dirty bitmaps (\(terminalLine(disk.bitmaps.joined(separator: ", ")))), with which QEMU "
                    + "reverts no disk; remove them by block-dirty-bitmap-remove; what is backed up by them needs a full one next"
            )
        }
    }

    var hasBackupBitmaps: Bool { disks.contains { !$0.backupBitmaps.isEmpty } }

    /// While one is made, its filter is what the guest has for a disk.
    private func checkNoBackup() throws(ClientFailure) {
        if disks.contains(where: { $0.name.hasPrefix(BackupOrder.reservedPrefix) }) {
            throw ClientFailure(.no, "a backup is under way; wait for it, or: drover backup cancel")
        }
    }

    // MARK: Text

    public var text: String {
        if snapshots.isEmpty { return "no snapshots\n" }
        let rows = snapshots.map { snapshot in
            let memory = snapshot.memory == 0 ? "none" : "\(MiB(bytes: snapshot.memory))"
            return [snapshot.name, snapshot.time, memory, snapshot.disks.joined(separator: " ")].map {
                terminalLine($0)
            }
        }
        return aligned([["NAME", "TAKEN", "MEMORY", "DISKS"]] + rows).map { $0 + "\n" }.joined()
    }

    public var jsonValue: JSONValue {
        .array(
            snapshots.map {
                [
                    "disks": .strings($0.disks), "memory": .integer($0.memory), "name": .string($0.name),
                    "taken": .string($0.time),
                ]
            })
    }
}

extension SnapshotTable.Disk {
    /// Of a run (QAPI schema, BlockInfo); nil for a drive without a medium, for what the guest cannot write to, and for UEFI's
    /// variables: QEMU has all of them in memory, and writes them out again when that is read back.
    init?(ofRun json: JSONValue) throws(JSONMismatch) {
        guard json.has("inserted") else { return nil }
        let inserted = try json.member("inserted")
        guard inserted.has("node-name"), inserted["node-name"]?.text != UEFIFirmware.variablesNode,
            try !inserted.boolean("ro")
        else { return nil }
        var bitmaps: [String] = []
        if inserted.has("dirty-bitmaps") {
            bitmaps = try inserted.list("dirty-bitmaps") { bitmap throws(JSONMismatch) in bitmap["name"]?.text ?? "" }
        }
        self.init(
            name: try inserted.string("node-name"), format: try inserted.string("drv"),
            snapshots: try Self.snapshots(try inserted.member("image")), bitmaps: bitmaps)
    }

    /// Of `qemu-img info` (QAPI schema, ImageInfo), which lists a qcow2's bitmaps in its own part.
    init(ofImage json: JSONValue, named name: String) throws(JSONMismatch) {
        let bitmaps = json["format-specific"]?["data"]?["bitmaps"]?.elements ?? []
        self.init(
            name: name, format: try json.string("format"), snapshots: try Self.snapshots(json),
            bitmaps: bitmaps.map { $0["name"]?.text ?? "" })
    }

    private static func snapshots(_ image: JSONValue) throws(JSONMismatch) -> [SnapshotTable.Entry] {
        image.has("snapshots") ? try image.list("snapshots", SnapshotTable.Entry.init) : []
    }
}
