import Foundation
import Seed
import TestSupport
import Testing

/// The documents as cloud-init's own code sees them. None of its services runs.
@Suite struct CloudInitTests {
    static let seeds: [(name: String, files: [String], environment: [String: String])] = [
        ("everything", ["root", "user", "keys", "vendor", "network"], [:]), ("keys", ["keys"], [:]),
        ("root", ["root"], [:]), ("user", ["user"], ["GUEST_USER": "bob", "GUEST_HOSTNAME": "123"]),
        ("nothing", [], ["SEED": "on"]),
    ]

    /// The image of `drover seed`, unpacked where cloud-init looks for a NoCloud seed.
    private func unpack(_ index: Int, _ workspace: Workspace) throws -> String {
        let seed = Self.seeds[index]
        let credentials = try Credentials(workspace)
        try "#cloud-config\nfinal_message: \"done\"\n".write(
            toFile: "\(workspace.path)/vendor", atomically: true, encoding: .utf8)
        try "version: 2\nethernets: {}\n".write(
            toFile: "\(workspace.path)/network", atomically: true, encoding: .utf8)
        let variables = credentials.variables(only: seed.files).merging(seed.environment) { $1 }
        let run = try DroverRun(["seed", "-o", "\(workspace.path)/seed.iso"], variables)
        #expect(try run.waitForExit(within: 20) == .exited(0), "\(run.lines)")
        let folder = "\(workspace.path)/cloud/seed/nocloud"
        try shell("mkdir -p '\(folder)' && bsdtar -xf '\(workspace.path)/seed.iso' -C '\(folder)'")
        return folder
    }

    @Test(arguments: seeds.indices) func theSchemaAcceptsIt(_ index: Int) throws {
        let workspace = try Workspace()
        let folder = try unpack(index, workspace)
        let output = try shell("cloud-init schema --config-file '\(folder)/user-data' 2>&1")
        #expect(output.contains("Valid cloud-config"), "\(output)")
    }

    @Test(arguments: seeds.indices) func itsReaderReturnsWhatWasPutIn(_ index: Int) throws {
        let workspace = try Workspace()
        let folder = try unpack(index, workspace)
        let script = """
            import json, sys
            from cloudinit import helpers, util
            from cloudinit.sources.DataSourceNoCloud import DataSourceNoCloud
            folder = sys.argv[1]
            source = DataSourceNoCloud({}, None, helpers.Paths({"cloud_dir": folder, "run_dir": folder + "/run"}))
            assert source._get_data(), "no seed"
            text = lambda data: data.decode() if isinstance(data, bytes) else data
            print(json.dumps({
                "id": source.get_instance_id(), "metadata": source.metadata, "user": text(source.userdata_raw),
                "config": util.load_yaml(source.userdata_raw), "vendor": text(source.vendordata_raw),
                "network": source.network_config}))
            """
        try script.write(toFile: "\(workspace.path)/read.py", atomically: true, encoding: .utf8)
        let output = try shell("/usr/bin/python3 '\(workspace.path)/read.py' '\(workspace.path)/cloud'")
        struct Answer: Decodable {
            struct Config: Decodable, Equatable {
                struct User: Decodable, Equatable { let name: String }
                var users: [User]?
                var takesPasswords: Bool?
                var rootIsDisabled: Bool?

                enum CodingKeys: String, CodingKey {
                    case users
                    case takesPasswords = "ssh_pwauth"
                    case rootIsDisabled = "disable_root"
                }
            }
            struct Network: Decodable { let version: Int }
            let id: String
            let metadata: [String: String]
            let user: String
            let config: Config
            let vendor: String?
            let network: Network?
        }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(output.utf8))
        let seed = Self.seeds[index]
        func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
        #expect(try answer.id + "\n" == text("drover/instance-id"))
        #expect(answer.metadata["local-hostname"] == seed.environment["GUEST_HOSTNAME"] ?? "hurd")
        #expect(try answer.user == text("user-data"))
        let hasUser = seed.files.contains("user") || seed.files.contains("keys")
        let user = Answer.Config.User(name: seed.environment["GUEST_USER"] ?? "agents")
        let hasPassword = seed.files.contains("root") || seed.files.contains("user")
        #expect(
            answer.config
                == (seed.files.isEmpty
                    ? Answer.Config()
                    : Answer.Config(
                        users: [hasUser ? user : Answer.Config.User(name: "root")], takesPasswords: hasPassword,
                        rootIsDisabled: false)))
        #expect((answer.vendor?.contains("final_message") ?? false) == seed.files.contains("vendor"))
        #expect(answer.network?.version == (seed.files.contains("network") ? 2 : nil))
    }
}
