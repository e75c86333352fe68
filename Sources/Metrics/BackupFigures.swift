import JSON

/// What the child that makes backups tells of them, in its report to PID 1 (`figures`).
public struct BackupFigures: Equatable, Sendable {
    public let points: Int
    public let good: Int
    public let failed: Int
    /// Of the newest: since 1970.
    public let second: Int
    public let seconds: Double
    public let bytes: Int
    /// When a test last passed, since 1970.
    public let passedAt: Int?
    /// Whether the last test did.
    public let testPassed: Bool?
    /// When verifying last found nothing wrong, since 1970.
    public let verifiedAt: Int?
    /// Whether the last verifying did.
    public let verifiedGood: Bool?
    /// Of the backup under way, in bytes.
    public let fleece: Int

    /// - Parameter report: all of it.
    init(_ report: JSONValue) throws(JSONMismatch) {
        let figures = try report.member("figures")
        points = try figures.integer("points")
        good = try figures.integer("good")
        failed = try figures.integer("failed")
        let newest = figures.has("newest") ? try figures.member("newest") : nil
        second = try newest?.integer("second") ?? 0
        seconds = try newest?.double("seconds") ?? 0
        bytes = try newest?.integer("bytes") ?? 0
        passedAt = figures.has("passedAt") ? try figures.integer("passedAt") : nil
        testPassed = figures["testPassed"]?.boolean
        verifiedAt = figures.has("verifiedAt") ? try figures.integer("verifiedAt") : nil
        verifiedGood = figures["verifiedGood"]?.boolean
        fleece = report["backup"]?["fleece"]?.integer(as: Int.self) ?? 0
    }

    var samples: [Sample] {
        var samples = [
            Series.backupPoints(points), Series.backupCount(good, "ok"), Series.backupCount(failed, "failed"),
            Series.backupLastSuccess(second), Series.backupFleece(fleece),
        ]
        if second > 0 { samples += [Series.backupDuration(seconds), Series.backupSize(bytes)] }
        if let passedAt { samples.append(Series.backupTested(passedAt)) }
        if let testPassed { samples.append(Series.backupTestOK(testPassed ? 1 : 0)) }
        if let verifiedAt { samples.append(Series.backupVerified(verifiedAt)) }
        if let verifiedGood { samples.append(Series.backupVerifyOK(verifiedGood ? 1 : 0)) }
        return samples
    }
}
