import Testing

/// SplitMix64: the same scripts on every machine.
private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

@Test func whateverClientsAndQEMUSayEveryCommandIsAnsweredOnce() {
    var relayed = 0
    for seed in 0..<12 as Range<UInt64> {
        var chance = Chance(state: seed)
        let script = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &chance) }
        let exercise = QMPExercise.run(script)
        #expect(exercise.violations == [], "seed \(seed)")
        relayed += exercise.relayed
    }
    #expect(relayed > 250)
}
