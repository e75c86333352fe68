import Basics
import Linux
import Testing

/// Whoever reads a remedy can write it down where they are.
struct ContainerSettingTests {
    @Test(arguments: [
        (Orchestrator.compose, "compose: group_add: [\"36\"]", "compose: mem_limit: 900m"),
        (
            .swarm, "docker service update --group-add 36 SERVICE",
            "stack: deploy: {resources: {limits: {memory: 900M}}}"
        ),
        (.kubernetes, "pod: securityContext: {supplementalGroups: [36]}", "pod: resources: {limits: {memory: 900Mi}}"),
        (.podman, "podman: --group-add 36", "podman: --memory 900m"),
    ])
    func eachHasItsOwnWords(_ orchestrator: Orchestrator, _ group: String, _ memory: String) {
        #expect(ContainerSetting.group(36).phrase(orchestrator) == group)
        #expect(ContainerSetting.memory(900).phrase(orchestrator) == memory)
    }

    @Test(arguments: [
        (
            Orchestrator.kubernetes,
            "pod: securityContext: {fsGroup: 10001}, and defaultMode: 0440 of the secret's volume"
        ),
        (.swarm, "stack: uid: \"10001\", gid: \"10001\", mode: 0400 where the service names it"),
    ])
    func aSecretBelongsToWhatMountsIt(_ orchestrator: Orchestrator, _ remedy: String) {
        var process = ProcessIdentity(user: 10001, group: 10001)
        process.orchestrator = orchestrator
        #expect(PermissionHint.secret("/run/secrets/root_password", owner: 0, process) == remedy)
    }

    @Test func aPodsDiskIsItsGroups() {
        var process = ProcessIdentity(user: 10001, group: 10001)
        process.orchestrator = .kubernetes
        let status = FileStatus(kind: .regular, permissions: 0o600, owner: 0, group: 0)
        let hint = PermissionHint.file(.disk, "/opt/hurd-image/a.img", status, process)
        #expect(hint.hasSuffix("; pod: securityContext: {fsGroup: 10001}"))
        #expect(
            PermissionHint.file(.runtimeDirectory("/run/drover"), "/run", status, process, needed: 0o3)
                .hasSuffix("; pod: an emptyDir with medium: Memory at \"/run\""))
    }
}
