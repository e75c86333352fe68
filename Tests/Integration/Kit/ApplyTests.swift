import Foundation
import Linux
import TestSupport
import Testing

/// The kit's apply under three shells, with seeds that are well meant and seeds that are not.
@Suite struct ApplyTests {
    private static let shells = ["dash", "busybox sh", "bash"]
    /// busybox's takes awk, uname and so on from itself.
    private static let shellsWithoutTools = ["dash", "bash"]

    /// A seed's folder with these files in drover/, inside the sandbox as /var/lib/seed.
    private func write(_ files: [String: String], _ sandbox: KitSandbox) throws {
        let folder = "\(sandbox.path)/lib/seed/drover"
        try shell("rm -rf '\(folder)' && mkdir -p '\(folder)'")
        for (name, text) in files {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
    }

    private func apply(_ name: String, _ sandbox: KitSandbox) throws -> (status: Int, output: String) {
        try sandbox.run("\(name) \(KitSandbox.kit)/apply /var/lib/seed")
    }

    private static let good = [
        "instance-id": "i-1\n", "hostname": "testhost\n", "user": "new\n", "authorized_keys": "ssh-ed25519 AAAA me\n",
        "shadow": "root:$6$a$root\nnew:$6$a$new\nstranger:$6$a$x\n",
    ]

    @Test(arguments: shells, [true, false])
    func aSeedIsAppliedOnce(_ name: String, _ hasChpasswd: Bool) throws {
        let sandbox = try KitSandbox(Workspace())
        try write(Self.good, sandbox)
        // agents is somebody the seed does not know, in a file without a line for root.
        if !hasChpasswd {
            try shell(
                "cd '\(sandbox.path)' && sed -i /^root:/d etc/shadow && cp /usr/sbin/useradd /usr/sbin/groupadd sbin")
        }
        let before = try sandbox.snapshot()
        let result = try sandbox.run("\(name) \(KitSandbox.kit)/apply /var/lib/seed", hasStubs: !hasChpasswd)
        #expect(result.status == 0 && result.output.contains("i-1 is in force"), "\(result.output)")
        #expect(result.output.contains("no user stranger, skipped") && !result.output.contains("$6$"))
        #expect(try sandbox.hash(of: "root") == "$6$a$root" && sandbox.hash(of: "new") == "$6$a$new")
        #expect(try sandbox.hash(of: "agents") == "!" && sandbox.read("etc/hostname") == "testhost\n")
        for home in ["root", "home/new"] {
            let modes = try shell("cd '\(sandbox.path)/\(home)' && stat -c %a .ssh .ssh/authorized_keys")
            #expect(modes == "700\n600\n")
            #expect(try sandbox.read("\(home)/.ssh/authorized_keys") == "ssh-ed25519 AAAA me\n")
        }
        #expect(try shell("stat -c '%a %u:%g' '\(sandbox.path)/etc/shadow'") == "640 0:42\n")
        // What may have changed, and nothing beside it.
        let intended =
            #/(etc(/(passwd|group|shadow|gshadow|subuid|subgid)-?|/hostname|/\.pwd\.lock)?|root(/\.ssh.*)?|home(/new.*)?)/#
        for line in try sandbox.snapshot().symmetricDifference(before) {
            let words = line.split(separator: " ")
            let isKnown = words.contains { $0.wholeMatch(of: intended) != nil }
            #expect(isKnown, "\(line)")
        }

        let after = try sandbox.snapshot()
        let again = try apply(name, sandbox)
        #expect(again.status == 0 && again.output.contains("in force already"), "\(again.output)")
        #expect(try sandbox.snapshot() == after)
    }

    private static let hostile: [(file: String, text: String)] = [
        ("instance-id", ""), ("instance-id", "../../etc/passwd"), ("instance-id", "a b"), ("instance-id", "a\nb"),
        ("instance-id", "$(id)"), ("hostname", "-F/etc/shadow"), ("hostname", "a/b"), ("hostname", "a..b"),
        ("hostname", "a\nb"), ("user", "--help"), ("user", "-r"), ("user", "../root"), ("user", "new\nroot"),
        ("user", "a:0"), ("user", "daemon"), ("user", "nobody"), ("user", "a b"), ("user", "."),
        ("shadow", "../etc:$6$a$b"), ("shadow", "root:plain"), ("shadow", "root:"), ("shadow", "root:$6$a$b:0:0"),
        ("shadow", "-e:$6$a$b"), ("shadow", ".*:$6$a$b"), ("shadow", "root:$6$a$b\n:$6$a$b"), ("shadow", "root"),
        ("shadow", "root:$6$`id`$b"), ("authorized_keys", "ssh-x \u{1b}[2J"),
        ("authorized_keys", String(repeating: "x", count: 300_000)),
    ]

    @Test(arguments: shells) func aHostileSeedChangesNothing(_ name: String) throws {
        let sandbox = try KitSandbox(Workspace())
        let before = try sandbox.snapshot()
        for (file, text) in Self.hostile {
            try write(Self.good.merging([file: text.isEmpty ? "" : "\(text)\n"]) { $1 }, sandbox)
            let result = try apply(name, sandbox)
            #expect(
                result.status == 65 && result.output.contains("refused"), "\(file) \(text.prefix(40)): \(result.output)"
            )
        }
        for make in ["ln -s /etc/shadow shadow", "mkdir shadow", "ln -s /etc/hostname hostname", "mkfifo user"] {
            try write(Self.good, sandbox)
            let file = make.split(separator: " ").last.map(String.init) ?? ""
            try shell("cd '\(sandbox.path)/lib/seed/drover' && rm \(file) && \(make)")
            let result = try apply(name, sandbox)
            #expect(result.status == 65, "\(make): \(result.output)")
        }
        #expect(try sandbox.snapshot() == before)
        #expect(!FileManager.default.fileExists(atPath: "\(sandbox.path)/lib/drover/instance-id"))
    }

