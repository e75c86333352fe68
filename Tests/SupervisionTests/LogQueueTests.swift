import Supervision
import TestSupport
import Testing

private func append(_ text: String, to queue: inout LogQueue) {
    // In three parts, of which none need have anything.
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { all in
        let (first, rest) = (all.prefix(2), all.dropFirst(2))
        queue.append(
            UnsafeRawBufferPointer(rebasing: first), UnsafeRawBufferPointer(rebasing: rest.prefix(3)),
            UnsafeRawBufferPointer(rebasing: rest.dropFirst(3)))
    }
}

private func take(_ limit: Int, from queue: inout LogQueue) -> String {
    var taken: [UInt8] = []
    let write: (UnsafeRawBufferPointer) -> Int = { bytes in
        taken += bytes.prefix(limit)
        return min(limit, bytes.count)
    }
    queue.writeChunk(notice: { Array("lost \($0)".utf8) }, write)
    return String(decoding: taken, as: UTF8.self)
}

@Test func linesComeOutInOrderAndWhole() {
    var queue = LogQueue(capacity: 64)
    for text in ["one", "two", ""] { append(text, to: &queue) }
    #expect(take(5, from: &queue) == "one\nt")
    append("three", to: &queue)
    #expect(take(100, from: &queue) == "wo\n\n")
    #expect(take(100, from: &queue) == "three\n")
    let isEmpty = queue.isEmpty
    #expect(isEmpty)
}

@Test func theOldestLinesGoAndAreCounted() {
    var queue = LogQueue(capacity: 32)
    for number in 0..<100 { append("line \(number)", to: &queue) }
    #expect(take(100, from: &queue) == "lost 96\nline 96\nline 97\nline 98\n")
    #expect(take(100, from: &queue) == "line 99\n")
    let isEmpty = queue.isEmpty
    #expect(isEmpty)
}

@Test func aLineThatIsBeingWrittenIsNotCut() {
    var queue = LogQueue(capacity: 32)
    append("a line half", to: &queue)
    #expect(take(6, from: &queue) == "a line")
    for number in 0..<100 { append("line \(number)", to: &queue) }
    #expect(take(100, from: &queue) == " half\n")
    #expect(take(100, from: &queue).hasPrefix("lost 96\nline 96\n"))
}

@Test func aLineLongerThanTheBoundIsCutOff() {
    var queue = LogQueue(capacity: 32)
    append(String(repeating: "x", count: 100), to: &queue)
    #expect(take(100, from: &queue) == String(repeating: "x", count: 31) + "\n")
}

/// Against a plain array of lines: what comes out is what went in, less whole lines from the front.
@Test func aQueueOfAnyHistoryKeepsLinesWhole() throws {
    for seed in 0..<300 {
        var random = SeededGenerator(seed: UInt64(seed))
        var queue = LogQueue(capacity: 200)
        var written = ""
        var count = 0
        for _ in 0..<200 {
            if Bool.random(using: &random) {
                append("\(count):" + String(repeating: "x", count: Int.random(in: 0...60, using: &random)), to: &queue)
                count += 1
            } else {
                written += take(Int.random(in: 0...80, using: &random), from: &queue)
            }
        }
        while !queue.isEmpty { written += take(1000, from: &queue) }
        var expected = 0
        for line in written.split(separator: "\n") {
            if let gap = line.split(separator: " ").last.flatMap({ Int($0) }), line.hasPrefix("lost ") {
                expected += gap
            } else {
                let number = try #require(line.split(separator: ":").first.flatMap { Int($0) }, "seed \(seed): \(line)")
                try #require(number == expected, "seed \(seed): \(line)")
                try #require(line.drop { $0 != ":" }.dropFirst().allSatisfy { $0 == "x" })
                expected += 1
            }
        }
        #expect(expected == count)
    }
}
