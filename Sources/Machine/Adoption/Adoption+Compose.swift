import Basics
import JSON

extension Adoption {
    /// A compose file for a folder beside the files that it names.
    public var composeFile: String {
        var lines = [
            "services:", "  guest:", "    image: drover",
            "    # Who owns the disks: uid:gid in numbers, such as id -u and id -g print.",
            "    user: \(Self.scalar("10001:10001"))",
            "    read_only: true",
            "    tmpfs: [\"/run:mode=1777,size=16m\", \"/tmp:mode=1777,size=64m\"]",
            "    ipc: none", "    cap_drop: [ALL]",
            "    security_opt: [\"no-new-privileges:true\"]",
            "    mem_limit: \((configuration.machine.ram ?? MiB(2048)).count + 1024)m",
            "    pids_limit: 256", "    stop_grace_period: 2m", "    restart: on-failure", "    environment:",
        ]
        lines += variables.map { "      \($0.name): \(Self.scalar($0.value))" }
        lines += section("ports", published.map { "      - \(Self.scalar($0))" })
        let nodes = mounts.filter(\.isDevice).map { "      - \(Self.scalar($0.hostPath))" }
        lines += section("devices", (wantsKVM ? ["      - /dev/kvm"] : []) + nodes)
        if wantsKVM {
            lines += ["    group_add: [\"${KVM_GID:?set it to what stat -c %g /dev/kvm prints}\"]"]
        }
        lines += section("volumes", volumes)
        if usesVNCPassword { lines += ["    secrets: [vnc_password]"] }
        if configuration.disks.createDisk { lines += ["", "volumes:", "  disk: {}"] }
        if usesVNCPassword { lines += ["", "secrets:", "  vnc_password:", "    file: ./vnc_password"] }
        return lines.map { $0 + "\n" }.joined()
    }

    private var usesVNCPassword: Bool { variables.contains { $0.name == "VNC_PASSWORD_FILE" } }

    /// A file that is missing is a fault, where the short form would make a folder.
    private var volumes: [String] {
        let files = mounts.filter { !$0.isDevice }.flatMap { mount -> [String] in
            let isAbsolute = mount.hostPath.hasPrefix("/") || mount.hostPath.hasPrefix("../")
            let source = isAbsolute || mount.hostPath.hasPrefix("./") ? mount.hostPath : "./" + mount.hostPath
            return [
                "      - type: bind", "        source: \(Self.scalar(source))",
                "        target: \(Self.scalar(mount.path))",
            ] + (mount.isReadOnly ? ["        read_only: true"] : []) + [
                "        bind: {create_host_path: false}"
            ]
        }
        return (configuration.disks.createDisk ? ["      - disk:/opt/hurd-image"] : []) + files
    }

    private func section(_ name: String, _ items: [String]) -> [String] {
        items.isEmpty ? [] : ["    \(name):"] + items
    }

    /// JSON is YAML; a dollar would be Compose's.
    private static func scalar(_ text: String) -> String {
        JSONValue.string(text).encodedText().replacing(every: "$", by: "$$")
    }
}
