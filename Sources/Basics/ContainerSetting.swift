import Linux

/// What a container is given, in the words of what has started it.
public enum ContainerSetting: Sendable {
    case device(String)
    /// One that is a disk.
    case blockDevice(String)
    case group(UInt32)
    case user(UInt32, group: UInt32)
    /// In MiB.
    case memory(Int)
    /// A directory in memory that is this process's own.
    case ownDirectory(String, ProcessIdentity)
    case seccompProfile
    case lockedMemory
    case publishedPort
    case gracePeriod

    /// Such as `compose: group_add: ["36"]`.
    public func phrase(_ orchestrator: Orchestrator) -> String {
        switch orchestrator {
        case .compose: "compose: \(compose)"
        case .swarm: swarm
        case .kubernetes: "pod: \(pod)"
        case .podman: "podman: \(podman)"
        }
    }

    private var compose: String {
        switch self {
        case .device(let path), .blockDevice(let path): "devices: [\(quoted(path))]"
        case .group(let group): "group_add: [\"\(group)\"]"
        case .user(let user, let group): "user: \"\(user):\(group)\""
        case .memory(let size): "mem_limit: \(size)m"
        case .ownDirectory(let path, let process):
            "tmpfs: [\"\(path):uid=\(process.user),gid=\(process.group),mode=0700\"]"
        case .seccompProfile: "security_opt: [\"seccomp=profile.json\"]"
        case .lockedMemory: "ulimits: {memlock: -1}"
        case .publishedPort: "ports"
        case .gracePeriod: "stop_grace_period"
        }
    }

    /// What a stack file can say is said; a service has no devices and no profile of its own.
    private var swarm: String {
        switch self {
        case .device, .blockDevice: "Swarm gives a service no device: use Compose on the machine that has it"
        case .group(let group): "docker service update --group-add \(group) SERVICE"
        case .memory(let size): "stack: deploy: {resources: {limits: {memory: \(size)M}}}"
        case .ownDirectory(let path, _): "stack: volumes: [{type: tmpfs, target: \(quoted(directoryName(path)))}]"
        case .seccompProfile: "Swarm has the engine's profile alone: dockerd --seccomp-profile"
        case .user, .lockedMemory, .publishedPort, .gracePeriod: "stack: \(compose)"
        }
    }

    private var pod: String {
        switch self {
        case .device(let path): "a device plugin's resource in resources.limits, which gives it \(path)"
        case .blockDevice(let path):
            "volumeDevices: [{name: disk, devicePath: \(quoted(path))}] of a claim with volumeMode: Block, or a device plugin"
        case .group(let group): "securityContext: {supplementalGroups: [\(group)]}"
        case .user(let user, let group): "securityContext: {runAsUser: \(user), runAsGroup: \(group)}"
        case .memory(let size): "resources: {limits: {memory: \(size)Mi}}"
        case .ownDirectory(let path, _): "an emptyDir with medium: Memory at \(quoted(directoryName(path)))"
        case .seccompProfile: "securityContext: {seccompProfile: {type: Localhost, localhostProfile: profile.json}}"
        case .lockedMemory: "the node's runtime sets it (LimitMEMLOCK of containerd's unit)"
        case .publishedPort: "a Service"
        case .gracePeriod: "terminationGracePeriodSeconds"
        }
    }

    private var podman: String {
        switch self {
        case .device(let path), .blockDevice(let path): "--device \(shellQuoted(path))"
        case .group(let group): "--group-add \(group)"
        case .user(let user, let group): "--user \(user):\(group)"
        case .memory(let size): "--memory \(size)m"
        case .ownDirectory(let path, _): "--tmpfs \(shellQuoted("\(directoryName(path)):mode=1777"))"
        case .seccompProfile: "--security-opt seccomp=profile.json"
        case .lockedMemory: "--ulimit memlock=-1"
        case .publishedPort: "--publish"
        case .gracePeriod: "--stop-timeout"
        }
    }
}
