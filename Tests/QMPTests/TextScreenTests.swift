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
private func read(_ memory: JSONValue, start: Int = 0) -> (screen: DroverScreen?, commands: [String]) {
    var reading = ScreenReading()
    var commands: [String] = []
    var queue = reading.ask(.stop)
    while !queue.isEmpty {
        switch queue.removeFirst() {
        case .show(let screen): return (screen, commands)
        case .answer: break
        case .send(let command):
            let line = command.arguments?["command-line"]?.text ?? ""
            commands.append(line)
            let answer: JSONValue =
                switch line {
                case "i /b 0x3d4": "portb[0x03d4] = 0x0e\r\n"
                case "i /b 0x3d4.0xc": .string("portb[0x03d5] = 0x\(String(start >> 8, radix: 16))\r\n")
                case "i /b 0x3d4.0xd": .string("portb[0x03d5] = 0x\(String(start & 255, radix: 16))\r\n")
                case let line where line.hasPrefix("xp"): memory
                default: ""
                }
            queue += reading.answered(command, answer)
        }
    }
    return (nil, commands)
}

struct TextScreenTests {
    private let look = ["i /b 0x3d4", "xp /4096xg 0xb8000"]

    @Test func theFirstPageIsReadWithoutTouchingARegister() {
        let (screen, commands) = read(dump(cells("iPXE", at: 0).merging(cells("ok", at: 162)) { $1 }))
        #expect(screen?.text?.lines == ["iPXE", "", "  ok"] + Array(repeating: "", count: 22))
        #expect(commands == look)
    }

    /// The register that the guest has selected is selected again.
    @Test func aScreenThatHasMovedIsFound() {
        let memory = dump(cells("old", at: 0).merging(cells("new", at: 3040)) { $1 })
        let (screen, commands) = read(memory, start: 3040)
        #expect(screen?.text?.lines.first == "new")
        #expect(commands == look + ["i /b 0x3d4.0xc", "i /b 0x3d4.0xd", "o /b 0x3d4 14", look[1]])
        // Over the end of the memory it goes on at its beginning.
        #expect(read(memory, start: 16320).screen?.text?.lines[0].hasSuffix("old") == true)
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
        #expect(reading.ask(.stop).count == 2)
        #expect(reading.ask(.stop).isEmpty)
        let actions = reading.refused("no")
        #expect(actions.first == .show(.none) && actions.count == 3)
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
        let screen = try #require(read(dump(cells("x\u{1}y", at: 5, attribute: 0x9C))).screen)
        for screen in [screen, .graphics, .none] {
            #expect(try DroverScreen(JSONParser.parse(screen.jsonValue.encoded())) == screen)
        }
        #expect(screen.jsonValue["lines"]?.elements?.first?.text == "     x☺y")
        for json in [#"{"mode":"x"}"#, #"{"mode":"text","cells":"00"}"#, #"{"mode":"text","cells":"0g"}"#, "{}"] {
            #expect(throws: JSONMismatch.self) { try DroverScreen(JSONParser.parse(Array(json.utf8))) }
        }
    }
}
