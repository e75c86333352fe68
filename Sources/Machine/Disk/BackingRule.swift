import Basics
import Linux

/// Which files an image may make QEMU open.
///
/// An image can name any file of the host, and a guest could then read it. Allowed is what lies in the directory of the
/// image or below, is named relatively, and by no link that leads out; and what the owner lists in `ALLOW_BACKING`.
struct BackingRule {
    /// Without links; nil when it cannot be reached.
    private let directory: String?
    private let allowed: Set<FileIdentity>

    init(imageAt path: String, allowed: Set<FileIdentity>) {
        directory = try? FoundFile(directoryName(path)).path
        self.allowed = allowed
    }

    /// How an image names another: by itself when they lie in one directory, so that both can be moved.
    static func name(of path: String, inImageAt image: String) -> String {
        guard directoryName(path) == directoryName(image), let slash = path.lastIndex(of: "/") else { return path }
        let name = String(path[path.index(after: slash)...])
        return objection(to: name) == nil ? name : "./" + name
    }

    /// Why a name is refused wherever it leads. As QEMU's path_has_protocol, a colon before the first slash names a
    /// protocol (`nbd:`, `json:`, `fat:`).
    static func objection(to name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if let mark = name.utf8.first(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }),
            mark == UInt8(ascii: ":")
        {
            return "names a protocol"
        }
        return nil
    }

    /// Why a name is refused unless what it leads to is allowed.
    static func doubt(of name: String) -> String? {
        if name.utf8.first == UInt8(ascii: "/") { return "is absolute" }
        if name[...].fields(at: "/").contains("..") { return "leaves the directory" }
        return nil
    }

    /// Why QEMU may not open what `name` has led to; nil when it may.
    func objection(to found: FoundFile, by name: String) -> String? {
        let kind = found.status.kind
        if allowed.contains(found.status.identity) {
            return kind == .regular || kind == .blockDevice ? nil : "is a \(kind.noun)"
        }
        if let doubt = Self.doubt(of: name) { return doubt }
        guard let directory, !Self.isShared(directory) else {
            return "may be anybody's, as the image lies in \(quoted(directory ?? "?")), not in a directory of its own"
        }
        guard isBelow(directory, found.path) else {
            return "leads out of the directory of the image to \(quoted(found.path))"
        }
        return kind == .regular ? nil : "is a \(kind.noun), not a regular file"
    }

    /// Directories with more in them than images: everything, the secrets, every device.
    private static func isShared(_ directory: String) -> Bool {
        ["/", "/run", "/dev"].contains(directory) || isBelow("/dev", directory)
    }
}

/// Both without links.
func isBelow(_ directory: String, _ path: String) -> Bool {
    path.utf8.starts(with: (directory == "/" ? "/" : directory + "/").utf8)
}
