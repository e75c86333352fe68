import QMP
import Testing

@Test func linesAreCutWhereverTheStreamIsSplit() throws {
    let stream = Array("{\"a\":1}\r\n\r\n{\"b\":2}\n{\"c".utf8)
    for split in 0...stream.count {
        var framer = QMPFramer()
        let lines = try framer.append(stream[..<split]) + framer.append(stream[split...])
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == [#"{"a":1}"#, #"{"b":2}"#])
    }
}

@Test func aLineBeyondTheBoundIsAnError() throws {
    var framer = QMPFramer(limit: 4)
    #expect(try framer.append(Array("1234\n".utf8)).count == 1)
    #expect(throws: QMPFramer.LineTooLong(limit: 4)) { try framer.append(Array("12345".utf8)) }
}
