import Basics

/// The value of a QEMU option taken apart: `implied,key=value,…` with `,,` for a comma, or JSON. Keys of nested objects
/// are joined by dots, as QEMU does.
///
/// It is for looking, not for checking: what cannot be read gives fewer pairs, and QEMU refuses it.
struct OptionValue {
    private(set) var pairs: [(key: String, value: String)] = []

    init(_ text: String, impliedKey: String) {
        if text.utf8.first == UInt8(ascii: "{") {
            var reader = JSONReader(bytes: Array(text.utf8))
            reader.readValue(key: "", depth: 0)
            pairs = reader.pairs
            return
        }
        for (index, item) in Self.items(text).enumerated() {
            if let equals = item.utf8.firstIndex(of: UInt8(ascii: "=")) {
                pairs.append((String(item[..<equals]), String(item[item.utf8.index(after: equals)...])))
            } else if index == 0 {
                pairs.append((impliedKey, item))
            } else {
                // `server` is `server=on`, `noserver` is of no interest.
                pairs.append((item, "on"))
            }
        }
    }

    subscript(key: String) -> String? { pairs.last { $0.key == key }?.value }

    private static func items(_ text: String) -> [String] {
        var items: [String] = []
        var item: [UInt8] = []
        var commaBefore = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: ",") {
                if commaBefore { item.append(byte) }
                commaBefore.toggle()
                continue
            }
            if commaBefore {
                items.append(String(decoding: item, as: UTF8.self))
                item = []
                commaBefore = false
            }
            item.append(byte)
        }
        items.append(String(decoding: item, as: UTF8.self))
        return items
    }
}

/// Just enough JSON to see keys and scalars, with QEMU's own extension: strings in single quotes. Bounded in depth.
private struct JSONReader {
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
