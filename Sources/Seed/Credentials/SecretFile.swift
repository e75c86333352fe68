import Basics
import Linux

/// A file that the owner names for the seed: read once, bounded, and only when it is a regular file, so that no FIFO or
/// device can hold the start up.
struct SecretFile {
    /// The variable that names it.
    let variable: String
    let path: String
    /// When it is not, the file may be missing.
    let isNamedByOwner: Bool
    /// A line break at the end does not count.
    let limit: SizeLimit
    /// What everybody but the owner and the group must not have of it.
    let unwantedPermissions: UInt32

    /// What the file holds, without a line break at its end.
    struct Contents {
        let memory: SecretMemory
        let count: Int
        let warning: String?

        var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory.bytes.prefix(count)) }
    }

    /// - Returns: nil when there is no such file, and need not be.
    func read(for process: ProcessIdentity) throws(Fault) -> Contents? {
        guard let status = try look(process) else { return nil }
        try check(status.kind)
        let contents: Contents
        do throws(Errno) {
            let file = try Descriptor.open(path, .nonBlocking)
            // What has been looked at may have been replaced since.
            let status = try file.status()
            guard status.kind == .regular else { throw .invalidArgument }
            contents = try read(file, status, process)
        } catch {
            throw unreadable(error, status, process)
        }
        return try trimmed(contents, process)
    }

    private func look(_ process: ProcessIdentity) throws(Fault) -> FileStatus? {
        do throws(Errno) {
            return try FileStatus(of: path)
        } catch .noSuchFile {
            if (try? FileStatus(of: path, followingLinks: false)) != nil {
                throw fault(.unavailable, "is a link that leads nowhere; mount the file it leads to")
            }
            guard isNamedByOwner else { return nil }
            throw fault(.unavailable, "does not exist; mount the file there or unset the variable")
        } catch .symbolicLinkLoop {
            throw fault(.configuration, "is a link that leads to itself; name the file")
        } catch .permissionDenied {
            let reason = "cannot be reached by this process, which is \(process.user):\(process.group)"
            throw fault(.notPermitted, "\(reason); give it the right to search the directories above")
        } catch {
            throw fault(.unavailable, "cannot be reached: \(error); name a file that can be read")
        }
    }

    private func check(_ kind: FileStatus.Kind) throws(Fault) {
        let name: String
        switch kind {
        case .regular: return
        case .directory: name = "a directory"
        case .fifo: name = "a FIFO"
        case .socket: name = "a socket"
        case .characterDevice, .blockDevice: name = "a device"
        case .symbolicLink, .unknown: name = "not a file"
        }
        throw fault(.configuration, "is \(name); name a regular file")
    }

    private func read(
        _ file: Descriptor, _ status: FileStatus, _ process: ProcessIdentity
    ) throws(Errno) -> Contents {
        // A CRLF may follow, and one byte more shows that there is too much.
        let memory = try SecretMemory(count: limit.bytes + 3)
        var count = 0
        while count < memory.bytes.count {
            let got = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...]))
            if got == 0 { break }
            count += got
        }
        return Contents(memory: memory, count: count, warning: try warning(file, status, process))
    }

    private func trimmed(_ contents: Contents, _ process: ProcessIdentity) throws(Fault) -> Contents {
        var count = contents.count
        if count > 0, contents.memory.bytes[count - 1] == UInt8(ascii: "\n") {
            count -= 1
            if count > 0, contents.memory.bytes[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        }
        guard count <= limit.bytes else {
            let reason = limit.reason.map { ", \($0)" } ?? ""
            throw fault(.configuration, "is larger than \(limit.text)\(reason); shorten it")
        }
        guard count > 0 else { throw fault(.configuration, "is empty; \(remedyOfEmpty(process))") }
        // What was cut off is not for whoever takes the memory for a C string.
        for index in count..<contents.count { contents.memory.bytes[index] = 0 }
        return Contents(memory: contents.memory, count: count, warning: contents.warning)
    }

    /// A file that is gone but still listed is an error of the runtime, before Drover starts.
    private func remedyOfEmpty(_ process: ProcessIdentity) -> String {
        guard let file = process.hostFolders.path(of: path) else {
            return "fill or remove it"
        }
        return "fill \(quoted(file)) on the host, or take it out of the service's secrets, "
            + "as compose/key-only.yaml and compose/password-only.yaml do"
    }

    /// Swarm mounts secrets for everybody to read, in a tmpfs of the container alone.
    private func warning(
        _ file: Descriptor, _ status: FileStatus, _ process: ProcessIdentity
    ) throws(Errno) -> String? {
        let unwanted = status.permissions & unwantedPermissions
        if unwanted == 0 { return nil }
        if unwanted & 0o002 == 0, path.hasPrefix("/run/secrets/"), try file.isInMemory() { return nil }
        let what = unwanted & 0o002 == 0 ? "read" : "written"
        return "\(variable): \(quoted(path)) can be \(what) by everybody; "
            + PermissionHint.secret(path, owner: status.owner, process)
    }

    private func unreadable(_ error: Errno, _ status: FileStatus, _ process: ProcessIdentity) -> Fault {
        switch error {
        case .permissionDenied, .notPermitted:
            fault(.notPermitted, "cannot be read: \(PermissionHint.file(.secret, path, status, process, needed: 0o4))")
        default:
            fault(.unavailable, "cannot be read: \(error); name another file")
        }
    }

    /// - Parameter text: what follows the path.
    func fault(_ kind: Fault.Kind, _ text: String) -> Fault {
        Fault(kind, variable, "\(quoted(path)) \(text)")
    }
}
