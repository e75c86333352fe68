import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// What the kit's agent does for the commands that change something, and who cannot make it do more.
@Suite struct AgentCommandTests {
    /// A stop that somebody asked for before the agent had the port was meant for another boot.
    @Test func whatIsStaleIsNotObeyed() throws {
        let workspace = try Workspace()
        let sandbox = try KitSandbox(workspace)
        try Self.makeStubs(sandbox)
        let agent = try AgentPort.kit(sandbox, hasStubs: true)
        try agent.hangUp()
        try agent.send("\(#"{"execute":"guest-shutdown"}"#)\n")
        try agent.synchronise()
        #expect(!FileManager.default.fileExists(atPath: "\(sandbox.path)/root/called"))
    }

    private static func makeStubs(_ sandbox: KitSandbox) throws {
        for name in ["poweroff", "halt", "reboot"] {
            try sandbox.stub(name, "echo \(name) >>/root/called")
        }
    }

    @Test(arguments: ["": "poweroff", "powerdown": "poweroff", "halt": "halt", "reboot": "reboot"])
    func aShutdownIsSilent(_ mode: String, _ called: String) throws {
        let sandbox = try KitSandbox(Workspace())
        try Self.makeStubs(sandbox)
        let agent = try AgentPort.kit(sandbox, hasStubs: true)
        let arguments = mode.isEmpty ? "" : ",\"arguments\":{\"mode\":\"\(mode)\"}"
        #expect(try agent.answers(to: "{\"execute\":\"guest-shutdown\"\(arguments)}\n") == [])
        #expect(try sandbox.read("root/called") == "\(called)\n")
    }

    @Test func aShutdownThatFailsIsReported() throws {
        let sandbox = try KitSandbox(Workspace())
        for name in ["poweroff", "halt"] { try shell("ln -s /bin/false '\(sandbox.path)/sbin/\(name)'") }
        let agent = try AgentPort.kit(sandbox, hasStubs: true)
        let failure = #"{"error":{"class":"GenericError","desc":"child process has failed to shutdown"}}"#
        #expect(try agent.answers(to: "\(#"{"execute":"guest-shutdown"}"#)\n") == [failure])
    }

