import Foundation
import Linux
import TestSupport
import Testing

/// `compose/seccomp.json`: narrower than the engine's own filter, and wide enough for all that Drover does.
@Suite struct SeccompTests {
    static let options = """
        --user 10001:10001 --cap-drop ALL --security-opt no-new-privileges:true \
        --volume '\(repository)/Tests/Container/forbidden.pl:/forbidden.pl:ro'
        """
    static let profile = "--security-opt seccomp='\(repository)/compose/seccomp.json'"

    @Test func whatItAllowsTheEngineAllowsTooAndMoreBesides() throws {
        let (ours, engines) = (try Filter(of: Self.profile), try Filter(of: ""))
        for filter in [ours, engines] {
            #expect(filter.defaultAction == "SCMP_ACT_ERRNO" && filter.defaultErrnoRet == 1)
        }
        // Without the 32-bit calls of the same machine.
        #expect(Set(ours.architectures).isStrictSubset(of: engines.architectures))
        #expect(ours.architectures.count == 1)

        #expect(ours.allowed().isStrictSubset(of: engines.allowed()))
        #expect(ours.rules(of: "clone") == engines.rules(of: "clone") && ours.rules(of: "clone").count == 1)
        #expect(ours.rules(of: "clone3") == engines.rules(of: "clone3") && ours.rules(of: "clone3").count == 1)
        // The engine's is "not AF_VSOCK", 40; these are AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK for one protocol,
        // NETLINK_KOBJECT_UEVENT.
        let sockets = ours.rules(of: "socket").map { $0.args ?? [] }
        #expect(sockets.joined().allSatisfy { $0.op == "SCMP_CMP_EQ" })
        #expect(sockets.map { $0.map(\.index) } == [[0], [0], [0], [0, 2]])
        #expect(sockets.map { $0.map(\.value) } == [[1], [2], [10], [16, 15]])
        // No other that the engine allows for some arguments only.
        let conditional = engines.allowed(forSomeArgumentsOnly: true)
        #expect(ours.allowed().intersection(conditional) == ["clone", "socket"])
    }

    /// Calls that an exploit would like and that Drover and QEMU never make, each tried by a program in a container.
    @Test func whatOnlyTheEngineAllowsIsRefused() throws {
        #expect(try refused("") == [])
        #expect(
            try refused(Self.profile) == [
                "ptrace", "personality", "process_vm_readv", "inotify_init1", "shmget", "semget", "pidfd_open",
                "setuid", "socket(netlink)",
            ])
    }

    /// The names of those calls of `forbidden.pl` that failed with EPERM.
    private func refused(_ security: String) throws -> [String] {
        try Engine.docker("run --rm \(Self.options) \(security) debian:trixie-slim perl /forbidden.pl")
            .split(separator: "\n").map(String.init)
    }

    @Test func composeGivesItToTheContainer() throws {
        let project = try ComposeProject()
        let container = try project.up()
        let text = try container.inspect(#"{{range .HostConfig.SecurityOpt}}{{println .}}{{end}}"#)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.contains("no-new-privileges:true"))
        let given = try #require(lines.first { $0.hasPrefix("seccomp") }).drop { $0 != "{" }
        let file = try Data(contentsOf: URL(fileURLWithPath: "\(repository)/compose/seccomp.json"))
        #expect(
            try JSONSerialization.jsonObject(with: Data(given.utf8)) as? NSDictionary
                == JSONSerialization.jsonObject(with: file) as? NSDictionary)
    }

    @Test func everyCommandOfAnOperatorWorksUnderIt() throws {
        let project = try ComposeProject(["QMP_POLICY": "full"])
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        let exec = "exec \(container.id) drover"

        #expect(try Engine.docker("\(exec) check").contains("QEMU_DRIVE"))
        #expect(try Engine.docker("\(exec) status").contains("running"))
        try Engine.docker("\(exec) healthcheck --live")
        try Engine.docker("\(exec) screenshot /tmp/screen.png")
        #expect(try Engine.docker("\(exec) monitor info block").contains("disk0"))
        try Engine.docker("\(exec) monitor savevm one")
        #expect(try Engine.docker("\(exec) monitor info snapshots").contains(" one "))
        for command in ["loadvm", "delvm"] {
            try Engine.docker("\(exec) monitor \(command) one")
        }
        #expect(try Engine.docker("\(exec) provision --dry-run").contains("drover"))
        // micro has no agent: the answer is "no", from PID 1.
        #expect(try failure("\(exec) guest ping") == .exited(1))
        // The console stays until the run ends; first it replays what the guest has said.
        let docker = try Engine.client
        let output = "\(project.workspace.path)/console"
        try shell("'\(docker)' \(exec) console > '\(output)' & '\(docker)' \(exec) stop || true; wait")
        #expect(try text(of: output).contains("micro: ready"))
        #expect(try container.waitForExit(within: 60) == 0)
    }

    private func failure(_ arguments: String) throws -> WaitStatus? {
        try shellFailure { try Engine.docker(arguments) }.status
    }
}

/// What the engine gives its runtime for a container, in the format of the OCI's runtime specification.
private struct Filter: Decodable {
    struct Rule: Decodable, Equatable {
        struct Argument: Decodable, Equatable {
            let index: Int
            let value: UInt64
            let op: String
        }

        let names: [String]
        let action: String
        let errnoRet: Int?
        let args: [Argument]?
    }

    let defaultAction: String
    let defaultErrnoRet: Int?
    let architectures: [String]
    let syscalls: [Rule]

    private struct Bundle: Decodable {
        struct Linux: Decodable {
            let seccomp: Filter
        }
        let linux: Linux
    }

    /// Reads it of a container with the tests' other options: the shim, its parent, works in its bundle.
    init(of security: String) throws {
        let id = try Engine.docker("run --detach \(SeccompTests.options) \(security) debian:trixie-slim sleep 60")
            .trimmingNewline()
        defer { _ = try? Engine.docker("rm --force \(id)") }
        let pid = try Container(id: id).inspect("{{.State.Pid}}")
        let status = try text(of: "/proc/\(pid)/status").split(separator: "\n")
        let parent = try #require(status.first { $0.hasPrefix("PPid:") }).dropFirst(6)
        let bundle = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(parent)/cwd/config.json"))
        self = try JSONDecoder().decode(Bundle.self, from: bundle).linux.seccomp
    }

    func rules(of name: String) -> [Rule] {
        syscalls.filter { $0.names == [name] }
    }

    /// The calls that are allowed at all, or for some arguments only.
    func allowed(forSomeArgumentsOnly: Bool = false) -> Set<String> {
        let rules = syscalls.filter { $0.action == "SCMP_ACT_ALLOW" && (!forSomeArgumentsOnly || $0.args != nil) }
        return Set(rules.flatMap(\.names))
    }
}
