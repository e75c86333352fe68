import Linux

/// Reads lines from a pipe or a file, waiting for each.
struct LineReader {
    private let input: Descriptor
    private let limit: Int
    private var pending: [UInt8] = []
    private var hasEnded = false

    /// - Parameter limit: bytes in a line at the most.
    init(_ input: Descriptor, limit: Int) {
        self.input = input
        self.limit = limit
    }

    /// The next line without its end; nil at the end.
    mutating func next() throws(ClientFailure) -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                return line
            }
            if hasEnded {
                defer { pending = [] }
                return pending.isEmpty ? nil : String(decoding: pending, as: UTF8.self)
            }
            guard pending.count <= limit else {
                throw ClientFailure(.usage, "standard input: a line of more than \(limit) bytes; is it text?")
            }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count: Int
            do throws(Errno) {
                count = try input.read(into: &buffer)
            } catch {
                throw ClientFailure(.broken, "standard input cannot be read: \(error)")
            }
            pending += buffer[..<count]
            hasEnded = count == 0
        }
    }
}
