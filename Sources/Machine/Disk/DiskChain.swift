import Basics
import Linux

/// Builds a disk from a qcow2 image: follows it to its backing file, to that one's, and to the files with their data.
struct DiskChain {
    /// An image on the way down.
    private struct Link {
        let layer: DiskLayer
        /// Nil for a raw one, which names nothing.
        let header: Qcow2Header?
        /// By which the image above has led to it; QEMU joins a name with the directory of the file that names it.
        let path: String
    }

    let request: DiskRequest
    let rule: BackingRule
    let process: ProcessIdentity
    /// What `QEMU_BASE` names.
    let base: DiskLayer?
    private(set) var faults: [Fault] = []
    private(set) var warnings: [String] = []
    /// Of the files seen so far.
    private var identities: Set<FileIdentity> = []
    /// As many as a backup has, from which a test boots.
    static let mostBackingFiles = Configuration.FullEvery.mostIncrements

    init(_ request: DiskRequest, _ rule: BackingRule, _ process: ProcessIdentity, base: DiskLayer?) {
        (self.request, self.rule, self.process, self.base) = (request, rule, process, base)
    }

    /// As far as it can be followed; the rest is in `faults`.
    mutating func follow(_ found: FoundFile, _ header: Qcow2Header) -> DiskImage {
        let top = link(found, header, name: request.path, path: request.path)
        var backing: [DiskLayer] = []
        var last = top
        while let next = next(after: last, depth: backing.count) {
            backing.append(next.layer)
            last = next
        }
        return DiskImage(variable: request.variable, top: top.layer, backing: backing)
    }

    private mutating func link(_ found: FoundFile, _ header: Qcow2Header, name: String, path: String) -> Link {
        identities.insert(found.status.identity)
        judge(header, path)
        var dataFile: DiskFile?
        if header.hasExternalData {
            if let name = header.dataFile {
                let isWritten = path == request.path && !request.readOnly
                dataFile = admit(.dataFile, name, from: path, writing: isWritten).map { DiskFile(name, $0) }
            } else {
                let option = "data-file.driver=file,data-file.filename=DATA_FILE"
                refuse(
                    "keeps its data in another file\(by(path)), but does not name it; convert it, with that file for "
                        + "DATA_FILE: \(convert(path, option))")
            }
        }
        let file = DiskFile(name, found)
        return Link(
            layer: DiskLayer(file, format: .qcow2, virtualSize: header.virtualSize, dataFile: dataFile),
            header: header, path: path)
    }

    private mutating func next(after link: Link, depth: Int) -> Link? {
        guard let header = link.header, let name = header.backingFile,
            let found = admit(.backingFile(header.backingFormat), name, from: link.path, writing: false)
        else { return nil }
        let path = join(link.path, name)
        guard !identities.contains(found.status.identity) else {
            refuse("has backing files that go in a circle, by way of \(quoted(path)); one must have none, or another")
            return nil
        }
        guard depth < Self.mostBackingFiles else {
            refuse("has more than \(Self.mostBackingFiles) backing files; \(convertTrusted(request.path))")
            return nil
        }
        switch header.backingFormat {
        case "raw"?: return rawLink(found, name, path)
        case "qcow2"?: return qcow2Link(found, name, path)
        case let format?:
            refuse(
                "has a backing file of format \(quoted(format))\(by(link.path)), not qcow2 or raw; "
                    + convertTrusted(link.path))
        case nil:
            refuse(
                "does not say what format its backing file \(quoted(name)) has\(by(link.path)), and a guest could forge "
                    + "one; declare it: \(rebase(link.path, name, "qcow2")) (or -F raw)")
        }
        return nil
    }

    private mutating func rawLink(_ found: FoundFile, _ name: String, _ path: String) -> Link? {
        do throws(Errno) {
            let size = try ImageWindow.open(found).size
            identities.insert(found.status.identity)
            return Link(
                layer: DiskLayer(DiskFile(name, found), format: .raw, virtualSize: size), header: nil, path: path)
        } catch {
            refuse("has a backing file \(quoted(path)) that cannot be read: \(error)", Fault.Kind(error))
            return nil
        }
    }

