import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// The kit's agent, which has to bear whatever is on the line, and to answer as QEMU's own does.
@Suite struct AgentTests {
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
        AgentPort.setPassword("a:b", "x", crypted: false), AgentPort.setPassword("a\\nb", "x", crypted: false),
        AgentPort.setPassword("agents", "x\n", crypted: false),
        AgentPort.setPassword("nobody-here", "x", crypted: false),
        #"{"execute":"guest-set-user-password","arguments":{"username":"agents","password":"eA==\n","crypted":false}}"#
            + "\n",
        #"{"execute":"guest-set-user-password","arguments":{"username":"agents","password":"eA\n==","crypted":false}}"#
            + "\n",
        AgentPort.setPassword("agents", "$6$salt$given", crypted: true),
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

    /// As the Hurd has it.
    @Test func aHurdsRootIsFrozenByMakingItReadOnly() throws {
        let sandbox = try KitSandbox(Workspace())
        try sandbox.stub(
            "fsysopts",
            "[ -e /var/lib/busy ] && { echo 'fsysopts: Device or resource busy' >&2; exit 1; }\necho \"$@\" >>/var/lib/asked"
        )
        let agent = try AgentPort.kit(sandbox, hasStubs: true)
        func ask(_ verb: String) throws -> String? {
            try agent.answers(to: #"{"execute":"guest-fsfreeze-\#(verb)"}"# + "\n").first
        }
        let info = try #require(agent.answers(to: "\(#"{"execute":"guest-info"}"#)\n").first)
        #expect(info.contains(#"{"enabled":true,"name":"guest-fsfreeze-freeze","#))
        #expect(
            try ["thaw", "status", "freeze", "status", "freeze", "thaw", "status"].map(ask) == [
                #"{"return":0}"#, #"{"return":"thawed"}"#, #"{"return":1}"#, #"{"return":"frozen"}"#, #"{"return":0}"#,
                #"{"return":1}"#, #"{"return":"thawed"}"#,
            ])
        #expect(try shell("cat '\(sandbox.path)/lib/asked'") == "/ --readonly\n/ --writable\n")
        try shell("touch '\(sandbox.path)/lib/busy'")
        #expect(try ask("freeze")?.contains("fsysopts / --readonly: fsysopts: Device or resource busy") == true)
        #expect(try ask("status") == #"{"return":"thawed"}"#)
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
        #expect(try agent.answers(to: AgentPort.ping) == [AgentPort.pong])
        #expect(try agent.answers(to: AgentPort.ping + AgentPort.ping) == [AgentPort.pong, AgentPort.pong])
        // Nested deeper than anybody needs.
        #expect(try agent.answers(to: String(repeating: "[", count: 30_000) + "\n").count == 1)

        var generator = SeededGenerator(seed: 1)
        for _ in 0..<50 {
            let count = Int.random(in: 0..<4000, using: &generator)
            try agent.send(bytes: generator.bytes(count))
        }
        try agent.synchronise()
        // Every byte reaches it, those that terminals take for themselves too.
        let printable: [UInt8] = (0x20...0x7E).filter { $0 != 0x22 && $0 != 0x5C }
        let id = String(decoding: printable, as: UTF8.self)
        #expect(try agent.answers(to: "{\"execute\":\"guest-ping\",\"id\":\"\(id)\"}\n").count == 1)
        try agent.send(bytes: [0x0F, 0x16, 0x03, 0x04, 0x11, 0x13, 0x1A, 0x1C, 0x7F, 0x0A])
        try agent.synchronise()
    }

    @Test func itSaysThatItListensAlsoAfterItWasHungUpOn() throws {
        let agent = try AgentPort.kit(KitSandbox(Workspace()))
        for _ in 1...2 {
            try agent.hangUp()
            // The byte 0xFF is no text.
            #expect(try agent.line(within: 60) == "\u{FFFD}{\"drover-agent\": \"listens\"}")
            #expect(try agent.answers(to: AgentPort.ping) == [AgentPort.pong])
        }
    }

    @Test func aClientThatVanishesCostsNothing() throws {
        let agent = try AgentPort.kit(KitSandbox(Workspace()))
        try agent.send(#"{"execute":"guest-"#)
        try agent.hangUp()
        // It answers on the terminal that took the place of the one before.
        try agent.synchronise()
        #expect(try agent.answers(to: AgentPort.ping) == [AgentPort.pong])
        // Start-up included; a loop that does not wait uses a hundred a second.
        #expect(try agent.ticks() < 60)
    }
}
