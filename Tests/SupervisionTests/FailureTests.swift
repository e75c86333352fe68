import Linux
import Machine
import QMP
import Supervision
import Testing

private typealias Event = Supervisor.Event

/// What the log says of a QEMU that does not come further is true: it has greeted, or it has not.
@Test(arguments: [
    ([] as [(Double, Supervisor.Event)], "error: QEMU has not greeted within 120 s"),
    ([(1, .greets)], "error: QEMU has greeted, but has not let the guest run within 120 s"),
    ([(1, .greets), (1, .negotiated)], "error: QEMU has greeted, but has not let the guest run within 120 s"),
])
private func aQEMUThatHangsIsDescribedAsItIs(_ script: [(Double, Supervisor.Event)], _ message: String) {
    let simulation = Simulation.run(
        [(0, .start), (0, .launched(pid: Simulation.pid))] + script + [(122, .killed)])
    #expect(simulation.messages.dropLast().last == message)
}

/// A kernel that reports no events any more: the guest is brought down, and the run has not succeeded.
@Test(arguments: [
    (
        Event.up + [
            (10, .shellFailed(reason: "events cannot be waited for: x")), (12, .poweredOff), (12.1, .endsWell),
        ],
        startDeeds + ["10.0 send system_powerdown", "12.1 exit 70"],
        "error: stopped cleanly by rung 2 (ACPI power button) after 2.1 s, because events cannot be waited for: x"
    ),
    (
        Event.up + [(10, .term), (11, .shellFailed(reason: "x")), (12, .poweredOff), (12.1, .endsWell)],
        startDeeds + ["10.0 send system_powerdown", "12.1 exit 70"],
        "error: stopped cleanly by rung 2 (ACPI power button) after 2.1 s, because x"
    ),
    (
        Event.up + [(10, .poweredOff), (11, .shellFailed(reason: "x")), (12, .endsWell)], startDeeds + ["12.0 exit 70"],
        "error: QEMU has ended, and the guest cleanly, but x"
    ),
    ([(0, .shellFailed(reason: "x"))], ["0.0 exit 70"], "error: x before QEMU was started"),
])
private func aShellThatFailsEndsTheRunByTheLadder(
    _ script: [(Double, Supervisor.Event)], _ deeds: [String], _ last: String
) {
    let simulation = Simulation.run(script)
    #expect(simulation.deeds == deeds)
    simulation.expectLast(last)
}
