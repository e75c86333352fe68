import Basics

/// The value of a QEMU option taken apart: `implied,key=value,…` with `,,` for a comma, or JSON. Keys of nested objects
/// are joined by dots, as QEMU does.
///
/// It is for looking, not for checking: what cannot be read gives fewer pairs, and QEMU refuses it.
struct OptionValue {
    private(set) var pairs: [(key: String, value: String)] = []

    init(_ text: String, impliedKey: String) {
        if text.utf8.first == UInt8(ascii: "{") {
            var reader = OptionJSON(bytes: Array(text.utf8))
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

    init(_ pairs: [(key: String, value: String)]) {
        self.pairs = pairs
    }

    /// As QEMU reads it; what was implied, and the first, has no key.
    var text: String {
        let items = pairs.enumerated().map { index, pair in
            let value = pair.value.replacing(every: ",", by: ",,")
            return index == 0 && Self.impliedKeys.contains(pair.key) ? value : "\(pair.key)=\(value)"
        }
        return items.joined(separator: ",")
    }

    private static let impliedKeys = ["", "driver", "type"]

    subscript(key: String) -> String? { pairs.last { $0.key == key }?.value }

    /// In the words that QEMU takes for it.
    func isOn(_ key: String) -> Bool { self[key].map(["on", "yes", "true", "y"].contains) ?? false }

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
