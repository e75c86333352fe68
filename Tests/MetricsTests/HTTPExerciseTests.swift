import TestSupport
import Testing

@Test func whateverComesAConnectionKeepsItsBounds() {
    let pieces = [
        "GET ", "HEAD ", "/metrics", "http://h/", " HTTP/1.1", " HTTP/1.0", "\r\n", "\r\n\r\n", "Host: h\r\n", "X: ",
        "Connection: close\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "\n", " ", "\u{0}",
        String(repeating: "a", count: 60),
    ].map { Array($0.utf8) }
    let whole = Array("GET / HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
    var answered = 0
    for seed in 0..<2000 as Range<UInt64> {
        var chance = SeededGenerator(seed: seed)
        var script: [UInt8] = []
        // The first that is not understood ends the connection.
        for _ in 0..<40 {
            switch Int.random(in: 0..<32, using: &chance) {
            case 0:
                script.append(UInt8.random(in: 0...255, using: &chance))
            case 1..<8:
                // Answers, and takes of it.
                script.append(UInt8.random(in: 0...63, using: &chance) << 2 | 2)
            case 8..<24:
                script.append(UInt8(whole.count) << 2)
                script += whole
            default:
                let piece = pieces.randomElement(using: &chance) ?? []
                script.append(UInt8(piece.count) << 2)
                script += piece
            }
        }
        let exercise = HTTPExercise.run(script)
        #expect(exercise.violations == [], "seed \(seed)")
        answered += exercise.answered
    }
    #expect(answered > 100)
}
