import Linux
import TestSupport
import Testing

@testable import Seed

/// What is on the image, word for word, and when a guest is told that it has changed.
@Suite struct GuestSeedTests {
    private static func files(_ tree: ISOTree) -> [String: String] {
        let files = tree.allFiles.filter { !$0.path.hasPrefix("drover/kit/") }
        return Dictionary(
            uniqueKeysWithValues: files.map { path, file in (path, String(decoding: file.contents, as: UTF8.self)) })
    }

    /// Of everything but the kit, with `$root` and `$user` in place of the hashes.
    private func files(_ folder: SeedFolder, _ more: [String: String] = [:]) throws -> [String: String] {
        let inputs = try #require(folder.read(more).inputs)
        let tree = GuestSeed.tree(
            inputs, instanceID: "drover-0", inputs.rootPassword.map { _ in "$root" },
            inputs.userPassword.map { _ in "$user" })
        return Self.files(tree)
    }

    private static let key = SeedFolder.key

    private static func prepare(_ permission: String, user: String = "agents") -> String {
        #""bootcmd":[["cloud-init-per","instance","drover","sh","-c","rm -f /root/.ssh/authorized_keys "#
            + "/home/\(user)/.ssh/authorized_keys; mkdir -p /etc/ssh/sshd_config.d && echo 'PermitRootLogin "
            + #"\#(permission)' >/etc/ssh/sshd_config.d/10-drover.conf"]]"#
    }

