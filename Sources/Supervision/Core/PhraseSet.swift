import Linux

/// Phrases, any of which may be in a line.
///
/// One pass for all of them: Horspool's search by blocks of two bytes, as Wu and Manber have it for sets. Most steps are about as
/// long as the shortest phrase. At the worst (a line made for it) each byte is compared with the end of each phrase's beginning.
struct PhraseSet: Sendable {
    private let phrases: [StaticString]
    /// Bytes of each phrase that are looked for: as many as the shortest has.
    private let length: Int
    /// How far the end may move on from a block, by the block's hash; 0: a phrase's beginning may end with it.
    private let steps: [UInt8]
    /// From a block that no phrase has.
    private let longestStep: Int

    /// - Parameter phrases: of at least two bytes each.
    init(_ phrases: [StaticString]) {
        let shortest = phrases.map(\.utf8CodeUnitCount).min() ?? 0
        let length = min(shortest, Int(UInt8.max))
        longestStep = max(length - 1, 1)
        var steps = [UInt8](repeating: UInt8(longestStep), count: Self.hashes)
        for phrase in phrases {
            for end in 1..<max(length, 1) {
                let hash = Self.hash(phrase.bytes, endingAt: end)
                steps[hash] = min(steps[hash], UInt8(length - 1 - end))
            }
        }
        (self.phrases, self.length, self.steps) = (phrases, length, steps)
    }

    /// Whether `line` has the first bytes of a phrase: the rest is to be looked at by who asks.
    func mayBe(in line: UnsafeRawBufferPointer) -> Bool {
        guard length > 1, line.count >= length else { return false }
        return steps.withUnsafeBufferPointer { steps in
            var end = length - 1
            while true {
                // The rule. A step that does not depend on what was read lets the processor read ahead.
                while end < line.count, steps[Self.hash(line, endingAt: end)] == longestStep { end += longestStep }
                guard end < line.count else { return false }
                let step = Int(steps[Self.hash(line, endingAt: end)])
                if step == 0, isBeginning(in: line, endingAt: end) { return true }
                end += max(step, 1)
            }
        }
    }

    private func isBeginning(in line: UnsafeRawBufferPointer, endingAt end: Int) -> Bool {
        let found = UnsafeRawBufferPointer(rebasing: line[(end + 1 - length)...end])
        return phrases.contains { phrase in
            let beginning = UnsafeRawBufferPointer(rebasing: phrase.bytes[..<length])
            return beginning[length - 1] == found[length - 1] && found.holds(beginning)
        }
    }

    private static let hashes = 1 << 12

    @inline(__always)
    private static func hash(_ bytes: UnsafeRawBufferPointer, endingAt end: Int) -> Int {
        Int(bytes[end - 1]) << 4 ^ Int(bytes[end])
    }
}
