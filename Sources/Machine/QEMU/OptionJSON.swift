import Basics

/// Just enough JSON to see keys and scalars, with QEMU's own extension: strings in single quotes. Bounded in depth.
struct OptionJSON {
    let bytes: [UInt8]
    private(set) var pairs: [(key: String, value: String)] = []
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func readValue(key: String, depth: Int) {
        guard depth < 16 else {
            position = bytes.count
            return
        }
        switch peek() {
        case UInt8(ascii: "{"):
            position += 1
            while let next = peek(), next != UInt8(ascii: "}") {
                if next == UInt8(ascii: ",") {
                    position += 1
                    continue
                }
                let name = readScalar()
                guard peek() == UInt8(ascii: ":") else {
                    position = bytes.count
                    return
                }
                position += 1
                readValue(key: key.isEmpty ? name : "\(key).\(name)", depth: depth + 1)
            }
            position += 1
        case UInt8(ascii: "["):
            position += 1
            var index = 0
            while let next = peek(), next != UInt8(ascii: "]") {
                if next == UInt8(ascii: ",") {
                    position += 1
                    continue
                }
                readValue(key: "\(key).\(index)", depth: depth + 1)
                index += 1
            }
            position += 1
        case nil:
            return
        default:
            pairs.append((key, readScalar()))
        }
    }

    /// The next byte that is not white space.
    private mutating func peek() -> UInt8? {
        while position < bytes.count, bytes[position].isWhiteSpace { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    /// A string without its quotes, or a bare word. Always moves on.
    private mutating func readScalar() -> String {
        guard let first = peek() else { return "" }
        position += 1
        var content: [UInt8] = []
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
            while position < bytes.count, bytes[position] != first {
                if bytes[position] == UInt8(ascii: "\\") {
                    position += 1
                    readEscape(into: &content)
                } else {
                    content.append(bytes[position])
                    position += 1
                }
            }
            position += 1
            return String(decoding: content, as: UTF8.self)
        }
        content.append(first)
        while position < bytes.count, !bytes[position].isWhiteSpace, !",:]}".utf8.contains(bytes[position]) {
            content.append(bytes[position])
            position += 1
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// `\u0041` matters for keys; other escapes stand for a character no key has.
    private mutating func readEscape(into content: inout [UInt8]) {
        guard position < bytes.count else { return }
        let kind = bytes[position]
        position += 1
        guard kind == UInt8(ascii: "u"), position + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(value)
        else {
            content.append(kind)
            return
        }
        position += 4
        content.append(contentsOf: Array(String(Character(scalar)).utf8))
    }
}
