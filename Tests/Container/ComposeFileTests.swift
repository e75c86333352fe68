import Foundation
import Machine
import TestSupport
import Testing

/// What Compose makes of the compose files, without starting anything.
@Suite struct ComposeFileTests {
    @Test(arguments: [
        ["compose.yaml"], ["compose.yaml", "kvm.yaml"], ["compose.yaml", "vnc.yaml"],
        ["compose.yaml", "kvm.yaml", "vnc.yaml"], ["compose.yaml", "key-only.yaml"],
        ["compose.yaml", "share.yaml"], ["compose.yaml", "backup.yaml"],
        ["compose.yaml", "backup.yaml", "offsite.yaml"],
        ["compose.yaml", "backup.yaml", "offsite.yaml", "offsite-local.yaml"],
        ["compose.yaml", "password-only.yaml"],
        ["swarm.yaml"], ["compose.yaml", "edge.yaml"], ["compose.yaml", "monitoring.yaml", "edge.yaml"],
        ["compose.yaml", "monitoring.yaml"], ["compose.yaml", "monitoring.yaml", "backup.yaml"],
    ])
    func theComposeFilesGoTogether(_ files: [String]) throws {
        let result = try Engine.docker("compose \(composeFiles(files)) config", "KVM_GID=1 OFFSITE_DIR=/x")
        #expect(result.contains("source: /dev/kvm") == files.contains("kvm.yaml"), "\(result)")
        #expect(result.contains("target: 5900") == files.contains("vnc.yaml"), "\(result)")
    }

    /// What the documents call the container by.
    @Test func theContainerIsCalledDroverHurd1() throws {
        let project = try Project(settings: [:])
        #expect(project.name == "drover")
        #expect(Array(project.services.keys) == ["hurd"] && project.services["hurd"]?["container_name"] == nil)
    }

    /// What compose.yaml decides itself: paths and ports that it mounts and publishes.
    private static let itsOwn: Set = [
        "QEMU_DRIVE", "QEMU_PORTS", "ROOT_PASSWORD_FILE", "AGENTS_PASSWORD_FILE", "AUTHORIZED_KEYS_FILE", "ENABLE_VNC",
        "VNC_PASSWORD_FILE", "DROVER_RUNTIME_DIR", "SCREEN_DIR", "DISK_DIR", "SECRETS_DIR",
    ]

    @Test func everyVariableInTheEnvironmentFileReachesTheContainer() throws {
        let names = Variable.all.filter { $0.section != .offsite }.map(\.name).filter { !Self.itsOwn.contains($0) }
        let settings = Dictionary(uniqueKeysWithValues: names.map { ($0, "the \($0)") })
        let environment = try #require(try Project(settings: settings).environment)
        for name in names {
            #expect(environment[name] as? String == "the \(name)")
        }
    }

    /// Those that are not set are not passed on, or empty, which is the same to Drover.
    @Test func withoutAnEnvironmentFileOnlyItsOwnDefaultsReachTheContainer() throws {
        let environment = try #require(try Project(settings: [:]).environment)
        let set = environment.filter { !($0.value is NSNull) && $0.value as? String != "" }
        #expect(set.keys.sorted() == ["DISK_DIR", "QEMU_DRIVE", "QEMU_PORTS", "QEMU_RAM", "QEMU_SMP", "SECRETS_DIR"])
    }

    /// The third line of the quick start, but for the start: what it builds is the image under test.
    @Test func composeBuildsTheImage() throws {
        let tag = "drover-by-compose"
        defer { _ = try? Engine.docker("image rm \(tag)") }
        try Engine.docker("compose \(composeFiles(["compose.yaml"])) build", "DROVER_IMAGE=\(tag)", within: 900)
        let layers = "image inspect --format '{{.RootFS.Layers}} {{.Config.Entrypoint}} {{.Config.User}}'"
        #expect(try Engine.docker("\(layers) \(tag)") == Engine.docker("\(layers) drover"))
    }

    /// `compose.yaml` with the variables of an environment file put in.
    private struct Project {
        let name: String
        let services: [String: [String: Any]]
        var environment: [String: Any]? { services["hurd"]?["environment"] as? [String: Any] }

        init(settings: [String: String]) throws {
            let workspace = try Workspace()
            let file = "\(workspace.path)/env"
            try settings.map { "\($0)=\($1)\n" }.joined().write(toFile: file, atomically: true, encoding: .utf8)
            let text = try Engine.docker(
                "compose --env-file '\(file)' \(composeFiles(["compose.yaml"])) config --format json")
            let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            name = try #require(json?["name"] as? String)
            services = try #require(json?["services"] as? [String: [String: Any]])
        }
    }
}

extension ComposeFileTests {
    /// All of `.env` reaches the container, where a name that Drover does not know is warned about.
    @Test func droverKnowsEveryNameThatTheComposeFilesRead() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(repository)/compose")
            .filter { $0.hasSuffix(".yaml") }
        var names: Set<String> = []
        for file in files {
            let text = try text(of: "\(repository)/compose/\(file)")
            names.formUnion(text.matches(of: /\$\{([A-Z0-9_]+)/).map { String($0.output.1) })
        }
        #expect(names.count > 12)
        let values = Dictionary(uniqueKeysWithValues: names.map { ($0, "") })
        #expect(Configuration.parse(values).warnings == [])
    }
}
