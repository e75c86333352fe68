import Basics
import Linux

/// A cgroup line of `/proc/self/mountinfo`: `35 31 0:32 ROOT POINT options … - cgroup source rw,memory`.
struct CgroupMount {
    let root: String
    let point: String
    let controllers: [Substring]
    let isUnified: Bool

    init?(_ line: Substring) {
        // Most lines of a long mountinfo are of other file systems.
        guard line.utf8.mentions("cgroup") else { return nil }
        let fields = line.fields(at: " ")
        guard let separator = fields.firstIndex(of: "-"), separator >= 5, fields.count > separator + 3 else {
            return nil
        }
        switch fields[separator + 1] {
        case "cgroup": isUnified = false
        case "cgroup2": isUnified = true
        default: return nil
        }
        root = decoded(fields[3])
        point = decoded(fields[4])
        controllers = isUnified ? [] : fields[separator + 3].fields(at: ",")
    }
}

extension Substring.UTF8View {
    fileprivate func mentions(_ phrase: StaticString) -> Bool {
        withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).holds(phrase) } ?? true
    }
}

/// The kernel writes space, tab, line break and backslash as `\040` and so on.
private func decoded(_ field: Substring) -> String {
    guard field.contains("\\") else { return String(field) }
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\\"),
            let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
        {
            bytes.append(value)
            rest = rest.dropFirst(3)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
