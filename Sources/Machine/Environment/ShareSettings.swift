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

        /// The folder as a CD, which is made anew at will.
        public var isCD: Bool { directory != nil && mode == .cd }
    }
}
