import Linux
import Testing

@testable import Operator

private func keys(_ text: String) throws -> [String] {
    try KeyPress.typing(text).map { $0.keys.joined(separator: "-") }
}

struct KeyPressTests {
    @Test func everyPrintableCharacterHasAKeyOfItsOwn() throws {
        let text = String(decoding: Array(UInt8(0x20)...0x7E), as: UTF8.self)
        let presses = try keys(text)
        #expect(Set(presses).count == 95)
        #expect(
            try keys("aZ9 !~_\"|?") == [
                "a", "shift-z", "9", "spc", "shift-1", "shift-grave_accent", "shift-minus", "shift-apostrophe",
                "shift-backslash", "shift-slash",
            ])
        #expect(try keys("\n\r\t\u{15}\u{3}\u{7F}") == ["ret", "ret", "tab", "ctrl-u", "ctrl-c", "backspace"])
        for name in presses.flatMap({ $0.split(separator: "-") }) { #expect(KeyPress.names.contains(String(name))) }
    }

    @Test func whatHasNoKeyIsNamed() {
        #expect(throws: KeyPress.Unknown.character("ä")) { try KeyPress.typing("aäö") }
        #expect(throws: KeyPress.Unknown.character("\u{0}")) { try KeyPress.typing("\u{0}") }
        for (word, name) in [("ctrl-alt-entf", "entf"), ("ctrl--a", ""), ("", ""), ("Ctrl", "Ctrl")] {
            #expect(throws: KeyPress.Unknown.name(name)) { try KeyPress.named(["ret", word]) }
        }
    }

    @Test func theyArePressedTogether() throws {
        let press = try KeyPress.named(["ctrl-alt-delete"])[0]
        #expect(press.command.arguments?["keys"]?.elements?.map { $0["data"]?.text } == ["ctrl", "alt", "delete"])
        #expect(press.command.arguments?["keys"]?.elements?.allSatisfy { $0["type"] == "qcode" } == true)
        #expect(press.duration == .milliseconds(120))
    }

    @Test func aPausedGuestIsToldOf() throws {
        let (client, server) = try client(hearing: [greeting, negotiated, answer(status(.paused))])
        try client.negotiate(until: .now() + .seconds(5))
        let failed = failure { try Typing.press(try KeyPress.typing("a"), client) }
        #expect(failed?.exit == .no && failed?.message.contains("drover monitor cont") == true)
        #expect(try sent(to: server).contains { $0.contains("send-key") } == false)
    }
}
