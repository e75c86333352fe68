/// The candidate most like a misspelt word; nil when none is near enough to be meant.
///
/// Near is a third of the word's length and at most `limit` edits, so that short words get no wild guesses.
public func nearest(to word: String, in candidates: some Sequence<String>, limit: Int = 3) -> String? {
    let wanted = Array(word.utf8)
    // An attacker or an accident may make it long; no known name is.
    guard wanted.count <= 64 else { return nil }
    let letters = lettersOf(word)
    var best: String?
    var smallest = min(limit, max(1, wanted.count / 3)) + 1
    for candidate in candidates where abs(candidate.utf8.count - wanted.count) < smallest {
        // There may be thousands of words, and most have too many letters that no candidate has.
        let others = lettersOf(candidate)
        guard max((letters & ~others).nonzeroBitCount, (others & ~letters).nonzeroBitCount) < smallest else { continue }
        let distance = editDistance(wanted, Array(candidate.utf8))
        if distance < smallest {
            smallest = distance
            best = candidate
        }
    }
    return best
}

/// A bit for each letter that is there; one edit changes at most one of those that the other word lacks.
private func lettersOf(_ word: String) -> UInt64 {
    word.utf8.reduce(0) { $0 | 1 << UInt64($1 & 63) }
}

/// Damerau–Levenshtein in the form called optimal string alignment: insertions, deletions, substitutions, and swaps of
/// neighbours.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    // Of the row before the last, of the last, and of this one. They change places: new ones would take most of the time.
    var last = Array(0...second.count)
    var current = [Int](repeating: 0, count: last.count)
    var beforeLast = current
    for row in 0..<first.count {
        current[0] = row + 1
        for column in 0..<second.count {
            let change = first[row] == second[column] ? 0 : 1
            var distance = min(last[column] + change, last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current[column + 1] = distance
        }
        swap(&beforeLast, &last)
        swap(&last, &current)
    }
    return last[second.count]
}
