import Linux

/// A file of the kernel's or another that is read whole.
enum SmallFile {
    /// What a file holds; nil when it is not there or not readable. A fake in tests.
    typealias Reader = (_ path: String) -> String?

    /// The file as text; nil when it cannot be read or is longer than `limit` bytes.
    static func text(_ path: String, limit: Int) -> String? {
        (try? readFile(path, limit: limit)).map { String(decoding: $0, as: UTF8.self) }
    }
}
