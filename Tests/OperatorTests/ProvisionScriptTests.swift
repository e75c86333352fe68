import Linux
import Testing

@testable import Operator

@Test func theEchoOfALineIsNoReport() {
    var script = ProvisionScript(nonce: "ab12cd34")
    for step in ProvisionScript.Step.allCases {
        let line = script.line(for: step)
        #expect(line.utf8.count < 250)
        #expect(script.report(in: Array(line.utf8)) == nil)
    }
    #expect(script.report(in: Array(script.question().utf8)) == nil)
}

@Test func reportsAreReadAndOldOnesAreNot() {
    var script = ProvisionScript(nonce: "ab")
    for step in ProvisionScript.Step.allCases.prefix(4) { _ = script.line(for: step) }
    let cases: [(String, ProvisionScript.Report?)] = [
        ("drover-ab:3:0:3.", .init(step: .install, status: 0)),
        ("x drover-ab:3:69:3.\n# ", .init(step: .install, status: 69)),
        ("drover-ab:2:0:2.\ndrover-ab:3:0:3.\n", .init(step: .install, status: 0)),
        ("drover-ab:2:0:3.", .init(step: .mount, status: 0)),
        ("drover-ab::3.", .init(step: nil, status: 0)),
        ("drover-ab:2:0:2.", nil),
        ("drover-ac:3:0:3.", nil),
        ("drover-ab:3:0:3", nil),
        ("drover-ab:3:\n0:3.", nil),
        ("drover-ab:3:x:3.", nil),
        ("drover-ab:9:0:3.", nil),
        ("drover-ab:3:99999999999999999999:3.", nil),
        ("", nil),
    ]
    for (text, report) in cases { #expect(script.report(in: Array(text.utf8)) == report, "\(text)") }
}

@Test func theScreenIsBoundedAndPlain() {
    var screen = ConsoleScreen()
    screen.append(Array("\u{1B}[1;31mred\u{1B}[0m \u{1B}]0;title\u{1B}\\\u{1B}(B\u{7}plain\u{8}\r\nnext\t\u{FF}".utf8))
    #expect(screen.lines == ["red plain", "next \u{FF}"])
    for _ in 0..<100 { screen.append(Array((String(repeating: "x", count: 1000) + "\n").utf8)) }
    #expect(screen.lines.count == ConsoleScreen.lineLimit)
    #expect(screen.lines.allSatisfy { $0.utf8.count <= ConsoleScreen.widthLimit })
    #expect(screen.heard.count <= ConsoleScreen.heardLimit)
    // A string that never ends.
    screen.append([0x1B, 0x5D] + Array(repeating: 0x41, count: 100_000))
    screen.append(Array("\nlogin:  ".utf8))
    #expect(screen.prompt == "login:")
    screen.forget()
    #expect(screen.prompt == "")
    screen.append(Array(String(repeating: "y", count: 5000).utf8) + Array(" login: ".utf8))
    #expect(screen.prompt.hasSuffix("y login:"))
}

@Test func promptsThatCannotBeMeantAreRefused() {
    for text in ["", "  ", "a\nb", "\u{1b}[2J", String(repeating: "x", count: 201)] {
        #expect(failure { try ProvisionOptions(loginPrompt: text).check() }?.exit == .usage)
        #expect(failure { try ProvisionOptions(passwordPrompt: text).check() }?.exit == .usage)
    }
    #expect(failure { try ProvisionOptions(user: "a b").check() }?.exit == .usage)
    #expect(failure { try ProvisionOptions(loginPrompt: "Anmeldung: ").check() } == nil)
}

@Test func theDryRunIsTheDialogue() {
    let text = ProvisionOptions(user: "toor", password: Array("geheim".utf8), loginPrompt: "Anmeldung: ").dryRun
    #expect(text.contains(#"awaits  "login: " or "login> " or "Anmeldung: ""#))
    #expect(text.contains(#"types   toor, and at "login> " login toor"#))
    #expect(text.contains("types   sh $d/drover/kit/install </dev/null;s=3:$?;printf 'drover-%s.\\n' NONCE:$s:3\n"))
    #expect(!text.contains("geheim"))
}
