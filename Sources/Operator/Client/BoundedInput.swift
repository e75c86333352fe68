import Linux

/// Reads standard input to its end, waiting for whoever writes it.
///
/// - Returns: `limit` bytes and one at the most; the one more shows that there is too much.
public func readInput(_ input: Descriptor, limit: Int) throws(ClientFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    var count = 0
    do throws(Errno) {
        while count < bytes.count {
            let got = try input.read(into: &bytes, from: count)
            if got == 0 { break }
            count += got
        }
    } catch {
        throw ClientFailure(.broken, "standard input cannot be read: \(error)")
    }
    bytes.removeSubrange(count...)
    return bytes
}
