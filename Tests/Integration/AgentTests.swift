import Foundation
import Glibc
import Linux
import Testing

/// The kit's agent, which has to bear whatever is on the line, and to answer as QEMU's own does.
@Suite struct AgentTests {
    private static let pong = #"{"return":{}}"#
    private static let ping = "\(#"{"execute":"guest-ping"}"#)\n"

    private static func setPassword(_ user: String, _ password: String, crypted: Bool) -> String {
        let encoded = Data(password.utf8).base64EncodedString()
        let arguments = #"{"username":"\#(user)","password":"\#(encoded)","crypted":\#(crypted)}"#
        return "{\"execute\":\"guest-set-user-password\",\"arguments\":\(arguments)}\n"
    }

    // MARK: Beside the real one

    /// Commands, faults and what is no JSON, a line each unless it says otherwise. Not here, as the answers differ by
    /// design: 0xFF (qemu-ga reports each), commands over more lines than one, keys in single quotes, fsfreeze.
    private static let session: [String] = [
        #"{"execute":"guest-ping"}"#, #"{"execute":"guest-ping"}{"execute":"guest-ping"}"#, "", "\r",
        #" { "execute" : "guest-ping" , "arguments" : { } } "#, "{\"execute\":\"guest-ping\"}\r",
        #"{"execute":"guest\u002dping"}"#, #"{"execute":"guest-sync","arguments":{"id":-5}}"#,
        #"{"execute":"guest-sync","arguments":{"id":9223372036854775807}}"#,
        #"{"execute":"guest-sync","arguments":{"id":9223372036854775808}}"#,
        #"{"execute":"guest-sync","arguments":{"id":-9223372036854775808}}"#,
        #"{"execute":"guest-sync","arguments":{"id":1.5}}"#, #"{"execute":"guest-sync","arguments":{"id":"5"}}"#,
        #"{"execute":"guest-sync"}"#, #"{"execute":"guest-sync","arguments":{"id":1,"x":2}}"#,
        #"{"execute":"guest-sync","arguments":{"x":2}}"#, #"{"execute":"guest-sync","arguments":[]}"#,
        #"{"execute":"guest-ping","arguments":null}"#, #"{"execute":"guest-ping","arguments":{"x":2}}"#,
        #"{"execute":"guest-ping","id":"a"}"#, #"{"execute":"guest-ping","id":"ä\ud83d\ude00\n\"\\\/"}"#,
        #"{"execute":"nope","id":[1,{"b":null},true,-2.5]}"#, #"{"execute":"guest-sync","id":7}"#,
        #"{"execute":"nope"}"#, #"{"execute":"nope","arguments":{}}x"#, #"{"execute":""}"#,
        #"{"execute":"guest-ping","x":1}"#, #"{"exec":1}"#, #"{"execute":5}"#, "{}", "[]", "5", "null", #""x""#,
        "garbage",
        #"{"execute":"gue"#, #"{"execute": guest-ping}"#, #"{"execute":"guest-ping","execute":"guest-ping"}"#,
        #"{"execute":"guest-ping",}"#, #"{"execute":"guest-ping"} x"#, #"{"execute":"guest-ping","id":01}"#, "\0",
        #"{"execute":"guest-ping","id":"\ud800"}"#,
        #"{"execute":"guest-shutdown","arguments":{"mode":"sleep"}}"#,
        #"{"execute":"guest-shutdown","arguments":{"mode":5}}"#,
        #"{"execute":"guest-set-user-password"}"#,
        #"{"execute":"guest-set-user-password","arguments":{"username":"agents","password":"eA=="}}"#,
        #"{"execute":"guest-set-user-password","arguments":{"username":"agents","password":"eA==","crypted":5}}"#,
        #"{"execute":"guest-set-user-password","arguments":{"username":"agents","password":"!!!!","crypted":false}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"nobody-here","keys":["a"]}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents"}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":"a"}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":[5]}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":["a\nb"]}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":["ssh-x A a", "ssh-x B \"b\""]}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":["ssh-x B \"b\"","ssh-x C"]}}"#,
        #"{"execute":"guest-ssh-get-authorized-keys","arguments":{"username":"agents"}}"#,
        #"{"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"agents","keys":["ssh-x D"],"reset":true}}"#,
        #"{"execute":"guest-ssh-get-authorized-keys","arguments":{"username":"agents"}}"#,
    ]

    /// The same for passwords.
    private static let passwords: [String] = [
        setPassword("a:b", "x", crypted: false), setPassword("a\\nb", "x", crypted: false),
        setPassword("agents", "x\n", crypted: false), setPassword("nobody-here", "x", crypted: false),
        #"{"execute":"guest-set-user-password","arguments":{"username":"agents","password":"eA==\n","crypted":false}}"#
            + "\n",
        #"{"execute":"guest-set-user-password","arguments":{"username":"agents","password":"eA\n==","crypted":false}}"#
            + "\n",
        setPassword("agents", "$6$salt$given", crypted: true),
    ]

