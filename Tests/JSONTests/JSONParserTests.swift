import Testing

@testable import JSON

@Test(arguments: [
    "0", "-0", "10", "1.5", "-1.50e+10", "1E5", "true", "false", "null", #""""#, #""\"\\\/\b\f\n\r\t\u0041""#,
    #""é€😀""#,
    "[]", "[ ]", "[1,[2],{}]", "{}", #"{"a":1,"b":{"a":1}}"#, " \t\r\n1 ", #""\ud83d\ude00""#, "\"\u{7f}\"", #""%d""#,
])
func whatQEMUTakesIsTaken(_ text: String) throws {
    _ = try JSONParser.parse(Array(text.utf8))
}

/// QEMU refuses all of these; were one passed on, its answer would have no id.
@Test(arguments: [
    "", " ", "01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "1a", "NaN", "Infinity", "inf", "nul", "True",
    "truefalse", "1 2",
    "[", "]", "[1,]", "[,1]", "[1 2]", "{", "}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "{a:1}",
    #"{"a":1 "b":2}"#, "'a'",
    #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"[{"b":[{"a":1,"a":1}]}]"#, #"""#, #""\"#, #""\q""#, #""\u12""#,
    #""\u12g4""#,
    #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800x""#, #""\ufffe""#, #""\uffff""#, #""\ufdd0""#,
    #""\ud83f\udffe""#,
    "\"\u{1}\"", "\"\n\"", "\"\t\"", "\u{1}1", "1\u{c}", "\u{feff}1", "%d",
])
func whatQEMURefusesIsRefused(_ text: String) {
    #expect(throws: JSONProblem.self) { try JSONParser.parse(Array(text.utf8)) }
}

@Test(
    arguments: [
        [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82],
        [0xf5, 0x80, 0x80, 0x80],
        [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbf, 0xbe], [0xef, 0xb7, 0x90], [0xfe], [0xff],
    ] as [[UInt8]])
func brokenUTF8IsRefused(_ bytes: [UInt8]) {
    #expect(throws: JSONProblem.self) { try JSONParser.parse([0x22] + bytes + [0x22]) }
}

@Test func valuesKnowWhatTheyAreAndWhereTheyStand() throws {
    let text = Array(#"{"a": [1.50, "\u00e9\n"], "b" : null}"#.utf8)
    let value = try JSONParser.parse(text)
    #expect(value["a"]?.elements?.map(\.content) == [.number("1.50"), .string(Array("é\n".utf8))])
    #expect(value["b"]?.content == .null)
    #expect(value["a"].map { String(decoding: text[$0.place], as: UTF8.self) } == #"[1.50, "\u00e9\n"]"#)
}

/// A client's text with the code points of another name is not that name to QEMU.
@Test func namesAreComparedByTheirBytes() throws {
    let value = try JSONParser.parse(Array("{\"\u{212a}\":1,\"K\":2,\"e\u{301}\":3,\"\u{e9}\":4}".utf8))
    #expect(value.members?.count == 4)
    #expect(value["K"]?.place == value.members?[1].value.place)
}

@Test func depthAndSizeAreBounded() {
    func nested(_ depth: Int) -> [UInt8] {
        Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    #expect(throws: Never.self) { try JSONParser.parse(nested(1024)) }
    #expect(throws: JSONProblem(desc: "JSON nesting depth limit exceeded")) { try JSONParser.parse(nested(1025)) }
    let many = Array(("[" + String(repeating: "1,", count: 300_000) + "1]").utf8)
    #expect(throws: JSONProblem(desc: "JSON token count limit exceeded")) { try JSONParser.parse(many) }
}
