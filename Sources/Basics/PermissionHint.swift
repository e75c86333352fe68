import Linux

/// Who this process is, who owns the file, and the one line of compose or shell that makes them fit.
public enum PermissionHint {
    public enum Subject: Sendable {
        case disk
        case runtimeDirectory
        case secret
    }

    /// For a disk or directory that this process may not read or write.
    public static func file(
        _ subject: Subject, _ path: String, _ status: FileStatus, _ process: ProcessIdentity
    ) -> String {
        // The owner lacks the permission too; running as the owner would not help.
        let ownerMayWrite = status.permissions & 0o200 != 0
        let remedy: String
        switch subject {
        case .disk where process.user == status.owner && !ownerMayWrite:
            remedy = "chmod u+rw \(shellQuoted(path))"
        case .runtimeDirectory where process.user == status.owner && !ownerMayWrite:
            remedy = "chmod u+rwx \(shellQuoted(path))"
        // Compose mounts a secret with the host's owner and mode; nobody else needs to read it.
        case .secret:
            let file = shellQuoted(path)
            remedy = "on the host: chown \(process.user):\(process.group) \(file) && chmod 400 \(file)"
        // Running as root is never the advice; giving the file away is.
        case .disk where status.owner != 0 && process.user != status.owner && ownerMayWrite:
            remedy = "compose: user: \"\(status.owner):\(status.group)\""
        case .disk:
            remedy = "on the host: chown \(process.user):\(process.group) \(shellQuoted(path))"
        case .runtimeDirectory:
            remedy = "compose: tmpfs: [\"\(path):uid=\(process.user),gid=\(process.group),mode=0700\"]"
        }
        return describe(path, status.permissions, status.owner, status.group, process) + "; " + remedy
    }

    /// For a KVM device that could not be opened.
    public static func kvm(mode: UInt32, owner: UInt32, group: UInt32, _ process: ProcessIdentity) -> String {
        let device = "/dev/kvm"
        let bits: UInt32
        if process.user == owner {
            bits = mode >> 6
        } else if process.isIn(group) {
            bits = mode >> 3
        } else {
            bits = mode
        }
        let remedy: String
        if bits & 0o6 == 0o6 || process.user == 0 {
            // The mode lets us in, so it is the container's device list that does not.
            remedy = "compose: devices: [\"\(device)\"]"
        } else if mode & 0o060 == 0o060, !process.isIn(group) {
            remedy = "compose: group_add: [\"\(group)\"]"
        } else {
            remedy = "on the host: chgrp kvm \(device) && chmod 660 \(device), then start again"
        }
        return describe(device, mode, owner, group, process) + "; " + remedy
    }

    private static func describe(
        _ path: String, _ mode: UInt32, _ owner: UInt32, _ group: UInt32, _ process: ProcessIdentity
    ) -> String {
        "this process is \(process.user):\(process.group), "
            + "\(quoted(path)) belongs to \(owner):\(group) with mode \(octal(mode))"
    }
}

/// `0644`.
public func octal(_ mode: UInt32) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