    /// As on a bare Hurd: without useradd there is no user, and everything else is as the seed says.
    @Test(arguments: shellsWithoutTools) func whatCanBeAppliedIsApplied(_ name: String) throws {
        let sandbox = try KitSandbox(Workspace())
        try write(Self.good, sandbox)
        let command = "\(name) \(KitSandbox.kit)/apply /var/lib/seed"
        let result = try sandbox.run(command, hasStubs: true)
        #expect(result.status == 73 && result.output.contains("cannot create the user new"), "\(result.output)")
        #expect(result.output.contains("i-1 is not in force as a whole; the next boot tries again"))
        #expect(try sandbox.hash(of: "root") == "$6$a$root" && sandbox.read("etc/hostname") == "testhost\n")
        #expect(try sandbox.read("root/.ssh/authorized_keys") == "ssh-ed25519 AAAA me\n")
        #expect(!FileManager.default.fileExists(atPath: "\(sandbox.path)/lib/drover/instance-id"))

        // Another seed takes back what this one has given, though it was never in force.
        try write(
            Self.good.merging(["instance-id": "i-2\n", "authorized_keys": "ssh-ed25519 BBBB me\n"]) { $1 }, sandbox)
        try shell("cp /usr/sbin/useradd /usr/sbin/groupadd '\(sandbox.path)/sbin'")
        let again = try sandbox.run(command, hasStubs: true)
        #expect(again.status == 0 && again.output.contains("i-2 is in force"), "\(again.output)")
        for home in ["root", "home/new"] {
            #expect(try sandbox.read("\(home)/.ssh/authorized_keys") == "ssh-ed25519 BBBB me\n")
        }
        #expect(try sandbox.hash(of: "new") == "$6$a$new")
    }

    /// A user's own links lead root nowhere.
    @Test(arguments: shells) func aLinkInAHomeIsNotFollowed(_ name: String) throws {
        for link in ["/etc", "/root"] {
            let sandbox = try KitSandbox(Workspace())
            try shell("ln -s \(link) '\(sandbox.path)/home/agents/.ssh'")
            try write(Self.good.merging(["user": "agents\n", "shadow": "agents:$6$a$b\n"]) { $1 }, sandbox)
            let result = try apply(name, sandbox)
            #expect(result.status == 73, "\(result.output)")
            #expect(!FileManager.default.fileExists(atPath: "\(sandbox.path)\(link)/authorized_keys"))
            #expect(!FileManager.default.fileExists(atPath: "\(sandbox.path)/lib/drover/instance-id"))
        }
    }

    /// Where there is no chpasswd, which has locks of its own.
    @Test(arguments: shells) func shadowIsLockedWhileItIsEdited(_ name: String) throws {
        let sandbox = try KitSandbox(Workspace())
        try write(["instance-id": "i-1\n", "shadow": "root:$6$a$root\n"], sandbox)
        let before = try sandbox.snapshot()
        let command = "\(name) \(KitSandbox.kit)/apply /var/lib/seed"
        // Of a process that lives: the shell of the sandbox.
        let held = try sandbox.run("printf %s $$ >/etc/shadow.lock; \(command)", hasStubs: true)
        #expect(held.status == 73 && held.output.contains("/etc/shadow is locked by somebody else"), "\(held.output)")
        try shell("rm '\(sandbox.path)/etc/shadow.lock'")
        #expect(try sandbox.snapshot() == before)
        // No process has this number; shadow's tools leave a zero byte after it.
        let stale = try sandbox.run("printf '4194305\\0' >/etc/shadow.lock; \(command)", hasStubs: true)
        #expect(stale.status == 0, "\(stale.output)")
        #expect(try sandbox.hash(of: "root") == "$6$a$root")
        #expect(try shell("ls '\(sandbox.path)/etc' | grep 'shadow[.]' || true") == "")
    }

    /// An awk that fails must not leave an empty file, and so nobody who can log in.
    @Test(arguments: shellsWithoutTools) func anEditThatFailsLeavesShadowAsItWas(_ name: String) throws {
        let sandbox = try KitSandbox(Workspace())
        try write(["instance-id": "i-1\n", "shadow": "root:$6$a$root\n"], sandbox)
        try sandbox.stub("awk", "exit 2")
        let before = try sandbox.snapshot()
        let result = try sandbox.run("\(name) \(KitSandbox.kit)/apply /var/lib/seed", hasStubs: true)
        #expect(result.status == 73 && result.output.contains("cannot set the passwords"), "\(result.output)")
        #expect(try sandbox.snapshot() == before)
    }

    /// Its CD is the first with a seed of cd0 and hd2, and is gone afterwards.
    @Test(arguments: shellsWithoutTools) func aHurdMountsItsCD(_ name: String) throws {
        for cd in ["cd0", "hd2"] {
            let sandbox = try KitSandbox(Workspace())
            try sandbox.beHurd(cd: cd)
            try write(Self.good.merging(["user": "agents\n"]) { $1 }, sandbox)
            let result = try sandbox.runAsGuest(
                "\(name) \(KitSandbox.kit)/apply; cat /var/lib/calls; ls -A /var/lib/drover/seed")
            #expect(
                result.output.hasSuffix(
                    """
                    drover-apply: i-1 is in force
                    settrans -a /var/lib/drover/seed /hurd/iso9660fs /dev/\(cd)
                    settrans -fg /var/lib/drover/seed
                    exit 0

                    """), "\(result.output)")
            #expect(try sandbox.hash(of: "root") == "$6$a$root" && sandbox.read("etc/hostname") == "testhost\n")
        }
    }
}
