import Glibc

extension UnsafeRawBufferPointer {
    /// memchr(3): a line may have millions of bytes.
    func firstOffset(of byte: UInt8, from start: Int) -> Int? {
        guard let baseAddress, start < count else { return nil }
        guard let found = memchr(baseAddress + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - baseAddress
    }
}
