import JSON

/// What the folder has, and what has come of the backups, as metrics tell it.
struct BackupFigures {
    /// Since this process was started.
    var good = 0
    var failed = 0
    private(set) var points = 0
    private var newest: Manifest?
    /// The last test, and the last that has passed.
    private var test: TestResult?
    private var pass: TestResult?
    /// Of those that were verified last, all at once.
    private var verified: [VerifyResult] = []
    private var verifiedAt: Int?

    /// - Parameter list: nil: the folder cannot be read now.
    mutating func read(_ list: BackupList?) {
        guard let list else { return }
        (points, newest) = (list.backups.count, list.backups.last)
        test = list.tests.values.max { $0.second < $1.second }
        let second = list.verifications.values.map(\.second).max()
        verified = list.verifications.values.filter { $0.second == second }
        verifiedAt = list.verifications.values.filter(\.isGood).map(\.second).max()
        pass = list.tests.values.filter(\.hasPassed).max { $0.second < $1.second }
    }

    var jsonValue: JSONValue {
        [
            "failed": .integer(failed), "good": .integer(good),
            "newest": newest.map { manifest in
                [
                    "bytes": .integer(manifest.bytes), "second": .integer(manifest.id.second),
                    "seconds": .double(manifest.seconds),
                ]
            }, "passedAt": pass.map { .integer($0.second) }, "points": .integer(points),
            "testPassed": test.map { .boolean($0.hasPassed) }, "verifiedAt": verifiedAt.map { .integer($0) },
            "verifiedGood": verified.isEmpty ? nil : .boolean(verified.allSatisfy(\.isGood)),
        ]
    }
}
