/// The candidate most like a misspelt word; nil when none is near enough to be meant.
///
/// Near is a third of the word's length and at most three edits, so that short words get no wild guesses.
public func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.utf8)
    // An attacker or an accident may make it long; no known name is.
    guard wanted.count <= 64 else { return nil }
    var best: String?
    var smallest = min(3, max(1, wanted.count / 3)) + 1
    for candidate in candidates {
        let letters = Array(candidate.utf8)
        guard abs(letters.count - wanted.count) < smallest else { continue }
        let distance = editDistance(wanted, letters)
        if distance < smallest {
            smallest = distance
            best = candidate
        }
    }
    return best
}

/// Damerau–Levenshtein in the form called optimal string alignment: insertions, deletions, substitutions, and swaps of
/// neighbours.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in 0..<first.count {
        var current = [row + 1]
        current.reserveCapacity(second.count + 1)
        for column in 0..<second.count {
            let change = first[row] == second[column] ? 0 : 1
            var distance = min(last[column] + change, last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current.append(distance)
        }
        beforeLast = last
        last = current
    }
    return last[second.count]
}
