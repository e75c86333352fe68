/// An absolute path by its parts, however it is spelled: `//a/./b/` is `/a/b`.
struct PlainPath: Equatable, Sendable {
    let parts: [[UInt8]]

    private init(parts: [[UInt8]]) {
        self.parts = parts
    }

    /// - Returns: nil for a relative path, one with `..` (which means something else behind a link), and bytes that no name
    ///   should have.
    init?(_ path: some Collection<UInt8>) {
        // PATH_MAX
        guard path.first == UInt8(ascii: "/"), path.count < 4096,
            path.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
        else { return nil }
        parts = path.split(separator: UInt8(ascii: "/")).map { Array($0) }.filter { !$0.elementsEqual(".".utf8) }
        guard !parts.contains(where: { $0.elementsEqual("..".utf8) }) else { return nil }
    }

    init?(_ path: String) {
        self.init(path.utf8)
    }

    /// Bytes are compared, because Swift takes different code points for the same text.
    func isBelow(_ directory: PlainPath) -> Bool {
        parts.count > directory.parts.count && parts.starts(with: directory.parts)
    }

    /// The directories on the way from `directory`, which this is below, and then the file.
    func steps(from directory: PlainPath) -> [PlainPath] {
        (directory.parts.count..<parts.count).map { PlainPath(parts: Array(parts[...$0])) }
    }

    /// Nil when it is no UTF-8.
    var text: String? {
        let bytes = parts.flatMap { [UInt8(ascii: "/")] + $0 }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.utf8.elementsEqual(bytes) ? text : nil
    }
}