    @Test func everythingIsGiven() throws {
        let folder = try SeedFolder()
        try folder.write("root", "correct horse")
        try folder.write("user", "battery staple")
        try folder.write("keys", Self.key)
        try folder.write("user-data", "#cloud-config\npackages: [vim]\n")
        try folder.write("network", "version: 2")
        #expect(
            try files(folder) == [
                "meta-data": "{\"instance-id\":\"drover-0\",\"local-hostname\":\"hurd\"}\n",
                "user-data": "#cloud-config\n{\(Self.prepare("yes"))"
                    + #","chpasswd":{"expire":false,"users":[{"name":"root","password":"$root","type":"hash"},"#
                    + #"{"name":"agents","password":"$user","type":"hash"}]},"disable_root":false,"#
                    + #""ssh_authorized_keys":["\#(Self.key)"],"ssh_pwauth":true,"users":[{"groups":["sudo"],"#
                    + #""name":"agents","shell":"/bin/bash","ssh_authorized_keys":["\#(Self.key)"]}]}"# + "\n",
                "vendor-data": "#cloud-config\npackages: [vim]\n", "network-config": "version: 2\n",
                "drover/instance-id": "drover-0\n", "drover/hostname": "hurd\n", "drover/user": "agents\n",
                "drover/shadow": "root:$root\nagents:$user\n", "drover/authorized_keys": "\(Self.key)\n",
            ])
    }

    @Test func aKeyAloneOpensNoPassword() throws {
        let folder = try SeedFolder()
        try folder.write("keys", Self.key)
        let files = try files(folder, ["GUEST_USER": "bob", "GUEST_HOSTNAME": "on"])
        #expect(
            files["user-data"]
                == "#cloud-config\n{\(Self.prepare("prohibit-password", user: "bob"))"
                + #","disable_root":false,"ssh_authorized_keys":["\#(Self.key)"],"ssh_pwauth":false,"#
                + #""users":[{"groups":["sudo"],"name":"bob","shell":"/bin/bash","ssh_authorized_keys":["\#(Self.key)"],"#
                + #""sudo":"ALL=(ALL) NOPASSWD:ALL"}]}"# + "\n")
        #expect(files["meta-data"] == "{\"instance-id\":\"drover-0\",\"local-hostname\":\"on\"}\n")
        #expect(files["drover/shadow"] == nil && files["drover/user"] == "bob\n")
    }

    @Test func rootsPasswordAloneMakesNoUser() throws {
        let folder = try SeedFolder()
        try folder.write("root", "correct horse")
        let files = try files(folder)
        #expect(
            files["user-data"]
                == "#cloud-config\n{\(Self.prepare("yes"))"
                + #","chpasswd":{"expire":false,"users":[{"name":"root","password":"$root","type":"hash"}]},"#
                + #""disable_root":false,"ssh_pwauth":true,"users":[{"name":"root"}]}"# + "\n")
        #expect(files["drover/user"] == nil && files["drover/authorized_keys"] == nil)
    }

    @Test func withoutCredentialsTheGuestIsLeftAsItIs() throws {
        let files = try files(SeedFolder(), ["SEED": "on"])
        #expect(files["user-data"] == "#cloud-config\n{}\n")
        #expect(Set(files.keys) == ["meta-data", "user-data", "drover/instance-id", "drover/hostname"])
    }

    @Test func theImageIsForRootAlone() throws {
        let folder = try SeedFolder()
        try folder.write("root", "correct horse")
        let tree = try GuestSeed(#require(folder.read().inputs)).tree
        #expect(tree.allFiles.allSatisfy { $0.file.mode == ($0.path.hasPrefix("drover/kit/") ? 0o555 : 0o400) })
        #expect(tree.directories.allSatisfy { $0.mode == 0o500 })
    }

    @Test func theKitTravelsOnEverySeed() throws {
        let tree = try GuestSeed(#require(SeedFolder().read(["SEED": "on"]).inputs)).tree
        for name in ["agent", "apply", "install"] {
            let file = try #require(tree.allFiles.first { $0.path == "drover/kit/\(name)" }?.file)
            #expect(try file.contents == readFile("\(repository)/Sources/Seed/Kit/\(name)", limit: 1 << 20), "\(name)")
        }
    }

    @Test func theInstanceChangesWithTheSeedAndOnlyThen() throws {
        let changes: [(file: String, contents: String, environment: [String: String])] = [
            ("root", "correct horse", [:]), ("root", "correct horsf", [:]), ("user", "correct horse", [:]),
            ("user", "correct horsf", [:]), ("keys", Self.key, [:]), ("keys", Self.key + "x", [:]),
            ("user-data", "#!a", [:]), ("user-data", "#!b", [:]), ("network", "a", [:]), ("network", "b", [:]),
            ("keys", Self.key, ["GUEST_USER": "bob"]), ("keys", Self.key, ["GUEST_HOSTNAME": "mach"]),
        ]
        var identifiers: [String] = []
        for (file, contents, environment) in changes {
            let folder = try SeedFolder()
            try folder.write(file, contents)
            let first = try InstanceID.make(#require(folder.read(environment).inputs))
            try folder.write(file, contents + "\n")
            #expect(try InstanceID.make(#require(folder.read(environment).inputs)) == first)
            #expect(first.wholeMatch(of: /drover-[0-9a-f]{32}/) != nil, "\(first)")
            identifiers.append(first)
        }
        #expect(Set(identifiers).count == changes.count)
    }

    /// It is on disks: another value makes every guest regenerate its SSH host keys.
    @Test func theInstanceIsTheSameInEveryVersion() throws {
        let folder = try SeedFolder()
        try folder.write("root", "correct horse")
        try folder.write("keys", Self.key)
        #expect(try InstanceID.make(#require(folder.read().inputs)) == "drover-7450344c4646726c42685a6a336f5161")
    }

    @Test func theSealedImageCannotBeChanged() throws {
        let folder = try SeedFolder()
        try folder.write("root", "correct horse")
        let seed = try GuestSeed(#require(folder.read().inputs))
        let file = try seed.sealed()
        #expect(try file.status().size == Int64(seed.image().count))
        #expect(throws: Errno.self) { try file.writeAll([0]) }
        #expect(throws: Errno.notPermitted) {
            try Descriptor.open("/proc/self/fd/\(file.rawValue)", .readWrite).writeAll([0])
        }
    }
}
