import Supervision
import TestSupport
import Testing

private func lines(of bytes: [UInt8], cutInto size: Int, flushing: Bool = true) -> [String] {
    var sanitizer = ConsoleSanitizer()
    var lines: [String] = []
    let take: (ConsoleSanitizer.Line) -> Void = { line in
        lines.append(line.news.map { String(decoding: $0, as: UTF8.self) } ?? "nothing new")
    }
    for start in stride(from: 0, to: bytes.count, by: size) {
        Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { sanitizer.feed($0, emit: take) }
    }
    if flushing { sanitizer.flush(emit: take) }
    return lines
}

private let cases: [(String, [String])] = [
    ("plain\nlines\r\nof a guest", ["plain", "lines", "of a guest"]),
    ("\n\r\n\n", ["", "", ""]),
    ("10%\r20%\r\r30%\r\n", ["10%", "20%", "30%"]),
    ("\r\rafter rewinds\n", ["after rewinds"]),
    ("\u{1b}[1;31mred\u{1b}[0m \u{1b}[2J\u{1b}[Hhome\n", ["red home"]),
    ("\u{1b}]0;title\u{7}after the title\n", ["after the title"]),
    ("\u{1b}]0;title\u{1b}\\after ST\n", ["after ST"]),
    ("\u{1b}]0;never ended\nnext\n", ["", "next"]),
    ("\u{1b}P1;2q sixel \u{1b}\\after DCS\n", ["after DCS"]),
    ("\u{1b}(Bcharset \u{1b}=keypad \u{1b}7saved\n", ["charset keypad saved"]),
    ("\u{1b}[12", []),
    ("cut \u{1b}[12\u{18}by CAN\n", ["cut by CAN"]),
    ("a\u{0}b\u{7}c\u{8}d\u{7f}e\tf\n", ["abcde\tf"]),
    ("Grüße, 世界, 🐑\n", ["Grüße, 世界, 🐑"]),
    ("C1 \u{9b}31m goes\n", ["C1 31m goes"]),
    ("\u{202e}reversed \u{2028}split\n", ["\u{fffd}reversed \u{fffd}split"]),
    ("drover: info: forged\n", ["drover: info: forged"]),
    ("prompt: ", ["prompt: "]),
]

@Test func linesAreMadeSafeWhereverTheyAreSplit() {
    for (input, expected) in cases {
        let bytes = Array(input.utf8)
        for size in 1...max(bytes.count, 1) {
            #expect(lines(of: bytes, cutInto: size) == expected, "\(input.debugDescription) in pieces of \(size)")
        }
    }
}

private let invalid: [([UInt8], String)] = [
    ([0x61, 0xff, 0x62], "a\u{fffd}b"),
    ([0x61, 0xc3, 0x62], "a\u{fffd}b"),
    ([0xe2, 0x82, 0x0a], "\u{fffd}"),
    ([0xc0, 0x80], "\u{fffd}\u{fffd}"),  // overlong
    ([0xe0, 0x80, 0x80], "\u{fffd}"),
    ([0xed, 0xa0, 0x80], "\u{fffd}"),  // a surrogate
    ([0xf4, 0x90, 0x80, 0x80], "\u{fffd}"),  // beyond U+10FFFF
    ([0xf5, 0x61], "\u{fffd}a"),
    ([0xe4, 0xb8, 0xe4, 0xb8, 0x96], "\u{fffd}世"),
]

@Test func invalidUTF8IsReplaced() {
    for (input, expected) in invalid {
        for size in 1...input.count {
            #expect(lines(of: input, cutInto: size) == [expected], "\(input) in pieces of \(size)")
        }
    }
}

@Test func aLongLineIsCutAndNothingIsLost() {
    let limit = ConsoleSanitizer.lineLimit
    let input = [UInt8](repeating: UInt8(ascii: "x"), count: 3 * limit + 5) + [10]
    #expect(lines(of: input, cutInto: 1000).map(\.count) == [limit, limit, limit, 5])
    // A character of several bytes is not cut in half.
    let wide = Array(String(repeating: "x", count: limit - 1).utf8) + Array("世\n".utf8)
    #expect(lines(of: wide, cutInto: wide.count) == [String(repeating: "x", count: limit - 1), "世"])
}

/// What a guest that stops in the middle of a line has said is one line all the same.
@Test func anUnfinishedLineIsHandedOverAndGoesOn() {
    var sanitizer = ConsoleSanitizer()
    var seen: [[String?]] = []
    let take: (ConsoleSanitizer.Line) -> Void = { line in
        seen.append([line.text, line.news].map { $0.map { String(decoding: $0, as: UTF8.self) } })
    }
    for piece in ["g", "", "rub> ", "\r\n\nnext", "\r", "\n", "last"] {
        Array(piece.utf8).withUnsafeBytes { sanitizer.feed($0, emit: take) }
        sanitizer.flush(emit: take)
    }
    #expect(
        seen == [
            ["g", "g"], ["grub> ", "rub> "], ["grub> ", nil], ["", ""], ["next", "next"], ["next", nil],
            ["last", "last"],
        ])
}

/// No input whatever lets a control character, an escape or invalid UTF-8 through, or a line beyond the bound.
@Test func noiseComesOutSafe() {
    var random = SeededGenerator(seed: 7)
    let favourites: [UInt8] = [
        0x1b, 0x5b, 0x5d, 0x0a, 0x0d, 0x9b, 0xc2, 0xe2, 0x80, 0xa8, 0xf0, 0x6d, 0x07, 0x18, 0x41,
    ]
    for _ in 0..<3000 {
        let bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in
            Bool.random(using: &random)
                ? UInt8.random(in: 0...255, using: &random) : favourites.randomElement(using: &random) ?? 0
        }
        var sanitizer = ConsoleSanitizer()
        var isSafe = true
        let check: (ConsoleSanitizer.Line) -> Void = {
            let line = $0.text
            isSafe = isSafe && String(validating: line, as: UTF8.self) != nil
            isSafe = isSafe && line.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
            isSafe = isSafe && line.count <= ConsoleSanitizer.lineLimit
        }
        bytes.withUnsafeBytes { sanitizer.feed($0, emit: check) }
        sanitizer.flush(emit: check)
        #expect(isSafe, "\(bytes)")
    }
}
