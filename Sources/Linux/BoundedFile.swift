/// Reads a file of at most `limit` bytes, without ever blocking on what is not a regular file.
///
/// - Throws: `.tooLarge` when there is more, `.isDirectory`, or what open(2) and read(2) say.
public func readFile(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    try Descriptor.open(path, .nonBlocking).readToEnd(limit: limit)
}

extension Descriptor {
    /// Reads to the end of a file, or until nobody writes into a pipe any more.
    ///
    /// - Throws: `.tooLarge` when there are more than `limit` bytes, or what read(2) says.
    public func readToEnd(limit: Int) throws(Errno) -> [UInt8] {
        // Grown as needed: most files are far below their bound, and touching memory is what costs here.
        var bytes = [UInt8](repeating: 0, count: min(limit + 1, 4096))
        var count = 0
        while count <= limit {
            if count == bytes.count { bytes += repeatElement(0, count: min(count, limit + 1 - count)) }
            let got = try read(into: &bytes, from: count)
            if got == 0 { break }
            count += got
        }
        if count > limit { throw .tooLarge }
        bytes.removeSubrange(count...)
        return bytes
    }
}
