import Glibc

/// The effective ids this process acts with.
public struct ProcessIdentity: Equatable, Sendable {
    public var user: UInt32
    public var group: UInt32
    /// Supplementary groups.
    public var groups: [UInt32]

    public init(user: UInt32, group: UInt32, groups: [UInt32] = []) {
        self.user = user
        self.group = group
        self.groups = groups
    }

    /// geteuid(2), getegid(2), getgroups(2).
    public static func current() -> ProcessIdentity {
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        return ProcessIdentity(user: geteuid(), group: getegid(), groups: Array(groups.prefix(Int(max(0, count)))))
    }

    public func isIn(_ group: UInt32) -> Bool {
        self.group == group || groups.contains(group)
    }
}