    /// How a fault in JSON is worded, and how often it is reported, is QEMU's own affair.
    private static func comparable(_ answers: [String]) -> [String] {
        var result: [String] = []
        for answer in answers {
            let isParseError = answer.contains("JSON parse error") && answer.contains("GenericError")
            // qemu-ga lists keys from the last to the first.
            let isList = answer.hasPrefix(#"{"return":{"keys":["#)
            let text = isParseError ? "a parse error" : isList ? String(answer.sorted()) : answer
            if !isParseError || result.last != text { result.append(text) }
        }
        return result
    }

    @Test func itAnswersAsTheRealOneDoes() throws {
        let workspace = try Workspace()
        let boxes = try (kit: KitSandbox(workspace, named: "kit"), real: KitSandbox(workspace, named: "real"))
        let (kit, real) = try (AgentPort.kit(boxes.kit), AgentPort.qemus(boxes.real))
        for line in Self.session.map({ "\($0)\n" }) + Self.passwords {
            let expected = Self.comparable(try real.answers(to: line))
            let answers = Self.comparable(try kit.answers(to: line))
            #expect(answers == expected, "\(line)")
        }
        #expect(try boxes.kit.hash(of: "agents") == "$6$salt$given")
        #expect(try boxes.real.hash(of: "agents") == "$6$salt$given")
        for file in ["home/agents/.ssh", "home/agents/.ssh/authorized_keys", "etc/shadow"] {
            let facts = try [boxes.kit, boxes.real].map { try shell("stat -c '%A %u' '\($0.path)/\(file)'") }
            #expect(facts[0] == facts[1], "\(file)")
        }
        let keys = "home/agents/.ssh/authorized_keys"
        // qemu-ga leaves the last line without its end.
        #expect(try boxes.kit.read(keys) == "ssh-x D\n")
        #expect(try boxes.real.read(keys).hasPrefix("ssh-x D"))
    }

    @Test func itSaysWhatItCanDo() throws {
        let agent = try AgentPort.kit(KitSandbox(Workspace()))
        let info = try #require(agent.answers(to: "\(#"{"execute":"guest-info"}"#)\n").first)
        #expect(info.contains(#""version":"drover-"#))
        #expect(info.utf8.count < 4096)
        for name in ["guest-sync-delimited", "guest-shutdown", "guest-set-user-password"] {
            #expect(info.contains(#"{"enabled":true,"name":"\#(name)","#), "\(name)")
        }
        for verb in ["status", "freeze", "freeze-list", "thaw"] {
            #expect(info.contains(#"{"enabled":false,"name":"guest-fsfreeze-\#(verb)","#))
            let refusal = try agent.answers(to: "\(#"{"execute":"guest-fsfreeze-\#(verb)"}"#)\n")
            #expect(
                refusal == [
                    #"{"error":{"class":"GenericError","desc":"this feature or command is not currently supported"}}"#
                ])
        }
    }

    // MARK: Whatever is on the line

    @Test func itSurvivesWhateverComes() throws {
        let agent = try AgentPort.kit(KitSandbox(Workspace()))
        let tooLong = #"{"error":{"class":"GenericError","desc":"JSON parse error, the line is too long"}}"#
        // A line that never ends is refused once, not kept.
        #expect(try agent.answers(to: String(repeating: "x", count: 10 << 20) + "\n") == [tooLong])
        #expect(try agent.answers(to: "{\"execute\":\"\(String(repeating: "y", count: 60_000))\"}\n").count == 1)
        #expect(try agent.answers(toBytes: [UInt8](repeating: 0xFF, count: 300_000)) == [])
        // What comes before 0xFF does not count.
        try agent.send(#"{"execute":"guest-"#)
        try agent.send(bytes: [0xFF])
        #expect(try agent.answers(to: Self.ping) == [Self.pong])
        #expect(try agent.answers(to: Self.ping + Self.ping) == [Self.pong, Self.pong])
        // Nested deeper than anybody needs.
        #expect(try agent.answers(to: String(repeating: "[", count: 30_000) + "\n").count == 1)

        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let count = Int.random(in: 0..<4000, using: &generator)
            let bytes: [UInt8] = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try agent.send(bytes: bytes)
        }
        try agent.synchronise()
        // Every byte reaches it, those that terminals take for themselves too.
        let printable: [UInt8] = (0x20...0x7E).filter { $0 != 0x22 && $0 != 0x5C }
        let id = String(decoding: printable, as: UTF8.self)
        #expect(try agent.answers(to: "{\"execute\":\"guest-ping\",\"id\":\"\(id)\"}\n").count == 1)
        try agent.send(bytes: [0x0F, 0x16, 0x03, 0x04, 0x11, 0x13, 0x1A, 0x1C, 0x7F, 0x0A])
        try agent.synchronise()
    }

    @Test func aClientThatVanishesCostsNothing() throws {
        let agent = try AgentPort.kit(KitSandbox(Workspace()))
        try agent.send(#"{"execute":"guest-"#)
        try agent.hangUp()
        // It answers on the terminal that took the place of the one before.
        try agent.synchronise()
        #expect(try agent.answers(to: Self.ping) == [Self.pong])
        // Start-up included; a loop that does not wait uses a hundred a second.
        #expect(try agent.ticks() < 60)
    }

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

    // MARK: What it does

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
            #expect(try agent.answers(to: Self.setPassword("agents", password, crypted: false)) == [Self.pong])
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
            let answer = try agent.answers(to: Self.setPassword("agents", hash, crypted: true))
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
        #expect(try agent.answers(to: Self.setPassword("agents", "$6$a$b", crypted: true)) == [Self.pong])
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
        let hash = Self.setPassword("agents", "$6$a$b", crypted: true)
        #expect(try agent.answers(to: hash) == [failure])
        #expect(try sandbox.hash(of: "agents") == "!" && sandbox.read("etc/shadow.lock") == "1")
        try shell("printf '4194305\\0' >'\(lock)'")
        #expect(try agent.answers(to: hash) == [Self.pong])
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
        try agent.send(Self.getKeys)
        let child = try agent.child(within: 20)
        try Linux.send(.stop, to: child)
        #expect(try agent.line().contains("child process has failed"))
        #expect(try agent.answers(to: Self.ping) == [Self.pong])
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
