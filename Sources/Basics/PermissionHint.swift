import Linux

/// Who this process is, who owns the file, and what makes them fit: a line of Compose, Podman or a shell.
public enum PermissionHint {
    public enum Subject: Sendable {
        case disk
        /// Where it is to be; the file is it, or one above that is there.
        case runtimeDirectory(String)
        case secret
    }

    /// For a disk, directory or secret that this process may not use.
    ///
    /// - Parameter needed: `rwx` bits of what was tried.
    public static func file(
        _ subject: Subject, _ path: String, _ status: FileStatus, _ process: ProcessIdentity, needed: UInt32 = 0o6
    ) -> String {
        let who = describe(path, status.permissions, status.owner, status.group, process)
        let granted = process.bits(of: status.permissions, owner: status.owner, group: status.group)
        if granted & needed == needed { return "\(who), which permits it; \(otherDenial(process))" }
        let remedy: String
        switch subject {
        // The kubelet gives what is on the volume to that group.
        case .disk where process.orchestrator == .kubernetes:
            remedy = "pod: securityContext: {fsGroup: \(process.group)}"
        // The owner lacks the permission too; running as the owner would not help.
        case .disk where process.user == status.owner:
            remedy = onHost(path, process) { "chmod u+rw \($0)" }
        case .runtimeDirectory where process.user == status.owner:
            remedy = "chmod u+rwx \(shellQuoted(path))"
        case .secret:
            remedy = secret(path, owner: status.owner, process)
        case .disk where process.isInUserNamespace:
            remedy = mapped(path, process)
        // Running as root is never the advice; giving the file away is.
        case .disk where status.owner != 0 && status.permissions & 0o200 != 0:
            let name = process.hostFolders.disk == nil ? "" : ", which is DROVER_USER in .env"
            remedy =
                ContainerSetting.user(status.owner, group: status.group).phrase(process.orchestrator) + name
        case .disk:
            remedy = giveAway(path, process)
        case .runtimeDirectory(let directory):
            remedy = ContainerSetting.ownDirectory(directory, process).phrase(process.orchestrator)
        }
        return "\(who); \(remedy)"
    }

    /// For a KVM device that could not be opened.
    public static func kvm(mode: UInt32, owner: UInt32, group: UInt32, _ process: ProcessIdentity) -> String {
        let status = FileStatus(kind: .characterDevice, permissions: mode, owner: owner, group: group)
        return device("/dev/kvm", status, groupName: "kvm", process)
    }

    /// For a device that could not be opened.
    ///
    /// - Parameters:
    ///   - groupName: the group that has such devices on the host.
    ///   - needed: `rwx` bits of what was tried.
    public static func device(
        _ path: String, _ status: FileStatus, groupName: String, _ process: ProcessIdentity, needed: UInt32 = 0o6
    ) -> String {
        let (mode, group) = (status.permissions, status.group)
        let who = describe(path, mode, status.owner, group, process)
        let granted = process.bits(of: mode, owner: status.owner, group: group)
        if granted & needed == needed || process.user == 0 {
            // The mode lets us in, so it is the container's device list that does not, or a security module.
            let confined = process.confinement.map { "; if it is there already, \(quoted($0)) forbids it" } ?? ""
            return "\(who); \(ContainerSetting.device(path).phrase(process.orchestrator))\(confined)"
        }
        if process.groupIDs.isUnmapped(group) {
            return "\(who); rootless Podman: --group-add keep-groups, as a user in the device's group on the host"
        }
        if mode >> 3 & needed == needed, !process.isIn(group) {
            return "\(who); \(ContainerSetting.group(group).phrase(process.orchestrator))"
        }
        let file = shellQuoted(path)
        return "\(who); on the host: chgrp \(groupName) \(file) && chmod 660 \(file), then start again"
    }

    // MARK: Remedies

    /// Makes a secret one that this process alone reads: Compose mounts its file with the host's owner and mode; Swarm, and
    /// Compose for a secret from its own environment, make one as the service says; a pod's is of root and one group.
    public static func secret(_ path: String, owner: UInt32, _ process: ProcessIdentity) -> String {
        let service = "uid: \"\(process.user)\", gid: \"\(process.group)\", mode: 0400"
        switch process.orchestrator {
        case .kubernetes:
            return "pod: securityContext: {fsGroup: \(process.group)}, and defaultMode: 0440 of the secret's volume"
        case .swarm: return "stack: \(service) where the service names it"
        case .compose, .podman: break
        }
        if owner == process.user { return onHost(path, process) { "chmod 400 \($0)" } }
        if process.isInUserNamespace { return "\(mapped(path, process)); and chmod 400" }
        let file = giveAway(path, process, "chmod 400")
        if process.hostFolders.path(of: path) != nil { return file }
        return "\(file); a secret that has no file there (Compose's from environment:) takes \(service) where the "
            + "service names it"
    }

    /// - Parameter more: another command for the file.
    private static func giveAway(_ path: String, _ process: ProcessIdentity, _ more: String? = nil) -> String {
        "as root "
            + onHost(path, process) { file in
                "chown \(process.user):\(process.group) \(file)\(more.map { " && \($0) \(file)" } ?? "")"
            }
    }

    /// By the name that the file has there, where it is known: the container's own is no use on the host.
    private static func onHost(_ path: String, _ process: ProcessIdentity, _ command: (String) -> String) -> String {
        guard let file = process.hostFolders.path(of: path) else {
            return "on the host, by the file's name there: \(command(shellQuoted(path)))"
        }
        let place = file.hasPrefix("/") ? "" : ", in the folder of compose.yaml"
        return "on the host\(place): \(command(shellQuoted(file)))"
    }

    /// The host knows a user namespace's ids by other numbers.
    private static func mapped(_ path: String, _ process: ProcessIdentity) -> String {
        let (user, group) = (process.user, process.group)
        let file = shellQuoted(process.hostFolders.path(of: path) ?? path)
        let asRoot = process.userIDs.outside(user).flatMap { outsideUser in
            process.groupIDs.outside(group).map { ", else as root: chown \(outsideUser):\($0) \(file)" }
        }
        return "rootless Podman: --userns=keep-id:uid=\(user),gid=\(group) if the file is your own, "
            + "or podman unshare chown \(user):\(group) \(file)\(asRoot ?? "")"
    }

    private static func otherDenial(_ process: ProcessIdentity) -> String {
        let name = process.confinement.map { "; this process is \(quoted($0)) to it" } ?? ""
        return "so another rule denies it: SELinux (mount the volume with :z or :Z), AppArmor, Landlock, "
            + "or an access control list (getfacl)\(name)"
    }

    private static func describe(
        _ path: String, _ mode: UInt32, _ owner: UInt32, _ group: UInt32, _ process: ProcessIdentity
    ) -> String {
        let space = process.isInUserNamespace ? " in a user namespace" : ""
        let unmapped =
            process.userIDs.isUnmapped(owner) || process.groupIDs.isUnmapped(group)
            ? " (\(IDMap.overflow): an id that the namespace does not map)" : ""
        return "this process is \(process.user):\(process.group)\(space), "
            + "\(quoted(path)) belongs to \(owner):\(group)\(unmapped) with mode \(octal(mode))"
    }
}

/// `0644`.
public func octal(_ mode: UInt32) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
