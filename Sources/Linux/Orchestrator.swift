import Glibc

/// What has started the container: a remedy is of use where whoever reads it can write it down.
public enum Orchestrator: Equatable, Sendable {
    case compose
    case swarm
    case kubernetes
    case podman

    /// - Parameter environment: `NAME=value`, this process's own.
    public static func current(_ environment: [String: String]) -> Orchestrator {
        let mounts = (try? readFile("/proc/self/mountinfo", limit: 1 << 20)) ?? []
        return Orchestrator(
            environment, mounts: String(decoding: mounts, as: UTF8.self),
            isThere: { (try? FileStatus(of: $0)) != nil })
    }

    /// - Parameters:
    ///   - mounts: as in `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
    ///   - isThere: whether a file is.
    package init(_ environment: [String: String], mounts: String, isThere: (String) -> Bool) {
        if environment["KUBERNETES_SERVICE_HOST"] != nil || isThere("/var/run/secrets/kubernetes.io") {
            self = .kubernetes
        } else if environment["container"] == "podman" || isThere("/run/.containerenv") {
            self = .podman
        } else if mounts.split(separator: "\n").contains(where: Self.isSwarmSecret) {
            self = .swarm
        } else {
            self = .compose
        }
    }

    /// A secret of Swarm's is a file on a tmpfs that is mounted by itself; Compose's is one on the host's disk.
    private static func isSwarmSecret(_ mount: Substring) -> Bool {
        let fields = mount.split(separator: " ")
        guard fields.count > 4, fields[4].hasPrefix("/run/secrets/"),
            let end = fields.dropFirst(5).firstIndex(of: "-"), end + 1 < fields.count
        else { return false }
        return fields[end + 1] == "tmpfs"
    }
}
