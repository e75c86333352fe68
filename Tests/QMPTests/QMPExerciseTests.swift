import TestSupport
import Testing

@Test func whateverClientsAndQEMUSayEveryCommandIsAnsweredOnce() {
    var relayed = 0
    for seed in 0..<12 as Range<UInt64> {
        var chance = SeededGenerator(seed: seed)
        let script = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &chance) }
        let exercise = QMPExercise.run(script)
        #expect(exercise.violations == [], "seed \(seed)")
        relayed += exercise.relayed
    }
    #expect(relayed > 250)
}
