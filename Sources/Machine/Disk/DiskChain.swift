import Basics
import Linux

/// The files a qcow2 image makes QEMU open: its backing file, that one's, and data files.
///
/// An image can name any file of the host, and a guest could then read it. Allowed is what lies in the directory of the
/// top image or below, named relatively, with a declared format, and no link that leads out.
struct DiskChain {
    let top: DiskRequest
    let process: ProcessIdentity
    private(set) var faults: [Fault] = []
    private(set) var warnings: [String] = []
    static let depth = 8

    init(top: DiskRequest, process: ProcessIdentity) {
        self.top = top
        self.process = process
    }

    mutating func follow(_ header: Qcow2Header, path: String, depth: Int = 1) {
        let of = path == top.path ? "" : " (by way of \(quoted(path)))"
        judge(header, path, of)
        if header.hasExternalData {
            if let name = header.dataFile {
                _ = admit("data file", name, from: path, of, writing: !top.readOnly && path == top.path)
            } else {
                refuse("keeps its data in another file\(of), but does not name it; convert it: \(convert(path))")
            }
        }
        guard let name = header.backingFile,
            let resolved = admit("backing file", name, from: path, of, writing: false)
        else { return }
        switch header.backingFormat {
        case "raw"?: return
        case "qcow2"?: break
        case let format?:
            return refuse("has a backing file of format \(quoted(format))\(of), not qcow2 or raw; \(flatten(path))")
        case nil:
            return refuse(
                "does not say what format its backing file \(quoted(name)) has\(of), and a guest could forge one; "
                    + "\(rebase(path, name))")
        }
        guard depth < Self.depth else {
            return refuse("has more than \(Self.depth) backing files, or they go in a circle; \(flatten(top.path))")
        }
        // QEMU joins a name with the directory of the file that names it.
        next(join(path, name), resolved, depth)
    }

    private mutating func next(_ path: String, _ resolved: String, _ depth: Int) {
        let header: DiskHeader
        do throws(DiskHeader.Problem) {
            let window: ImageWindow
            do throws(Errno) {
                window = try .open(resolved)
            } catch {
                throw .unreadable(error)
            }
            header = try DiskHeader.read(window)
        } catch {
            return refuse("has a backing file \(quoted(path)) that \(error.text(path))")
        }
        guard case .qcow2(let qcow2) = header else {
            return refuse("has a backing file \(quoted(path)) that is declared qcow2 and has no qcow2 header")
        }
        follow(qcow2, path: path, depth: depth + 1)
    }

    private mutating func judge(_ header: Qcow2Header, _ path: String, _ of: String) {
        if header.isCorrupt {
            refuse(
                "is marked corrupt by QEMU\(of); repair it: qemu-img check -r all -f qcow2 \(shellQuoted(path)), "
                    + "or restore it from a backup")
        }
        if header.encryption != .none {
            refuse("is encrypted\(of), and Drover holds no key; convert it: \(convert(path))")
        }
        if !header.unknownFeatures.isEmpty {
            let names = header.unknownFeatures.map { quoted($0) }.joined(separator: ", ")
            refuse("needs features this QEMU may not have (\(names))\(of); convert it with the QEMU that wrote it")
        }
        if header.isDirty {
            warnings.append(
                top.warning("was not closed cleanly\(of); QEMU rebuilds its reference counts when it opens it"))
        }
        if header.bitmapCount > 0, !header.bitmapsAreValid {
            warnings.append(
                top.warning("has dirty bitmaps that are out of date\(of); the next incremental backup must be full"))
        }
    }

    /// The resolved path of a file that `path` names, when the policy lets QEMU open it.
    private mutating func admit(
        _ role: String, _ name: String, from path: String, _ of: String, writing: Bool
    ) -> String? {
        func message(_ text: String) -> String { "has a \(role) \(quoted(name))\(of) that \(text)" }
        let remedy = "allowed are relative names in the directory of the image; \(flatten(path))"
        if let reason = Self.objection(to: name) {
            refuse(message("\(reason); \(remedy)"))
            return nil
        }
        let joined = join(path, name)
        let resolved: String
        let status: FileStatus
        do throws(Errno) {
            let root = try resolvedPath(directoryName(top.path))
            resolved = try resolvedPath(joined)
            guard resolved.utf8.starts(with: (root == "/" ? "/" : root + "/").utf8) else {
                refuse(message("leads out of the directory of the image to \(quoted(resolved)); \(remedy)"))
                return nil
            }
            status = try FileStatus(of: resolved)
        } catch .noSuchFile {
            refuse(message("does not exist; put it beside the image"), .unavailable)
            return nil
        } catch {
            refuse(message("cannot be reached: \(error)"), error == .permissionDenied ? .notPermitted : .unavailable)
            return nil
        }
        guard status.kind == .regular else {
            refuse(message("is not a regular file; \(remedy)"))
            return nil
        }
        if accessDenial(resolved, reading: true, writing: writing) != nil {
            let hint = PermissionHint.file(.disk, resolved, status, process, needed: writing ? 0o6 : 0o4)
            refuse(message("cannot be \(writing ? "written" : "read"): \(hint)"), .notPermitted)
            return nil
        }
        return resolved
    }

    /// Why a name is refused by its text alone; nil when it may be looked at. As QEMU's path_has_protocol, a colon
    /// before the first slash names a protocol (`nbd:`, `json:`, `fat:`).
    static func objection(to name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.utf8.first == UInt8(ascii: "/") { return "is absolute" }
        if let mark = name.utf8.first(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }),
            mark == UInt8(ascii: ":")
        {
            return "names a protocol"
        }
        if name[...].fields(at: "/").contains("..") { return "leaves the directory" }
        return nil
    }

    private mutating func refuse(_ text: String, _ kind: Fault.Kind = .configuration) {
        faults.append(top.fault(kind, text))
    }

    private func join(_ path: String, _ name: String) -> String {
        directoryName(path) == "/" ? "/" + name : directoryName(path) + "/" + name
    }

    private func flatten(_ path: String) -> String {
        "if you trust it, make it one file: \(convert(path))"
    }

    private func convert(_ path: String) -> String {
        "qemu-img convert -O qcow2 \(shellQuoted(path)) \(shellQuoted(path + ".new"))"
    }

    private func rebase(_ path: String, _ name: String) -> String {
        "declare it: qemu-img rebase -u -b \(shellQuoted(name)) -F qcow2 \(shellQuoted(path)) (or -F raw)"
    }
}
