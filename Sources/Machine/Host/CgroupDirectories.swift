import CLinux

/// Where the files of one cgroup controller are for this process.
///
/// The directories run from the process's own cgroup up to the root of the mount: a limit anywhere on that way
/// holds. What a namespace or a bind mount hides above the root cannot be read.
struct CgroupDirectories: Equatable {
    enum Version { case v1, v2 }

    let version: Version
    /// The process's own first.
    let paths: [String]

    /// Reads `/proc/self/cgroup` (cgroups(7)) and `/proc/self/mountinfo` (proc(5)) once for all controllers.
    struct Table {
        private let memberships: [Membership]
        private let mounts: [Mount]

        init(cgroup: String, mountinfo: String) {
            memberships = split(cgroup[...], at: "\n").compactMap(Membership.init)
            mounts = split(mountinfo[...], at: "\n").compactMap(Mount.init)
        }

        /// In a hybrid set-up a controller is either on a v1 hierarchy of its own or left to v2.
        func directories(of controller: String) -> CgroupDirectories? {
            let name = controller[...]
            let v1 = memberships.first { $0.controllers.contains(name) }
            let v1Mounts = mounts.filter { $0.controllers.contains(name) }
            if let v1, !v1Mounts.isEmpty {
                return CgroupDirectories(version: .v1, paths: Self.paths(v1.path, v1Mounts))
            }
            guard let v2 = memberships.first(where: { $0.isUnified }) else { return nil }
            let unified = mounts.filter(\.isUnified)
            return unified.isEmpty ? nil : CgroupDirectories(version: .v2, paths: Self.paths(v2.path, unified))
        }

        private static func paths(_ membership: Substring, _ mounts: [Mount]) -> [String] {
            let path = split(membership, at: "/")
            // A mount that shows our cgroup; without one (a runtime that mounts another part of the tree, or a
            // path with `..` from outside the namespace) the root of the mount is all there is.
            for mount in mounts where !path.contains("..") {
                let root = split(mount.root[...], at: "/")
                guard path.starts(with: root) else { continue }
                let below = path.dropFirst(root.count)
                return (0...below.count).reversed().map { depth in
                    ([mount.point] + below.prefix(depth).map(String.init)).joined(separator: "/")
                }
            }
            return mounts.prefix(1).map(\.point)
        }
    }
}

/// A line of `/proc/self/cgroup`: `4:memory:/path`; `0::/path` is v2.
private struct Membership {
    let controllers: [Substring]
    let path: Substring
    let isUnified: Bool

    init?(_ line: Substring) {
        let fields = line.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        controllers = split(Substring(fields[1]), at: ",")
        path = Substring(fields[2])
        isUnified = controllers.isEmpty && fields[0].elementsEqual("0".utf8)
    }
}

/// A cgroup line of `/proc/self/mountinfo`: `35 31 0:32 ROOT POINT options … - cgroup source rw,memory`.
private struct Mount {
    let root: String
    let point: String
    let controllers: [Substring]
    let isUnified: Bool

    init?(_ line: Substring) {
        // Most lines of a long mountinfo are of other file systems.
        guard line.utf8.mentions("cgroup") else { return nil }
        let fields = split(line, at: " ")
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
        controllers = isUnified ? [] : split(fields[separator + 3], at: ",")
    }
}

extension Substring.UTF8View {
    /// memmem(3).
    fileprivate func mentions(_ phrase: StaticString) -> Bool {
        withContiguousStorageIfAvailable {
            clinux_find($0.baseAddress, $0.count, phrase.utf8Start, phrase.utf8CodeUnitCount) != nil
        } ?? true
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

/// By bytes: splitting by characters would cost a tenth of the start-up budget on a long mountinfo.
func split(_ text: Substring, at separator: Unicode.Scalar) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    while start < text.endIndex {
        let end = text.utf8[start...].firstIndex(of: UInt8(ascii: separator)) ?? text.endIndex
        if start < end { parts.append(text[start..<end]) }
        start = end == text.endIndex ? end : text.utf8.index(after: end)
    }
    return parts
}
