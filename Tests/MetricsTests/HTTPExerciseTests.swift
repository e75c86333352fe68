import TestSupport
import Testing

@Test func whateverComesAConnectionKeepsItsBounds() {
    let pieces = [
        "GET ", "HEAD ", "/metrics", "http://h/", " HTTP/1.1", " HTTP/1.0", "\r\n", "\r\n\r\n", "Host: h\r\n", "X: ",
        "Connection: close\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "\n", " ", "\u{0}",
        String(repeating: "a", count: 60), "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    ].map { Array($0.utf8) }
    var answered = 0
    for seed in 0..<40 as Range<UInt64> {
        var chance = SeededGenerator(seed: seed)
        var script: [UInt8] = []
        for _ in 0..<2000 {
            let isPiece = Int.random(in: 0..<4, using: &chance) > 0
            guard isPiece, let piece = pieces.randomElement(using: &chance) else {
                script.append(UInt8.random(in: 0...255, using: &chance))
                continue
            }
            script.append(UInt8(piece.count) << 2)
            script += piece
        }
        let exercise = HTTPExercise.run(script)
        #expect(exercise.violations == [], "seed \(seed)")
        answered += exercise.answered
    }
    #expect(answered > 100)
}
