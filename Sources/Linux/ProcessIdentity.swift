import Glibc

/// Who this process is when it comes to permissions.
public struct ProcessIdentity: Equatable, Sendable {
    /// Effective, as `group` is.
    public var user: UInt32
    public var group: UInt32
    /// Supplementary groups.
    public var groups: [UInt32]
    /// What its user namespace maps.
    public var userIDs: IDMap
    public var groupIDs: IDMap
    /// What a security module calls it, such as `docker-default (enforce)`; nil without one (`/proc/self/attr/current`).
    public var confinement: String?
    public var hostFolders = HostFolders()
    public var orchestrator = Orchestrator.compose

    public init(
        user: UInt32, group: UInt32, groups: [UInt32] = [], userIDs: IDMap = .identity, groupIDs: IDMap = .identity,
        confinement: String? = nil
    ) {
        self.user = user
        self.group = group
        self.groups = groups
        self.userIDs = userIDs
        self.groupIDs = groupIDs
        self.confinement = confinement
    }

    /// geteuid(2), getegid(2), getgroups(2), /proc/self and the environment.
    public static func current() -> ProcessIdentity {
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        // AppArmor ends its line with a line break, SELinux with a NUL.
        let confinement = (try? readFile("/proc/self/attr/current", limit: 4096))
            .map { String(decoding: $0.prefix { $0 >= 0x20 }, as: UTF8.self) }
        var process = ProcessIdentity(
            user: geteuid(), group: getegid(), groups: Array(groups.prefix(Int(max(0, count)))),
            userIDs: .current("/proc/self/uid_map"), groupIDs: .current("/proc/self/gid_map"),
            confinement: confinement.flatMap { $0.isEmpty ? nil : $0 })
        process.orchestrator = .current(processEnvironment())
        return process
    }

    public var isInUserNamespace: Bool { userIDs != .identity }

    public func isIn(_ group: UInt32) -> Bool {
        self.group == group || groups.contains(group)
    }

    /// What the mode of a file grants this process, as bits `rwx`; capabilities and access control lists aside.
    public func bits(of mode: UInt32, owner: UInt32, group: UInt32) -> UInt32 {
        if user == owner { return mode >> 6 & 0o7 }
        return (isIn(group) ? mode >> 3 : mode) & 0o7
    }
}
