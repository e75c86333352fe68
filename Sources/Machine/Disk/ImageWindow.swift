import Linux

/// Bounded random access to an image file: no read reaches outside of it, none is above `limit`.
///
/// What is asked for comes from the file itself, which nobody vouches for.
public struct ImageWindow {
    /// In bytes.
    public static let limit = 64 * 1024

    /// Reads exactly `count` bytes at `offset`, or fewer when the file has shrunk.
    public typealias Reader = (_ offset: Int64, _ count: Int) throws(Errno) -> [UInt8]

    /// Of the file, in bytes.
    public let size: Int64
    private let read: Reader

    public init(size: Int64, read: @escaping Reader) {
        self.size = max(0, size)
        self.read = read
    }

    /// The bytes at `offset`; fewer than `count` at the end of the file or beyond `limit`.
    func prefix(at offset: UInt64, _ count: Int) throws(DiskHeader.Problem) -> [UInt8] {
        guard let start = Int64(exactly: offset), start < size, count > 0 else { return [] }
        let bounded = Int(min(Int64(min(count, Self.limit)), size - start))
        do throws(Errno) {
            return try read(start, bounded)
        } catch {
            throw .unreadable(error)
        }
    }

    /// Whether `count` bytes at `offset` lie in the file, its last cluster counted in full: QEMU does not always write
    /// a table's last cluster to its end.
    func holds(_ offset: UInt64, _ count: UInt64, clusterSize: UInt64) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(count)
        let clusters = (UInt64(size) + (clusterSize - 1)) / clusterSize
        return !overflow && offset < UInt64(size) && end <= clusters * clusterSize
    }
}

extension ImageWindow {
    /// A regular file or block device, opened without waiting for whatever else may be there.
    public static func open(_ found: FoundFile) throws(Errno) -> ImageWindow {
        guard [.regular, .blockDevice].contains(found.status.kind) else { throw .invalidArgument }
        let file = try found.open(.nonBlocking)
        return ImageWindow(size: try file.seekableSize()) { (offset, count) throws(Errno) in
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let got = try file.read(into: &bytes, from: filled, at: offset + Int64(filled))
                if got == 0 { break }
                filled += got
            }
            bytes.removeSubrange(filled...)
            return bytes
        }
    }
}
