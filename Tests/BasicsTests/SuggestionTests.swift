import Basics
import TestSupport
import Testing

@Test(
    arguments: [
        ("moniter", "monitor"), ("chekc", "check"), ("healthchek", "healthcheck"), ("rnu", "run"), ("run", "run"),
        ("x", nil), ("", nil), ("frobnicate", nil), ("stop!!!!", nil),
    ] as [(String, String?)])
func theNearestWordIsSuggested(word: String, expected: String?) {
    let commands = ["run", "check", "monitor", "console", "healthcheck", "stop", "help"]
    #expect(nearest(to: word, in: commands) == expected)
}

/// Against the definition: letters of a small alphabet, so that prefixes, swaps and near misses are common.
@Test func theDistanceIsTheSmallestThereIs() {
    var random = SeededGenerator(seed: 12)
    func word() -> String {
        String((0..<Int.random(in: 0...9, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
    }
    for _ in 0..<20_000 {
        let (typed, known) = (word(), word())
        let isNear = distance(Array(typed.utf8), Array(known.utf8)) <= min(3, max(1, typed.utf8.count / 3))
        #expect((nearest(to: typed, in: [known]) == known) == isNear, "\(typed) and \(known)")
    }
}

/// Optimal string alignment, as it is defined.
private func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var table = Array(repeating: Array(repeating: 0, count: second.count + 1), count: first.count + 1)
    for row in 0...first.count {
        for column in 0...second.count {
            guard row > 0, column > 0 else {
                table[row][column] = row + column
                continue
            }
            let change = first[row - 1] == second[column - 1] ? 0 : 1
            table[row][column] = min(
                table[row - 1][column - 1] + change, table[row - 1][column] + 1, table[row][column - 1] + 1)
            if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
            }
        }
    }
    return table[first.count][second.count]
}
