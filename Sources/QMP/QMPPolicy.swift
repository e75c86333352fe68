/// What clients may ask of QEMU (`QMP_POLICY`).
public struct QMPPolicy: Sendable {
    public enum Level: String, Comparable, CaseIterable, Sendable {
        case readOnly = "read-only"
        case `operator`, full

        public static func < (left: Level, right: Level) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    let level: Level
    let diskDirectories: [String]
    let runtimeDirectory: String

    /// - Parameters:
    ///   - diskDirectories: absolute paths; images may be made and opened below them.
    ///   - runtimeDirectory: an absolute path; screenshots may be written below it.
    public init(level: Level, diskDirectories: [String], runtimeDirectory: String) {
        self.level = level
        self.diskDirectories = diskDirectories
        self.runtimeDirectory = runtimeDirectory
    }
}
