import Testing

@testable import JSON

private func frames(_ stream: [UInt8], size: Int, limit: Int = 100) -> [JSONFramer.Frame] {
    var framer = JSONFramer(limit: limit)
    var frames: [JSONFramer.Frame] = []
    for start in stride(from: 0, to: stream.count, by: size) {
        framer.append(stream[start..<min(start + size, stream.count)])
        while let frame = framer.next() { frames.append(frame) }
        #expect(framer.count <= limit)
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

/// The limit is 20 bytes.
@Test(
    arguments: [
        (#"{"a":1,"b":{"c":[1,2,3,4,5,6,7]},"id":5}"#, #"{"a":1,"id":5}"#),
        (#"{"x":"0123456789012345","id":{"a":1}}"#, #"{"id":{"a":1}}"#),
        (#"{"id":5,"x":"0,1,2,3,4,5,6,7"}"#, #"{"id":5}"#), (#"{"x":[[[1,2,3,4,5,6,7,8,9]]]}"#, "{}"),
        // What still fits is kept, whatever comes before it.
        (#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#, #"{"a":1,"b":2,"c":3}"#),
        (#"{"a":1,"b":"012345678901234567","c":3}"#, #"{"a":1,"c":3}"#),
        ("['01234567890123456','1']", #"["1"]"#), ("{\n'id':5,\n'x':'0123456789'}", #"{ "id":5}"#),
        (#"{"x":"\",\"id\":6,0123456789","id":5}"#, #"{"id":5}"#), ("[1,2,3,4,5,6,7,8,9,10]", "[1,2,3,4,5,6,7,8,9]"),
    ])
func ofAValueBeyondTheBoundTheMembersThatFitAreLeft(_ text: String, _ left: String) {
    let stream = Array((text + "{}").utf8)
    for size in 1...stream.count {
        #expect(frames(stream, size: size, limit: 20) == [.tooLong(Array(left.utf8)), value("{}")], "\(size): \(text)")
    }
}

@Test func theBoundIsExact() {
    let text = Array(#"{"a":"1234"}"#.utf8)
    for size in 1...text.count {
        #expect(frames(text, size: size, limit: text.count) == [.value(text)])
        #expect(frames(text, size: size, limit: text.count - 1) == [.tooLong(Array("{}".utf8))])
    }
    // What is no value is not kept.
    #expect(frames(Array("nope".utf8) + [UInt8](repeating: 32, count: 1000), size: 7).count == 1)
}

@Test func aValueWithoutEndIsNotKept() {
    for endless in [#"{"execute":"#, "[", #"{"a":[1],"#, "[1,"] {
        var framer = JSONFramer(limit: 100)
        framer.append(endless.utf8)
        for _ in 0..<1000 {
            framer.append("1,1,[],".utf8)
            #expect(framer.next() == nil && framer.count <= 100)
        }
        framer.append([0xff])
        #expect(framer.next() == stray && framer.count == 0)
    }
}

@Test func nestingTooDeepIsGivenUpAtOnce() {
    let open = [UInt8](repeating: UInt8(ascii: "["), count: 1025)
    #expect(
        frames(open + Array("\n{}".utf8), size: 10, limit: 5000) == [
            .malformed(desc: "JSON nesting depth limit exceeded"), value("{}"),
        ])
}
