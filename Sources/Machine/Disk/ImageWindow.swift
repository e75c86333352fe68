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

/// Big-endian fields of a header; nil outside.
struct HeaderBytes {
    let bytes: [UInt8]

    func uint32(_ offset: Int) -> UInt32? {
        guard let field = slice(offset, 4) else { return nil }
        return field.reduce(0) { $0 << 8 | UInt32($1) }
    }

    func uint64(_ offset: Int) -> UInt64? {
        guard let field = slice(offset, 8) else { return nil }
        return field.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// - Returns: nil unless all of it is there.
    func slice(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
        return bytes[offset..<(offset + count)]
    }
}