    private mutating func qcow2Link(_ found: FoundFile, _ name: String, _ path: String) -> Link? {
        let header: DiskHeader
        do throws(DiskHeader.Problem) {
            header = try DiskHeader.read(found)
        } catch {
            refuse("has a backing file \(quoted(path)) that \(error.text(path))", error.kind)
            return nil
        }
        guard case .qcow2(let qcow2) = header else {
            refuse("has a backing file \(quoted(path)) that is declared qcow2 and has no qcow2 header")
            return nil
        }
        return link(found, qcow2, name: name, path: path)
    }

    private mutating func judge(_ header: Qcow2Header, _ path: String) {
        if header.isCorrupt {
            refuse(
                "is marked corrupt by QEMU\(by(path)); repair it: qemu-img check -r all -f qcow2 \(shellQuoted(path)), "
                    + "or restore it from a backup")
        }
        if header.encryption != .none {
            refuse(
                "is encrypted\(by(path)), and Drover holds no key; convert it, with the file of its passphrase for "
                    + "KEY_FILE: \(convert(path, "encrypt.key-secret=key", secret: "secret,id=key,file=KEY_FILE"))")
        }
        if !header.unknownFeatures.isEmpty {
            let names = header.unknownFeatures.map { quoted($0) }.joined(separator: ", ")
            refuse(
                "needs features this QEMU may not have (\(names))\(by(path)); convert it with the QEMU that wrote it")
        }
        if header.isDirty {
            warnings.append(
                request.warning(
                    "was not closed cleanly\(by(path)); QEMU rebuilds its reference counts when it opens it"))
        }
        if header.bitmapCount > 0, !header.bitmapsAreValid {
            warnings.append(
                request.warning(
                    "has dirty bitmaps that are out of date\(by(path)); the next incremental backup must be full"))
        }
    }

    // MARK: What an image names

    enum Role {
        case backingFile(String?)
        case dataFile

        var noun: String {
            switch self {
            case .backingFile: "backing file"
            case .dataFile: "data file"
            }
        }
    }

    /// The file that an image names, when QEMU may open it.
    private mutating func admit(_ role: Role, _ name: String, from path: String, writing: Bool) -> FoundFile? {
        func refuse(_ text: String, _ kind: Fault.Kind = .configuration) -> FoundFile? {
            self.refuse("has a \(role.noun) \(quoted(name))\(by(path)) that \(text)", kind)
            return nil
        }
        if let objection = BackingRule.objection(to: name) { return refuse("\(objection); \(convertTrusted(path))") }
        let found: FoundFile
        do throws(Errno) {
            found = try FoundFile(join(path, name))
        } catch {
            if error == .noSuchFile {
                let elsewhere = moved(role, path)
                guard let doubt = BackingRule.doubt(of: name) else {
                    return refuse("does not exist; \(elsewhere)put it beside the image", .unavailable)
                }
                let name = rename(role, name, path)
                return refuse("\(doubt), and nothing is there; \(elsewhere)put the file beside the image\(name)")
            }
            return refuse("cannot be reached: \(error)", Fault.Kind(error))
        }
        if let objection = rule.objection(to: found, by: name) {
            return refuse("\(objection); \(remedy(role, name, found, path))")
        }
        if accessDenial(found.path, reading: true, writing: writing) != nil {
            let hint = PermissionHint.file(
                .disk, found.path, found.status, process, needed: writing ? 0o6 : 0o4)
            return refuse("cannot be \(writing ? "written" : "read"): \(hint)", .notPermitted)
        }
        return found
    }

    // MARK: Words

    private mutating func refuse(_ text: String, _ kind: Fault.Kind = .configuration) {
        faults.append(request.fault(kind, text))
    }

    /// Which image it is about, when it is not the one that the owner has named.
    private func by(_ path: String) -> String {
        path == request.path ? "" : " (by way of \(quoted(path)))"
    }

    private func join(_ path: String, _ name: String) -> String {
        if name.utf8.first == UInt8(ascii: "/") { return name }
        return directoryName(path) == "/" ? "/" + name : directoryName(path) + "/" + name
    }
}
