import JSON
import Testing

@testable import QMP

/// As QEMU 7.2 prints 32 KiB, from cells.
private func dump(_ cells: [Int: (UInt8, UInt8)], fill: UInt16 = 0x0720) -> JSONValue {
    var text = ""
    for place in stride(from: 0, to: 16384, by: 4) {
        if place.isMultiple(of: 8) { text += "00000000000b8000:" }
        let word = (0..<4).reduce(UInt64(0)) { word, index in
            let cell = cells[place + index].map { UInt16($0.1) << 8 | UInt16($0.0) } ?? fill
            return word | UInt64(cell) << (16 * UInt64(index))
        }
        let digits = String(word, radix: 16)
        text += " 0x" + String(repeating: "0", count: 16 - digits.count) + digits
        if place % 8 == 4 { text += "\r\n" }
    }
    return .string(text)
}

private func cells(_ text: String, at place: Int, attribute: UInt8 = 7) -> [Int: (UInt8, UInt8)] {
    Dictionary(uniqueKeysWithValues: text.utf8.enumerated().map { (place + $0, ($1, attribute)) })
}

/// Asks, and answers as QEMU would.
///
/// - Parameter registers: of the CRT controller, those that are not as a BIOS leaves them.
private func read(
    _ memory: JSONValue, _ registers: [Int: Int] = [:], bios: String = "", wantsCursor: Bool = false
) -> (screen: DroverScreen?, commands: [String]) {
    let usual = [1: 79, 7: 0x1F, 9: 0x4F, 10: 13, 11: 14, 12: 0, 13: 0, 14: 0, 15: 0, 0x12: 0x8F]
    let all = usual.merging(registers) { $1 }
    var reading = ScreenReading()
    var commands: [String] = []
    let ticket = QMPServer.Ticket(client: .init(serial: 1), serial: 1)
    var queue = reading.ask(wantsCursor ? .client(ticket, wantsCursor: true) : .supervisor)
    while !queue.isEmpty {
        switch queue.removeFirst() {
        case .show(let screen): return (screen, commands)
        case .answer(_, .success(let answer)):
            return (try? DroverScreen(JSONParser.parse(answer)), commands)
        case .answer: return (nil, commands)
        case .send(let command):
            let line = command.arguments?["command-line"]?.text ?? ""
            commands.append(line)
            let register = line.split(separator: ".").dropFirst().first.flatMap { Int($0.dropFirst(2), radix: 16) }
            let answer: JSONValue =
                switch line {
                case "i /b 0x3d4": "portb[0x03d4] = 0x0e\r\n"
                case "xp /9xg 0x440": .string(bios)
                case let line where line.hasPrefix("xp"): memory
                default: .string(register.map { "portb[0x03d5] = 0x\(String(all[$0] ?? 0, radix: 16))\r\n" } ?? "")
                }
            queue += reading.answered(command, answer)
        }
    }
    return (nil, commands)
}

/// The BIOS's data area from 0x440 to 0x487.
private func biosDump(columns: Int, rows: Int) -> String {
    let words = (0..<9).map { $0 == 1 ? columns << 16 : $0 == 8 ? (rows - 1) << 32 : 0 }
    return "0000000000000440: " + words.map { "0x" + String($0, radix: 16) }.joined(separator: " ") + "\r\n"
}

struct TextScreenTests {
    private let look = ["xp /9xg 0x440", "i /b 0x3d4", "xp /4096xg 0xb8000"]
    private let layout = ["0xc", "0xd", "0x1", "0x7", "0x9", "0x12"].map { "i /b 0x3d4.\($0)" }
    private let cursor = ["0xa", "0xb", "0xe", "0xf"].map { "i /b 0x3d4.\($0)" }

    @Test func theFirstPageIsReadWithoutTouchingARegister() {
        let memory = dump(cells("iPXE", at: 0).merging(cells("ok", at: 162)) { $1 })
        for bios in ["", biosDump(columns: 80, rows: 25)] {
            let (screen, commands) = read(memory, bios: bios)
            #expect(screen?.text?.lines == ["iPXE", "", "  ok"] + Array(repeating: "", count: 22))
            #expect(commands == look)
        }
    }

    /// The register that the guest has selected is selected again.
    @Test func aScreenThatHasMovedIsFound() {
        let memory = dump(cells("old", at: 0).merging(cells("new", at: 3040)) { $1 })
        let (screen, commands) = read(memory, [12: 3040 >> 8, 13: 3040 & 255])
        #expect(screen?.text?.lines.first == "new")
        #expect(commands == look + layout + ["o /b 0x3d4 14", look[2]])
        // Over the end of the memory it goes on at its beginning.
        #expect(read(memory, [12: 16320 >> 8, 13: 16320 & 255]).screen?.text?.lines[0].hasSuffix("old") == true)
    }

