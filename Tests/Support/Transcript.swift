import Linux

/// What comes from a descriptor, read with deadlines.
package final class Transcript {
    private let descriptor: Descriptor
    private let name: String
    /// What has come and was not asked for yet.
    private var unread: [UInt8] = []
    /// Whether the other end has gone.
    package private(set) var hasEnded = false

    /// - Parameter name: for messages, such as "the console".
    package init(of descriptor: Descriptor, named name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    package var text: String { String(decoding: unread, as: UTF8.self) }

    /// Whether more has come before `deadline`.
    private func readMore(until deadline: Instant) throws -> Bool {
        guard !hasEnded, let bytes = try descriptor.receive(until: deadline) else { return false }
        hasEnded = bytes.isEmpty
        unread += bytes
        return true
    }

    /// Waits until `text` has come, and forgets it and what was before.
    ///
    /// - Returns: what was before it; nil when `text` does not come until `deadline`.
    package func find(_ text: String, until deadline: Instant) throws -> String? {
        let wanted = Array(text.utf8)
        var searched = 0
        while true {
            if let start = unread.firstIndex(of: wanted, from: searched) {
                defer { unread.removeFirst(start + wanted.count) }
                return String(decoding: unread[..<start], as: UTF8.self)
            }
            searched = max(unread.count - wanted.count + 1, 0)
            guard try readMore(until: deadline) else { return nil }
        }
    }

    /// The same; that `text` does not come is an error.
    @discardableResult
    package func wait(for text: String, within seconds: Int = 30) throws -> String {
        if let before = try find(text, until: .within(seconds)) { return before }
        throw TestFailure.missing("\(text.debugDescription) on \(name)", seen: String(self.text.suffix(10_000)))
    }

    /// All that comes until the other end closes.
    package func readToEnd(within seconds: Int = 30) throws -> [UInt8] {
        let deadline = Instant.within(seconds)
        while !hasEnded {
            guard try readMore(until: deadline) else {
                throw TestFailure.missing("the end of \(name)", seen: String(text.suffix(10_000)))
            }
        }
        defer { unread = [] }
        return unread
    }
}

extension [UInt8] {
    fileprivate func firstIndex(of wanted: [UInt8], from start: Int) -> Int? {
        withUnsafeBufferPointer { bytes in
            guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
            let last = bytes.count - wanted.count
            var index = start
            while index <= last {
                if bytes[index] == first, bytes[index..<(index + wanted.count)].elementsEqual(wanted) { return index }
                index += 1
            }
            return nil
        }
    }
}
