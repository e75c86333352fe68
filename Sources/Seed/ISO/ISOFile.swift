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
