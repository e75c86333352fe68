import JSON

/// What metrics tell of the backups.
struct BackupFigures {
    /// Since this process was started.
    var good = 0
    var failed = 0
    private var points = 0
    private var newest: Manifest?

    /// - Parameter list: nil: the folder cannot be read now.
    mutating func read(_ list: BackupList?) {
        guard let list else { return }
        (points, newest) = (list.backups.count, list.backups.last)
    }

    var jsonValue: JSONValue {
        [
            "failed": .integer(failed), "good": .integer(good),
            "newest": newest.map { manifest in
                [
                    "bytes": .integer(manifest.bytes), "second": .integer(manifest.id.second),
                    "seconds": .double(manifest.seconds),
                ]
            }, "points": .integer(points),
        ]
    }
}
