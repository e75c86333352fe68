import Testing

@testable import QMP

@Test func linesAreCutWhereverTheStreamIsSplit() throws {
    let stream = Array("{\"a\":1}\r\n\r\n{\"b\":2}\n{\"c".utf8)
    for split in 0...stream.count {
        var framer = QMPFramer()
        let lines = try framer.append(stream[..<split]) + framer.append(stream[split...])
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == [#"{"a":1}"#, #"{"b":2}"#])
    }
}

@Test func afterALineThatIsTooLongTheNextIsRead() {
    let stream = Array((String(repeating: "x", count: 200) + "end\r\nnext\n").utf8)
    let tail = Array((String(repeating: "x", count: 61) + "end").utf8)
    for split in 0...stream.count {
        var framer = QMPFramer(limit: 100)
        let lines = framer.take(stream[..<split]) + framer.take(stream[split...])
        // A line end that comes by itself has cost one byte of the tail.
        guard case .cut(let end)? = lines.first, lines.count == 2 else {
            Issue.record("\(lines)")
            continue
        }
        #expect(end.suffix(63) == tail.suffix(63))
        #expect(lines.last == .whole(Array("next".utf8)))
    }
}

@Test func aLineBeyondTheBoundIsAnError() throws {
    var framer = QMPFramer(limit: 4)
    #expect(try framer.append(Array("1234\n".utf8)).count == 1)
    #expect(throws: QMPFramer.LineTooLong(limit: 4)) { try framer.append(Array("12345".utf8)) }
}
