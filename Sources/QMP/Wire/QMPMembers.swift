/// Where the members of a line's JSON object are.
///
/// QEMU's own lines are megabytes at times and only passed on, so what is inside a value is not looked at: QEMU writes
/// `inf` for a number, for one, which strict JSON does not know.
struct QMPMembers {
    struct Member {
        /// Without its quotes and with its escapes.
        let name: Range<Int>
        let value: Range<Int>
    }

    private(set) var members: [Member] = []
    /// The part of the line that is read; it has no length when `baseAddress` is nil.
    private let bytes: UnsafeRawBufferPointer
    private var position: Int

    /// - Returns: nil when the bytes from `start` are not one object and nothing after it but white space.
    init?(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<range.upperBound])
        position = range.lowerBound
        guard readObject() else { return nil }
        skipWhiteSpace()
        guard position == self.bytes.count else { return nil }
    }

    /// The value of a member, and where the member with its name begins.
    func find(_ name: StaticString) -> Member? {
        members.first { member in
            member.name.count == name.utf8CodeUnitCount
                && bytes[member.name].elementsEqual(
                    UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }
    }

    private mutating func readObject() -> Bool {
        guard take(UInt8(ascii: "{")) else { return false }
        if take(UInt8(ascii: "}")) { return true }
        repeat {
            skipWhiteSpace()
            let nameStart = position + 1
            guard skipString() else { return false }
            let name = nameStart..<(position - 1)
            guard take(UInt8(ascii: ":")) else { return false }
            skipWhiteSpace()
            let valueStart = position
            guard skipValue() else { return false }
            members.append(Member(name: name, value: valueStart..<position))
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}"))
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count, bytes[position] <= UInt8(ascii: " ") { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipWhiteSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipString() -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return false }
        let start = position + 1
        var searched = start
        while let quote = bytes.firstOffset(of: UInt8(ascii: "\""), from: searched) {
            var backslashes = quote
            while backslashes > searched, bytes[backslashes - 1] == UInt8(ascii: "\\") { backslashes -= 1 }
            searched = quote + 1
            if (quote - backslashes).isMultiple(of: 2) {
                position = searched
                return true
            }
        }
        return false
    }

    /// Up to the comma or bracket that ends a value.
    private mutating func skipValue() -> Bool {
        let start = position
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard skipString() else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return position > start }
                depth -= 1
            case UInt8(ascii: ","):
                if depth == 0 { return position > start }
            default:
                break
            }
            position += 1
        }
        return false
    }
}
