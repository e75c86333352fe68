/// What an image holds: the files and directories at its top.
public struct ISOTree: Equatable, Sendable {
    public var files: [ISOFile]
    public var directories: [ISODirectory]
    public var date = ISODate.constant

    // What a seed can hold.

    /// Of a file, in bytes.
    public static let largestFile = 1 << 20
    /// Of a name, in characters of Unicode's basic plane, which are Joliet's.
    public static let longestName = 64
    /// Files and directories together, at every level.
    public static let mostEntries = 256
    /// The root is the first of the levels (ECMA-119 §6.8.2.1).
    public static let mostLevels = 8

    public init(files: [ISOFile], directories: [ISODirectory] = []) {
        self.files = files
        self.directories = directories
    }

    /// Every file with its path, such as `drover/hostname`: those at the top first.
    public var allFiles: [(path: String, file: ISOFile)] {
        files.map { ($0.name, $0) } + directories.flatMap { $0.allFiles(in: "") }
    }
}
