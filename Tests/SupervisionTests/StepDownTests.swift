import Linux
import Machine
import QMP
import Supervision
import Testing

private let steps = [
    LaunchStep(accelerator: .kvm, cpu: "host"), LaunchStep(accelerator: .kvm, cpu: "qemu64"),
    LaunchStep(accelerator: .tcg, cpu: "max"),
]
private let aborts = Supervisor.Event.ends(
    .killed(Signal(rawValue: 6), coreDumped: true), ["error: failed to set MSR 0x10a"])
private let launched = Supervisor.Event.launched(pid: Simulation.pid)

@Test func everyStepIsTriedOnce() {
    let simulation = Simulation.run(
        steps: steps,
        [(0, .start), (0, launched), (1, aborts), (1, launched), (2, aborts), (2, launched), (3, aborts)])
    #expect(
        simulation.deeds == [
            "0.0 launch kvm host", "1.0 launch kvm qemu64", "2.0 launch tcg max", "3.0 exit 70",
        ])
}

@Test func aQEMUThatDoesNotGreetIsReplaced() {
    let simulation = Simulation.run(
        steps: steps, [(0, .start), (0, launched), (120.5, .killed), (120.5, launched), (121, .greets)])
    #expect(
        simulation.deeds.prefix(4) == [
            "0.0 launch kvm host", "120.0 kill SIGKILL", "120.5 launch kvm qemu64", "121.0 send qmp_capabilities",
        ])
}

@Test func aGuestThatRanWithoutAWordIsStartedAgain() {
    let simulation = Simulation.run(
        steps: steps, Supervisor.Event.up + [(5, .channelEnds), (5, aborts), (5, launched)])
    #expect(simulation.deeds.contains("5.0 launch kvm qemu64"))
}

@Test(arguments: [
    // The guest has written.
    [(4.0, Supervisor.Event.consoleOutput), (5, aborts)],
    // It has run too long for a start to be what failed.
    [(61, aborts)],
    // The fault would be the same with another accelerator.
    [(5, .ends(.exited(1), ["Failed to get \"write\" lock"]))],
    // A stop was asked for.
    [(5, .term), (6, aborts)],
    [(5, .channelEnds), (5, .term), (6, aborts)],
])
private func thereIsNoSecondStart(_ script: [(Double, Supervisor.Event)]) {
    let simulation = Simulation.run(steps: steps, Supervisor.Event.up + script)
    #expect(simulation.deeds.filter { $0.contains("launch") } == ["0.0 launch kvm host"])
    #expect(simulation.exits.count == 1)
}
