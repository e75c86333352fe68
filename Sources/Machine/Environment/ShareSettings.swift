import Basics

extension Configuration {
    /// How the guest gets the shared folder.
    public enum ShareMode: String, CaseIterable, Sendable { case ro, rw, cd }

    /// A folder of the host's for the guest. Without a directory there is none.
    public struct ShareSettings: Equatable, Sendable {
        public var directory: String?
        public var mode = ShareMode.ro

        /// The image of a CD lies in memory, and beside it for a moment the next one.
        public static let largestCD = MiB(128)

        /// What is said to who wants another CD where there is none.
        public static let noCD =
            "the guest has no CD of a shared folder; set SHARE_DIR and SHARE_MODE=cd, and start it again"

        /// The folder as a CD, which is made anew at will.
        public var isCD: Bool { directory != nil && mode == .cd }
    }
}
