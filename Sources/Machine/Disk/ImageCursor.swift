/// Reads a table of an image from its start on, a window at a time. Past the end of the file there are zeros, as QEMU
/// reads them.
struct ImageCursor {
    private(set) var offset: UInt64
    private let window: ImageWindow
    /// What the messages call it.
    private let name: String
    private var buffer: ArraySlice<UInt8> = []

    init(_ window: ImageWindow, at offset: UInt64, _ name: String) {
        (self.window, self.offset, self.name) = (window, offset, name)
    }

    /// - Parameter count: no more than a window holds.
    mutating func take(_ count: Int) throws(DiskHeader.Problem) -> HeaderBytes {
        if buffer.count < count { try fill() }
        let taken = Array(buffer.prefix(count))
        skip(count)
        return HeaderBytes(bytes: taken + [UInt8](repeating: 0, count: count - taken.count))
    }

    mutating func skip(_ count: Int) {
        buffer = buffer.dropFirst(count)
        offset += UInt64(count)
    }

    /// Past the padding of an entry, which begins at a multiple of eight bytes.
    mutating func align() {
        skip(Int((8 - offset % 8) % 8))
    }

    private mutating func fill() throws(DiskHeader.Problem) {
        let wanted = min(UInt64(ImageWindow.limit), UInt64(window.size) - min(UInt64(window.size), offset))
        buffer = try window.prefix(at: offset, ImageWindow.limit)[...]
        if UInt64(buffer.count) < wanted { throw .truncated(name) }
    }
}
