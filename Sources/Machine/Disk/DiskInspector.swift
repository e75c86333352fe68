import Basics
import Linux

/// Looks at a disk on the file system: that it is there, is ours to use, is what it is declared to be, and leads nowhere
/// else.
public struct DiskInspector {
    private let process: ProcessIdentity
    /// What `ALLOW_BACKING` lists, as far as it is there.
    private let allowed: Set<FileIdentity>
    /// What `QEMU_BASE` names, when the disk is to lie over it.
    private var base: DiskLayer?

    /// - Parameter allowBacking: paths of files that images may name though they lie elsewhere.
    public init(process: ProcessIdentity = .current(), allowBacking: [String] = []) {
        self.process = process
        allowed = Set(allowBacking.compactMap { try? FoundFile($0).status.identity })
    }

    private init(process: ProcessIdentity, allowed: Set<FileIdentity>, base: DiskLayer) {
        (self.process, self.allowed, self.base) = (process, allowed, base)
    }

    /// An inspector for a disk over this base, which lets it name the base's files too.
    func over(_ base: DiskImage) -> DiskInspector {
        DiskInspector(process: process, allowed: allowed.union(base.files.compactMap(\.identity)), base: base.top)
    }

    public func inspect(_ request: DiskRequest) -> DiskInspection {
        var result = DiskInspection()
        let found: FoundFile
        do throws(Errno) {
            found = try FoundFile(request.path)
        } catch .noSuchFile {
            result.isMissing = true
            result.faults = missing(request)
            if result.faults.isEmpty { result.space = try? DiskSpace(ofNewFileIn: directoryName(request.path)) }
            return result
        } catch {
            result.faults = [unreachable(request, error)]
            return result
        }
        if let fault = wrongKind(request, found.status.kind) {
            result.faults = [fault]
            return result
        }
        result.faults = denials(request, found.status)
        if result.faults.isEmpty, found.status.kind == .blockDevice, !request.isCDROM, found.isHeld() {
            result.faults = [
                request.fault(
                    .temporary,
                    "is mounted, or another program has it for itself, or what is on it: swap, LVM, RAID or a guest, such as this "
                        + "container's own while it runs; free it on the host (lsblk \(shellQuoted(request.path)) shows what has "
                        + "it), or name another")
            ]
            return result
        }
        if let fault = look(request, found, &result) { result.faults.append(fault) }
        if !request.readOnly {
            let data = result.image?.top.dataFile.flatMap { try? FoundFile($0.path) } ?? found
            result.space = try? DiskSpace(of: data)
        }
        return result
    }

    private func missing(_ request: DiskRequest) -> [Fault] {
        if let fault = request.missingDevice(process.orchestrator) { return [fault] }
        guard request.mayBeMissing else {
            let remedy =
                request.variable == "QEMU_DRIVE" && !request.readOnly
                ? "mount the image there, or set CREATE_DISK=1 and DISK_SIZE for an empty disk" : "mount it there"
            return [request.fault(.unavailable, "does not exist; \(remedy)")]
        }
        let directory = directoryName(request.path)
        let status: FileStatus
        do throws(Errno) {
            status = try FileStatus(of: directory)
        } catch {
            return [
                request.fault(.unavailable, "cannot be created: \(quoted(directory)): \(error); mount a volume there")
            ]
        }
        guard let denial = accessDenial(directory, writing: true, searching: true) else { return [] }
        return [
            request.fault(.notPermitted, "cannot be created: \(explain(denial, directory, status, needed: 0o3))")
        ]
    }

    private func unreachable(_ request: DiskRequest, _ error: Errno) -> Fault {
        request.fault(
            Fault.Kind(error),
            "cannot be reached by uid \(process.user), gid \(process.group): \(error); "
                + "see to the permissions and links of the directories that lead to it")
    }

    /// What the mode lets in, the list of devices may not.
    private func unopenable(_ request: DiskRequest, _ found: FoundFile, _ error: Errno) -> Fault {
        guard found.status.kind == .blockDevice else { return unreachable(request, error) }
        return request.fault(
            Fault.Kind(error),
            "cannot be opened: \(error); \(ContainerSetting.blockDevice(request.path).phrase(process.orchestrator))")
    }

    private func wrongKind(_ request: DiskRequest, _ kind: FileStatus.Kind) -> Fault? {
        switch kind {
        case .regular, .blockDevice: nil
        case .directory: request.fault(.configuration, "is a directory; name the image file in it")
        default: request.fault(.configuration, "is a \(kind.noun); a disk is a regular file or a block device")
        }
    }

    private func denials(_ request: DiskRequest, _ status: FileStatus) -> [Fault] {
        guard let denial = accessDenial(request.path, reading: true, writing: !request.readOnly) else { return [] }
        let verb = request.readOnly || !canAccess(request.path, reading: true) ? "read" : "written"
        return [
            request.fault(
                .notPermitted,
                "cannot be \(verb): \(explain(denial, request.path, status, needed: request.readOnly ? 0o4 : 0o6))")
        ]
    }

