import Testing

@testable import Operator

@Test func ofControlCharactersOnlyLineFeedAndTabReachATerminal() {
    let cases = [
        ("plain\r\ntext\t1\n", "plain\ntext\t1\n"),
        ("\u{1b}[2Jx\u{7}\u{8}", "[2Jx"),
        ("\u{9b}31mred\u{7f}\u{0}", "31mred"),
        ("a\u{202e}b\u{2066}c\u{2028}d", "abcd"),
        ("grüße 日本", "grüße 日本"),
    ]
    for (text, shown) in cases { #expect(terminalText(text) == shown) }
    #expect(terminalLine("a\r\nb\tc") == "a b c")
}

@Test func theBytesOfATerminalAreKeysWhereverTheyAreSplit() {
    let cases: [(String, [Key])] = [
        ("aé日", [.text("a"), .text("é"), .text("日")]),
        ("\r\n\t", [.enter, .enter, .tab]),
        ("\u{7f}\u{8}", [.backspace, .backspace]),
        ("\u{1}\u{5}\u{15}\u{17}\u{b}", [.home, .end, .killToStart, .killWord, .killToEnd]),
        ("\u{3}\u{4}\u{c}\u{10}\u{e}\u{2}\u{6}", [.cancel, .endOfInput, .redraw, .up, .down, .left, .right]),
        ("\u{1b}[A\u{1b}[B\u{1b}[C\u{1b}[D", [.up, .down, .right, .left]),
        ("\u{1b}OH\u{1b}OF\u{1b}[1~\u{1b}[4~\u{1b}[3~", [.home, .end, .home, .end, .delete]),
        // Function keys, Alt and a sequence without an end are no keys, and swallow nothing that follows.
        (
            "\u{1b}[15~\u{1b}xy\u{1b}[99999999999999999999z",
            [.text("y"), .text("9"), .text("9"), .text("9"), .text("z")]
        ),
        ("\u{0}\u{1d}", []),
        ("\u{202e}a", [.text("a")]),
    ]
    for (bytes, keys) in cases {
        var decoder = KeyDecoder()
        #expect(bytes.utf8.compactMap { decoder.feed($0) } == keys, "\(bytes.debugDescription)")
    }
    var decoder = KeyDecoder()
    // Broken UTF-8 goes, what follows stays.
    #expect([0xC3, 0x41, 0xFF, 0xE0, 0x80, 0x80, 0x42].compactMap { decoder.feed($0) } == [.text("A"), .text("B")])
}

@Test func aLineIsEdited() {
    /// What is typed, `<` and `>` for the arrows, and the line with a bar at the cursor.
    let cases: [([Key], String)] = [
        (typed("info"), "info|"),
        (typed("inf") + [.left, .left] + typed("X"), "iX|nf"),
        (typed("info") + [.home] + typed("X") + [.end] + typed("Y"), "XinfoY|"),
        (typed("info") + [.backspace, .left, .delete, .delete], "in|"),
        (typed("info") + [.home, .right, .endOfInput], "i|fo"),
        (typed("a bc  ") + [.killWord], "a |"),
        (typed("a bc") + [.left, .killWord], "a |c"),
        (typed("abc") + [.left, .killToEnd], "ab|"),
        (typed("abc") + [.left, .killToStart], "|c"),
        (typed("abc") + [.cancel], "|"),
        ([.left, .right, .backspace, .delete, .killWord], "|"),
        (typed("né") + [.backspace], "n|"),
    ]
    for (keys, expected) in cases {
        var editor = LineEditor()
        for key in keys { _ = editor.handle(key) }
        var shown = editor.text
        shown.insert("|", at: shown.index(shown.startIndex, offsetBy: editor.cursor))
        #expect(shown == expected, "\(keys)")
    }
}

private func typed(_ text: String) -> [Key] { text.unicodeScalars.map(Key.text) }

@Test func theHistoryIsWalkedAndTheLineBeingTypedIsKept() {
    var editor = LineEditor()
    func handle(_ keys: [Key]) -> LineEditor.Outcome? { keys.map { editor.handle($0) }.last }
    #expect(handle(typed("one") + [.enter]) == .submitted("one"))
    #expect(handle(typed("two") + [.enter]) == .submitted("two"))
    // Neither blank lines nor repetitions are kept.
    #expect(handle(typed("two") + [.enter]) == .submitted("two"))
    #expect(handle(typed("  ") + [.enter]) == .submitted("  "))
    #expect(handle(typed("dr")) == .changed)
    #expect(handle([.up]) == .changed && editor.text == "two")
    #expect(handle([.up]) == .changed && editor.text == "one")
    #expect(handle([.up]) == .refused && editor.text == "one")
    #expect(handle([.down]) == .changed && editor.text == "two")
    #expect(handle([.down]) == .changed && editor.text == "dr")
    #expect(handle([.down]) == .refused)
    #expect(handle([.up] + typed("!") + [.enter]) == .submitted("two!"))
    #expect(handle([.endOfInput]) == .left)
    for number in 0..<600 { _ = handle(typed("\(number)") + [.enter]) }
    for _ in 0..<600 { _ = handle([.up]) }
    #expect(editor.text == "100")
}

@Test func tabCompletesAsFarAsTheNamesAgree() {
    var editor = LineEditor()
    editor.names = ["block_resize", "block_stream", "info block", "info block-jobs", "stop"]
    let cases: [(String, String, LineEditor.Outcome)] = [
        ("s", "stop ", .changed), ("stop", "stop ", .changed), ("b", "block_", .changed),
        ("block_", "block_", .choices(["block_resize", "block_stream"])), ("info b", "info block", .changed),
        ("info block", "info block", .choices(["info block", "info block-jobs"])), ("x", "x", .refused),
        ("stop ", "stop ", .refused),
    ]
    for (line, completed, outcome) in cases {
        _ = editor.handle(.cancel)
        for key in typed(line) { _ = editor.handle(key) }
        #expect(editor.handle(.tab) == outcome, "\(line)")
        #expect(editor.text == completed)
    }
}

@Test func aLongLineIsShownAroundItsCursor() {
    var editor = LineEditor()
    for key in typed("0123456789abcdef") { _ = editor.handle(key) }
    #expect(editor.display(prompt: "> ", columns: 80) == "\r> 0123456789abcdef\u{1b}[K\r> 0123456789abcdef")
    #expect(editor.display(prompt: "> ", columns: 13) == "\r> 6789abcdef\u{1b}[K\r> 6789abcdef")
    _ = editor.handle(.home)
    #expect(editor.display(prompt: "> ", columns: 13) == "\r> 0123456789\u{1b}[K\r> ")
    // A line has a bound.
    for _ in 0..<LineEditor.lineLimit { _ = editor.handle(.text("x")) }
    #expect(editor.handle(.text("x")) == .refused)
    #expect(editor.line.count == LineEditor.lineLimit)
}

/// As QEMU 7.2 writes it.
private let help =
    "announce_self [interfaces] [id] -- Trigger GARP/RARP announcements\r\n"
    + "block_job_cancel [-f] device -- stop an active background block operation (use -f\r\n"
    + "\t\t\t if you want -- to abort the operation immediately\r\n"
    + "c|cont  -- resume emulation\r\ninfo [subcommand] -- show various information about the system state\r\n"

@Test func theHumanMonitorIsUnderstood() {
    #expect(HMPText.names(inHelp: help) == ["announce_self", "block_job_cancel", "c", "cont", "info"])
    let info = "info balloon  -- show balloon information\r\ninfo block [-n] -- show\r\n"
    #expect(HMPText.names(inHelp: info, prefix: "info ") == ["info balloon", "info block"])
    #expect(HMPText.names(inHelp: "unknown command: 'help'\r\n").isEmpty)

    let failures = [
        "unknown command: 'foo'\r\n", "Error: Device 'zz' not found\r\n", "invalid parameter: qqq\r\n",
        "stop|s: extraneous characters at the end of line\r\nTry \"help stop\" for more information\r\n",
        "Device 'a' not found\r\n", "Invalid host forwarding rule 'x' (No : separators)\r\n",
    ]
    for output in failures { #expect(HMPText.isFailure(output), "\(output)") }
    for output in ["", "VM status: running\r\n", help, "  Error count: 0\r\n"] {
        #expect(!HMPText.isFailure(output), "\(output)")
    }
}

@Test func namesAreListedInColumns() {
    #expect(MonitorPrompt.columns(["a", "bb", "ccc"], 10) == "a    bb\nccc\n")
    #expect(MonitorPrompt.columns(["a"], 80) == "a\n")
    #expect(MonitorPrompt.columns(["a", "b"], 1) == "a\nb\n")
}

@Test func whatIsOnItsWayIsBounded() {
    var terminal = ConsolePump(isTerminal: true)
    #expect(terminal.typed([1, 2, 3]) == false)
    #expect(terminal.typed([4, 0x1D, 5]) == true)
    #expect(terminal.toGuest == [1, 2, 3, 4])
    // A guest that takes nothing must not keep anybody from detaching.
    #expect(terminal.typed([UInt8](repeating: 6, count: 100_000)[...]) == false)
    #expect(terminal.toGuest.count == ConsolePump.limit && terminal.wantsInput)
    #expect(terminal.typed([0x1D]) == true)

    var pipe = ConsolePump(isTerminal: false)
    #expect(pipe.typed([4, 0x1D, 5]) == false)
    #expect(pipe.toGuest == [4, 0x1D, 5])
    pipe.sentToGuest(1)
    #expect(pipe.toGuest == [0x1D, 5])
    _ = pipe.typed([UInt8](repeating: 6, count: ConsolePump.limit)[...])
    #expect(!pipe.wantsInput && pipe.wantsOutput)
    pipe.shown([UInt8](repeating: 6, count: ConsolePump.limit)[...])
    #expect(!pipe.wantsOutput)
    pipe.writtenToScreen(1)
    #expect(pipe.wantsOutput)
}
