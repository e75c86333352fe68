import QMP

/// What a backup calls its nodes, bitmaps and jobs in QEMU. No client below `full` may touch them.
struct BackupNames: Equatable, Sendable {
    static let prefix = BackupOrder.reservedPrefix
    /// Bitmaps on the first disk that hold nothing: while they are there, a backup has paused the guest, or has had its file
    /// systems frozen. They go with QEMU, as the pause does.
    static let paused = prefix + "paused"
    static let frozen = prefix + "frozen"
    /// On the node of `access`.
    static let changes = prefix + "changes"

    let disk: String

    /// Between the guest and the disk: what is about to be overwritten is copied into the fleece first.
    var filter: String { Self.prefix + "filter-" + disk }
    var fleece: String { Self.prefix + "fleece-" + disk }
    /// The disk as it was at the point in time.
    var access: String { Self.prefix + "access-" + disk }
    var target: String { Self.prefix + "target-" + disk }
    var job: String { Self.prefix + "job-" + disk }

    static func disk(filteredBy node: String) -> String? {
        node.hasPrefix(prefix + "filter-") ? String(node.dropFirst((prefix + "filter-").count)) : nil
    }

    /// What the guest changes from that backup on.
    static func bitmap(of id: BackupID) -> String { prefix + id.text }

    /// Nil for one that is no backup's.
    static func backup(ofBitmap name: String) -> BackupID? {
        name.hasPrefix(prefix) ? BackupID(String(name.dropFirst(prefix.count))) : nil
    }
}
