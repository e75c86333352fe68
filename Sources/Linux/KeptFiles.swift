/// Files of the kernel's that are read again and again: each is opened when it is first asked for, and stays open, so that a
/// process can go on reading them when it can open none any more.
public final class KeptFiles {
    /// Nil: it could not be opened.
    private var files: [String: Descriptor?] = [:]

    public init() {}

    /// From its beginning; nil when it cannot be read or is longer than `limit` bytes.
    public func read(_ path: String, limit: Int) -> [UInt8]? {
        guard let file = files[path, default: try? Descriptor.open(path, .nonBlocking)] else {
            files[path] = .some(nil)
            return nil
        }
        files[path] = file
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count <= limit {
            guard let got = try? file.read(into: &bytes, from: count, at: Int64(count)) else { return nil }
            if got == 0 { return Array(bytes[..<count]) }
            count += got
        }
        return nil
    }
}