    @Test(arguments: [(8, 80, 50), (16, 40, 25), (14, 132, 28), (32, 80, 12)])
    func everySizeIsRead(cell: Int, columns: Int, rows: Int) throws {
        let memory = dump(cells("a", at: 0).merging(cells("z", at: columns * rows - 1)) { $1 })
        let registers = [1: columns - 1, 9: 0x40 | cell - 1]
        let screen = try #require(read(memory, registers, bios: biosDump(columns: columns, rows: rows)).screen?.text)
        #expect(screen.columns == columns && screen.rows == rows && screen.lines.count == rows)
        #expect(screen.lines[0] == "a" && screen.lines[rows - 1].count == columns)
    }

    /// More than there is room for, and none.
    @Test func aSizeThatCannotBeIsNotBelieved() {
        let memory = dump(cells("a", at: 5000))
        for registers in [[1: 255, 9: 0x41], [7: 0, 0x12: 3]] {
            #expect(read(memory, registers).screen?.text?.lines.count == 25)
        }
    }

    @Test func theCursorIsReadForWhoWantsIt() {
        let memory = dump(cells("login:", at: 160))
        let (screen, commands) = read(memory, [14: 0, 15: 167], wantsCursor: true)
        #expect(screen?.text?.cursor == TextScreen.Cursor(row: 2, column: 7, isVisible: true))
        #expect(commands == look + cursor + ["o /b 0x3d4 14", look[2]])
        #expect(read(memory, [14: 0, 15: 167]).screen?.text?.cursor == nil)
        // Switched off; behind the cell's end; beginning behind its own; outside the screen.
        let cases = [([10: 0x2D], true), ([10: 31, 11: 31], true), ([10: 9, 11: 8], true), ([14: 8], false)]
        for (registers, isThere) in cases {
            let cursor = read(memory, registers, wantsCursor: true).screen?.text?.cursor
            #expect(cursor?.isVisible == (isThere ? false : nil), "\(registers)")
        }
        let moved = read(dump(cells("x", at: 9000)), [12: 0x20, 14: 0x20, 15: 81], wantsCursor: true)
        #expect(moved.screen?.text?.cursor == TextScreen.Cursor(row: 1, column: 1, isVisible: true))
    }

    @Test func whatIsNoTextIsSaid() {
        #expect(read(dump([:], fill: 0xFFFF)).screen == .graphics)
        #expect(read(dump([:], fill: 0)).screen == DroverScreen.none)
        for answer in ["", "unknown command: 'xp'", "00000000000b8000: 0x12", "000000b8000: 07200720"] {
            #expect(read(.string(answer)).screen == DroverScreen.none)
        }
    }

    @Test func whoAsksMeanwhileGetsTheNext() {
        var reading = ScreenReading()
        #expect(reading.ask(.supervisor).count == 3)
        #expect(reading.ask(.supervisor).isEmpty)
        let actions = reading.refused("no")
        #expect(actions.first == .show(.none) && actions.count == 4)
    }

    @Test func codePage437IsWhole() {
        let all = (0...255).map { Character(CodePage437.scalar(UInt8($0))) }
        #expect(Set(all).count == 254)  // 0, 32 and 255 are blank
        #expect(String(all[0xB0...0xDF]) == "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀")
        #expect(all[0x41] == "A" && all[0x7E] == "~" && all[0x81] == "ü" && all[0xE1] == "ß" && all[0xFE] == "■")
        #expect(all[1] == "☺" && all[0x1F] == "▼" && all[0x7F] == "⌂")
    }

    @Test func coloursAreATerminals() {
        let memory = cells("ab", at: 0, attribute: 0x1E).merging(cells(" ", at: 80, attribute: 0x40)) { $1 }
        let lines = read(dump(memory)).screen?.text?.colouredLines ?? []
        #expect(lines.first == "\u{1B}[93;44mab\u{1B}[0m")
        #expect(lines[1] == "\u{1B}[30;41m \u{1B}[0m")
    }

    @Test func aScreenSurvivesItsJSON() throws {
        let memory = dump(cells("x\u{1}y", at: 5, attribute: 0x9C))
        let screen = try #require(read(memory, wantsCursor: true).screen)
        for screen in [screen, .graphics, .none] {
            #expect(try DroverScreen(JSONParser.parse(screen.jsonValue.encoded())) == screen)
        }
        #expect(screen.jsonValue["lines"]?.elements?.first?.text == "     x☺y")
        for json in [#"{"mode":"x"}"#, #"{"mode":"text","cells":"00"}"#, #"{"mode":"text","cells":"0g"}"#, "{}"] {
            #expect(throws: JSONMismatch.self) { try DroverScreen(JSONParser.parse(Array(json.utf8))) }
        }
    }
}
