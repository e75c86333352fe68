/// What an image holds: files and directories at the top, and files in those directories.
public struct ISOTree: Equatable, Sendable {
    public var files: [ISOFile]
    public var directories: [ISODirectory]

    /// Of a file, in bytes.
    public static let largestFile = 1 << 20
    /// Of a name, in characters of Unicode's basic plane, which are Joliet's.
    public static let longestName = 64
    /// Files and directories together, at every level.
    public static let mostEntries = 256

    public init(files: [ISOFile], directories: [ISODirectory] = []) {
        self.files = files
        self.directories = directories
    }
}

/// A file of an image.
public struct ISOFile: Equatable, Sendable {
    public var name: String
    public var contents: [UInt8]
    /// Permission bits, such as 0o400; owner and group are root.
    public var mode: UInt16

    /// The default mode is root's alone: a seed holds password hashes.
    public init(name: String, contents: [UInt8], mode: UInt16 = 0o400) {
        self.name = name
        self.contents = contents
        self.mode = mode
    }
}

/// A directory at the top of an image.
public struct ISODirectory: Equatable, Sendable {
    public var name: String
    public var files: [ISOFile]
    /// Permission bits, such as 0o500; owner and group are root.
    public var mode: UInt16

    public init(name: String, files: [ISOFile], mode: UInt16 = 0o500) {
        self.name = name
        self.files = files
        self.mode = mode
    }
}
