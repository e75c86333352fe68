import Basics

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
        private let memberships: [CgroupMembership]
        private let mounts: [CgroupMount]

        init(cgroup: String, mountinfo: String) {
            memberships = cgroup[...].fields(at: "\n").compactMap(CgroupMembership.init)
            mounts = mountinfo[...].fields(at: "\n").compactMap(CgroupMount.init)
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

        private static func paths(_ membership: Substring, _ mounts: [CgroupMount]) -> [String] {
            let path = membership.fields(at: "/")
            // A mount that shows our cgroup; without one (a runtime that mounts another part of the tree, or a
            // path with `..` from outside the namespace) the root of the mount is all there is.
            for mount in mounts where !path.contains("..") {
                let root = mount.root[...].fields(at: "/")
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