    private func explain(_ denial: Errno, _ path: String, _ status: FileStatus, needed: UInt32) -> String {
        if denial == .readOnlyFileSystem { return "it is on a read-only mount; take :ro from the volume" }
        guard status.kind == .blockDevice else {
            return PermissionHint.file(.disk, path, status, process, needed: needed)
        }
        return PermissionHint.device(path, status, groupName: "disk", process, needed: needed)
    }
}

extension DiskInspector {
    /// Opens the image and judges its header.
    private func look(_ request: DiskRequest, _ found: FoundFile, _ result: inout DiskInspection) -> Fault? {
        let window: ImageWindow
        let header: DiskHeader
        do throws(Errno) {
            window = try .open(found)
        } catch {
            // Not being allowed to is reported already.
            return result.faults.isEmpty ? unopenable(request, found, error) : nil
        }
        let isDevice = found.status.kind == .blockDevice
        // What is on a device is never guessed: it may be the guest's own.
        if request.format == .raw || isDevice && request.format == nil {
            // The guest may have written whatever it likes at its start; only qcow2 is worth a word.
            if let head = try? window.prefix(at: 0, 4), head == Qcow2Header.magic {
                let what =
                    request.format == nil
                    ? "is a block device, which is raw unless declared, and begins like a qcow2 image; the guest gets it as "
                        + "it is; if it is one, declare it: \(request.declaration(.qcow2))"
                    : "is declared raw and begins like a qcow2 image; the guest gets it as it is; "
                        + "remove the declaration if that is not what you want"
                result.warnings.append(request.warning(what))
            }
            // A drive may be without a CD.
            let isCDROM = request.isCDROM && isDevice && (try? found.isCDROM()) == true
            if window.size == 0, !isCDROM { return empty(request, found) }
            if isDevice, !isCDROM, window.size < Self.smallestDevice { return tooSmall(request, window.size) }
            let file = DiskFile(request.path, found, isCDROM: isCDROM)
            let layer = DiskLayer(file, format: .raw, virtualSize: window.size)
            result.image = DiskImage(variable: request.variable, top: layer)
            return nil
        }
        do throws(DiskHeader.Problem) {
            header = try DiskHeader.read(window)
        } catch {
            return request.fault(error.kind, error.text(request.path))
        }
        guard case .qcow2(let qcow2) = header else {
            return window.size == 0 ? empty(request, found) : notQcow2(request, header)
        }
        var chain = DiskChain(request, BackingRule(imageAt: request.path, allowed: allowed), process, base: base)
        result.image = chain.follow(found, qcow2)
        result.faults += chain.faults
        result.warnings += chain.warnings
        return nil
    }

    /// In bytes. An extended partition's node has 1 KiB, and a disk's boot sector and first partition take this much.
    private static let smallestDevice: Int64 = 1 << 20

    private func tooSmall(_ request: DiskRequest, _ size: Int64) -> Fault {
        request.fault(
            .configuration,
            "is a block device of \(size) bytes, too small to be a disk; an extended partition looks like that: name the "
                + "whole device, or a partition in it")
    }

    private func empty(_ request: DiskRequest, _ found: FoundFile) -> Fault {
        if found.status.kind == .blockDevice {
            return request.fault(.unavailable, "has nothing in it: no medium, or no file behind it; give it one")
        }
        guard request.format == .raw else {
            return request.fault(.configuration, "is empty; remove it, or put the image there")
        }
        return request.fault(.configuration, "is empty; give it a size: truncate -s 20G \(shellQuoted(request.path))")
    }

    private func notQcow2(_ request: DiskRequest, _ header: DiskHeader) -> Fault {
        let path = shellQuoted(request.path)
        if case .foreign(let name) = header {
            let remedy =
                name.hasSuffix("compressed") || name == "tar"
                ? "unpack it first"
                : ImageFormat.allCases.contains { $0.noun == name } && request.variable != DiskRequest.importOption
                    ? "make one of it: QEMU_DRIVE=\(path).qcow2 drover import --from \(path)"
                    : "convert it: qemu-img convert -O qcow2 \(path) \(path).qcow2"
            return request.fault(.configuration, "is a \(name) file, not qcow2; \(remedy)")
        }
        if request.format == .qcow2 {
            return request.fault(.configuration, "is declared qcow2 and has no qcow2 header; declare what it is")
        }
        let declaration = request.declaration(.raw)
        return request.fault(
            .configuration, "has no qcow2 header; if it is a raw image, declare it: \(declaration)")
    }
}

extension FileStatus.Kind {
    var noun: String {
        switch self {
        case .regular: "regular file"
        case .directory: "directory"
        case .symbolicLink: "symbolic link"
        case .characterDevice: "character device"
        case .blockDevice: "block device"
        case .fifo: "FIFO"
        case .socket: "socket"
        case .unknown: "file of an unknown kind"
        }
    }
}
