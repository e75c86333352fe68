import QMP
import Testing

@testable import Operator

/// What is written between one look and the next, and the bytes that come of it.
private let cases: [(String, [(String, String)])] = [
    ("a prompt that grows", [("boot\r\nlogin: ", "boot\nlogin:"), ("root", " root"), ("", "")]),
    ("the Return after it", [("login: root", "login: root"), ("\r\n", "\n"), ("\r\n~ # ", "\n~ #")]),
    ("lines that scroll", [(lines(1...24), text(1...24) + "\n"), (lines(25...30), text(25...30) + "\n")]),
    ("an empty line at the end of a full screen", [(lines(1...40), text(17...40) + "\n"), ("\r\n", "\n")]),
    ("more lines than the screen has", [(lines(1...5), text(1...5) + "\n"), (lines(6...60), text(37...60) + "\n")]),
    ("a line that is taken back", [("login: ro", "login: ro"), ("\u{8} \u{8}\u{8} \u{8}", "\nlogin:")]),
    ("and below another", [("a\r\nlogin: ro", "a\nlogin: ro"), ("\u{8} \u{8}\u{8} \u{8}", "\rlogin:"), ("me", " me")]),
    ("a screen that is cleared", [("a\r\nb", "a\nb"), ("\u{C}", "\n"), ("c", "c")]),
    (
        "a line that goes over the edge",
        [(String(repeating: "x", count: 79), String(repeating: "x", count: 79)), ("yz", "yz"), ("\r\n", "\n")]
    ),
]

private func lines(_ numbers: ClosedRange<Int>) -> String { numbers.map { "line \($0)\r\n" }.joined() }
private func text(_ numbers: ClosedRange<Int>) -> String { numbers.map { "line \($0)" }.joined(separator: "\n") }

@Test(arguments: cases.indices) func aScreenIsReadLikeALine(_ index: Int) {
    let (name, looks) = cases[index]
    var (screen, stream) = (FakeScreen(), ScreenStream())
    for (written, expected) in looks {
        screen.write(written)
        #expect(String(decoding: stream.bytes(of: screen.picture), as: UTF8.self) == expected, "\(name)")
    }
}

@Test func whatIsBelowTheCursorIsNotRead() {
    var stream = ScreenStream()
    var cells = [UInt8](repeating: 0x20, count: 4000)
    for (place, byte) in [(0, "a"), (160, "b"), (320, "c")] { cells[place] = Array(byte.utf8)[0] }
    for (row, expected) in [(0, "a"), (1, "\nb"), (2, "\nc")] {
        let cursor = TextScreen.Cursor(row: row, column: 5, isVisible: false)
        let screen = TextScreen(cells: cells, cursor: cursor).map { DroverScreen.text($0) } ?? .none
        #expect(String(decoding: stream.bytes(of: screen), as: UTF8.self) == expected)
    }
    // A graphics mode says nothing, and without a cursor the text itself does.
    #expect(stream.bytes(of: .graphics).isEmpty)
    let all = TextScreen(cells: cells).map { DroverScreen.text($0) } ?? .none
    var fresh = ScreenStream()
    #expect(String(decoding: fresh.bytes(of: all), as: UTF8.self) == "a\nb\nc")
}
