import Testing

@testable import JSON

private func frames(_ stream: [UInt8], size: Int, limit: Int = 100) -> [JSONFramer.Frame] {
    var framer = JSONFramer(limit: limit)
    var frames: [JSONFramer.Frame] = []
    for start in stride(from: 0, to: stream.count, by: size) {
        framer.append(stream[start..<min(start + size, stream.count)])
        while let frame = framer.next() {
            frames.append(frame)
            if frame == .tooLong { return frames }
        }
    }
    return frames
}

private func value(_ text: String) -> JSONFramer.Frame { .value(Array(text.utf8)) }
private let expectsValue = JSONFramer.Frame.malformed(desc: "JSON parse error, expecting value")
private let stray = JSONFramer.Frame.malformed(desc: "JSON parse error, stray '\u{fffd}'")
private let control = JSONFramer.Frame.malformed(desc: "JSON parse error, control character in string")

/// `~` stands for 0xFF.
@Test(
    arguments: [
        (#"{"a":1}{"b":[2]}"#, [value(#"{"a":1}"#), value(#"{"b":[2]}"#)]),
        ("{\"a\":\r\n\t1}\n", [value(#"{"a": 1}"#)]),
        (#"{"a":"}{\"]"}"#, [value(#"{"a":"}{\"]"}"#)]),
        (#"{'a':'"\'\"}'}"#, [value(#"{"a":"\"'\"}"}"#)]),
        (#"{"a":"it's \'"}"#, [value(#"{"a":"it's '"}"#)]),
        ("[1\n2]", [value("[1 2]")]),
        ("1 {}\n{}", [.malformed(desc: "QMP input must be a JSON object"), value("{}")]),
        ("nope {}\n{}", [.malformed(desc: "JSON parse error, invalid keyword"), value("{}")]),
        ("}\n,,,\n{}", [expectsValue, expectsValue, value("{}")]),
        ("{\"a\n{}", [control, value("{}")]),
        ("{\"a\t{}\n{}", [control, value("{}")]),
        ("~{}{\"a~{}~", [stray, value("{}"), stray, value("{}"), stray]),
        ("nope~{}", [.malformed(desc: "JSON parse error, invalid keyword"), stray, value("{}")]),
        ("{ ]", [value("{ ]")]), (" \r\n ", []), ("{", []),
    ] as [(String, [JSONFramer.Frame])])
func valuesAreCutWhereverTheStreamIsSplit(_ text: String, _ expected: [JSONFramer.Frame]) {
    let stream = Array(text.utf8).map { $0 == UInt8(ascii: "~") ? 0xff : $0 }
    for size in 1...max(stream.count, 1) { #expect(frames(stream, size: size) == expected) }
}

@Test func aValueBeyondTheBoundIsTooLong() {
    let text = Array(#"{"a":"1234"}"#.utf8)
    for size in 1...text.count {
        #expect(frames(text, size: size, limit: text.count) == [.value(text)])
        #expect(frames(text, size: size, limit: text.count - 1) == [.tooLong])
    }
    // What is no value is not kept.
    #expect(frames(Array("nope".utf8) + [UInt8](repeating: 32, count: 1000), size: 7).count == 1)
}

@Test func nestingTooDeepIsGivenUpAtOnce() {
    let open = [UInt8](repeating: UInt8(ascii: "["), count: 1025)
    #expect(
        frames(open + Array("\n{}".utf8), size: 10, limit: 5000) == [
            .malformed(desc: "JSON nesting depth limit exceeded"), value("{}"),
        ])
}