    @Test func aPasswordBecomesAHash() throws {
        let sandbox = try KitSandbox(Workspace())
        let agent = try AgentPort.kit(sandbox)
        let password = "pass: wörd 'ß\"\\"
        for _ in 1...2 {
            #expect(
                try agent.answers(to: AgentPort.setPassword("agents", password, crypted: false)) == [AgentPort.pong])
        }
        let hash = try sandbox.hash(of: "agents")
        #expect(hash.hasPrefix("$6$"))
        var key = Array(password.utf8)
        key.append(0)
        let again = try key.withUnsafeBytes { try Crypt.hash($0, setting: hash) }
        #expect(again == hash)
        // Nothing else has changed, and the file is whose it was.
        #expect(try sandbox.hash(of: "root") == "*" && sandbox.read("etc/shadow").split(separator: "\n").count == 3)
        #expect(try shell("stat -c '%a %u:%g' '\(sandbox.path)/etc/shadow'") == "640 0:42\n")
        #expect(try shell("ls '\(sandbox.path)/etc' | grep 'shadow[.]' || true") == "")
    }

    /// qemu-ga hands all but the first three to chpasswd, and an empty one would open the account to everybody.
    @Test func whatIsNoHashIsRefused() throws {
        let sandbox = try KitSandbox(Workspace())
        let agent = try AgentPort.kit(sandbox)
        let before = try sandbox.snapshot()
        let forbidden = "forbidden characters in raw password"
        let noHash = "the password is not a hash of crypt(5), such as $6$salt$hash"
        let cases = [
            ("$6$a$b:0:0", forbidden), ("$6$a$b\nroot::", forbidden), ("x\0y", forbidden), ("", noHash),
            ("plain", noHash),
            ("$6$", noHash), ("$$a$b", noHash), ("$6$a b", noHash),
            ("$6$\(String(repeating: "a", count: 510))", noHash),
        ]
        for (hash, reason) in cases {
            let answer = try agent.answers(to: AgentPort.setPassword("agents", hash, crypted: true))
            #expect(answer == [#"{"error":{"class":"GenericError","desc":"\#(reason)"}}"#], "\(hash)")
        }
        #expect(try sandbox.snapshot() == before)
    }

    /// A file that somebody wrote by hand, and a user whom only /etc/passwd knows.
    @Test func aLastLineWithoutItsEndIsCompleted() throws {
        let sandbox = try KitSandbox(Workspace())
        try shell("cd '\(sandbox.path)/etc' && sed -i /^agents:/d shadow && truncate -s -1 shadow")
        let old = try sandbox.read("etc/shadow")
        let agent = try AgentPort.kit(sandbox)
        #expect(try agent.answers(to: AgentPort.setPassword("agents", "$6$a$b", crypted: true)) == [AgentPort.pong])
        let added = try sandbox.read("etc/shadow").dropFirst(old.count)
        #expect(try sandbox.read("etc/shadow").hasPrefix(old))
        #expect(added.wholeMatch(of: /\nagents:\$6\$a\$b:[0-9]+:0:99999:7:::\n/) != nil, "\(added)")
    }

    /// Who edits /etc/shadow is waited for; who died of it is not.
    @Test func theLockOfShadowIsHonoured() throws {
        let sandbox = try KitSandbox(Workspace())
        let agent = try AgentPort.kit(sandbox)
        let lock = "\(sandbox.path)/etc/shadow.lock"
        try shell("printf %s 1 >'\(lock)'")
        let failure = #"{"error":{"class":"GenericError","desc":"child process has failed to set user password"}}"#
        let hash = AgentPort.setPassword("agents", "$6$a$b", crypted: true)
        #expect(try agent.answers(to: hash) == [failure])
        #expect(try sandbox.hash(of: "agents") == "!" && sandbox.read("etc/shadow.lock") == "1")
        try shell("printf '4194305\\0' >'\(lock)'")
        #expect(try agent.answers(to: hash) == [AgentPort.pong])
        #expect(try sandbox.hash(of: "agents") == "$6$a$b")
        #expect(try shell("ls '\(sandbox.path)/etc' | grep 'shadow[.]' || true") == "")
    }

    private static let getKeys =
        "\(#"{"execute":"guest-ssh-get-authorized-keys","arguments":{"username":"agents"}}"#)\n"

    /// A folder of the user's own, with what `make` puts there.
    private func makeFolder(_ sandbox: KitSandbox, _ make: String) throws {
        try shell(
            "cd '\(sandbox.path)/home/agents' && mkdir -m 700 .ssh && cd .ssh && \(make) && chown -hR 1000:1000 .")
    }

    /// The open of a FIFO without a writer would last until there is one.
    @Test(arguments: [
        "mkfifo authorized_keys", "mkdir authorized_keys", "ln -s other authorized_keys && echo a >other",
    ])
    func whatIsNoFileOfKeysIsRefused(_ make: String) throws {
        let sandbox = try KitSandbox(Workspace())
        try makeFolder(sandbox, make)
        let agent = try AgentPort.kit(sandbox)
        let before = try sandbox.snapshot()
        let add =
            "\(#"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":["ssh-x A"]}}"#)\n"
        for line in [Self.getKeys, add] {
            #expect(try agent.answers(to: line).first?.contains("authorized_keys") == true)
        }
        #expect(try sandbox.snapshot() == before)
    }

    /// The user may stop the child that runs with his rights: the agent goes on without it.
    @Test func aChildThatIsStoppedIsGivenUp() throws {
        let sandbox = try KitSandbox(Workspace())
        // Large, so that there is time to stop it.
        try makeFolder(sandbox, "yes '# a line that is no key' | head -c 1000000 >authorized_keys")
        let agent = try AgentPort.kit(sandbox)
        let reading = try OpenWatch("\(sandbox.path)/home/agents/.ssh/authorized_keys")
        try agent.send(Self.getKeys)
        try reading.wait(within: 20)
        let child = try agent.child()
        try Linux.send(.stop, to: child)
        #expect(try agent.line().contains("child process has failed"))
        #expect(try agent.answers(to: AgentPort.ping) == [AgentPort.pong])
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(child)"))
    }

    /// A user could have put links where root would follow them.
    @Test func keysOfAUserAreWrittenAsTheUser() throws {
        let sandbox = try KitSandbox(Workspace())
        try shell("ln -s /etc '\(sandbox.path)/home/agents/.ssh'; echo secret > '\(sandbox.path)/root/secret'")
        let agent = try AgentPort.kit(sandbox)
        let before = try sandbox.snapshot()
        let add =
            "\(#"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":["ssh-x A"]}}"#)\n"
        #expect(try agent.answers(to: add).first?.contains("GenericError") == true)
        try shell(
            "cd '\(sandbox.path)/home/agents' && rm .ssh && mkdir -m 700 .ssh && ln -s /root/secret .ssh/authorized_keys "
                + "&& chown -hR 1000:1000 .ssh")
        let answer = try #require(agent.answers(to: Self.getKeys).first)
        #expect(answer.contains("GenericError") && !answer.contains("secret\""))
        let changed = try sandbox.snapshot().subtracting(before)
        #expect(changed.allSatisfy { $0.contains("home/agents") }, "\(changed)")
    }
}
