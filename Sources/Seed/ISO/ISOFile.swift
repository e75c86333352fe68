/// A file of an image.
public struct ISOFile: Equatable, Sendable {
    public var name: String
    /// Empty when the bytes are written by whoever has them.
    public var contents: [UInt8]
    private let announcedSize: Int?
    /// In bytes.
    public var size: Int { announcedSize ?? contents.count }
    /// Permission bits, such as 0o400; owner and group are root.
    public var mode: UInt16
    public var date: ISODate
    /// Where whoever writes the bytes has them from.
    public var source = ""

    /// The default mode is root's alone: a seed holds password hashes.
    public init(name: String, contents: [UInt8], mode: UInt16 = 0o400) {
        (self.name, self.contents, self.mode) = (name, contents, mode)
        announcedSize = nil
        date = .constant
    }

    /// A file whose `size` bytes are written behind `ISOImage.front`.
    public init(name: String, size: Int, mode: UInt16, date: ISODate, source: String) {
        (self.name, self.mode, self.date) = (name, mode, date)
        announcedSize = size
        self.source = source
        contents = []
    }
}
