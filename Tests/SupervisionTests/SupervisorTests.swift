import Linux
import Machine
import QMP
import Supervision
import Testing

private struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var budget = 90
    let script: [(Double, Supervisor.Event)]
    /// After the start: what is sent, killed and returned.
    let deeds: [String]
    /// The last message there is; nil: there is none. Where the run has ended, the reason is the same.
    let last: String?

    var testDescription: String { name }
}

private typealias Event = Supervisor.Event

private let runningCases: [Case] = [
    Case(
        name: "the guest powers itself off",
        script: Event.up + [(9, .poweredOff), (9, .channelEnds), (9.1, .endsWell)],
        deeds: ["9.1 exit 0"], last: "info: QEMU has ended; all is well"),
    Case(
        name: "the guest powers off, QEMU takes too long and is killed",
        script: Event.up + [(9, .poweredOff), (40, .killed)], deeds: ["39.0 kill SIGKILL", "40.0 exit 70"],
        last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "the guest powers off, QEMU cannot even be killed",
        script: Event.up + [(9, .poweredOff)], deeds: ["39.0 kill SIGKILL", "43.0 exit 70"],
        last: "error: QEMU does not end even by SIGKILL; leaving without it"),
    Case(
        name: "QEMU fails after the guest powered off",
        script: Event.up + [(9, .poweredOff), (9.1, .ends(.exited(1)))],
        deeds: ["9.1 exit 70"], last: "error: QEMU exited with code 1"),
    Case(
        name: "QEMU is killed", script: Event.up + [(9, .consoleOutput), (9, .killed)], deeds: ["9.0 exit 70"],
        last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "QEMU is killed, its channel ends first",
        script: Event.up + [(9, .consoleOutput), (9, .channelEnds), (9, .killed)], deeds: ["9.0 exit 70"],
        last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "QEMU is ended from outside", script: Event.up + [(9, .consoleOutput), (9, .hostQuit), (9, .endsWell)],
        deeds: ["9.0 exit 70"], last: "error: QEMU ended without a power-off by the guest (host-qmp-quit)"),
    Case(
        name: "the channel breaks and QEMU goes on",
        script: Event.up + [(9, .consoleOutput), (9, .channelEnds), (15, .killed)],
        deeds: ["14.0 kill SIGKILL", "15.0 exit 70"], last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "an orphan ends", script: Event.up + [(9, .processEnded(pid: 7, .exited(1), lastWords: []))], deeds: [],
        last: "info: the guest runs"),
    Case(
        name: "resets, pauses, failing images and strays change nothing",
        script: Event.up + [
            (2, .qmp(.event(.reset(guest: true, reason: "guest-reset")))), (2, .qmp(.event(.stop))),
            (2, .qmp(.event(.blockIOError(.full)))), (2, .qmp(.stray("x"))),
            (2, .qmp(.event(.other("RTC_CHANGE")))), (2, .qmp(.event(.powerdown))),
        ], deeds: ["2.0 send query-status"], last: "debug: the ACPI power button was pressed"),
    Case(
        name: "signals without a meaning change nothing",
        script: Event.up
            + [1, 2, 3].map { (3, .signal(Signal(rawValue: $0 == 1 ? 28 : $0 == 2 ? 10 : 20), sender: 9)) },
        deeds: [], last: "debug: SIGTSTP from pid 9 is ignored"),
]

private let faultCases: [Case] = [
    Case(
        name: "a guest that panics has not powered itself off",
        script: Event.up + [
            (9, .consoleOutput), (9, .qmp(.event(.shutdown(guest: true, reason: "guest-panic")))), (9.1, .endsWell),
        ], deeds: ["9.1 exit 70"], last: "error: QEMU ended without a power-off by the guest (guest-panic)"),
    Case(
        name: "an accelerator that fails under the guest",
        script: Event.up + [
            (9, .consoleOutput), (9, .qmp(.event(.stop))), (9, .qmp(.answered(.queryStatus, status: "internal-error"))),
            (9.1, .killed),
        ], deeds: ["9.0 send query-status", "9.0 kill SIGKILL", "9.1 exit 70"],
        last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "a guest that stands still for want of space goes on being watched",
        script: Event.up + [(9, .qmp(.event(.stop))), (9, .qmp(.answered(.queryStatus, status: "io-error")))],
        deeds: ["9.0 send query-status"], last: "error: the guest stands still: QEMU reports io-error"),
    Case(
        name: "a terminal that closes beside SIGTERM does not shorten the stop",
        script: Event.up + [
            (10, .term), (10, .signal(.init(rawValue: 1), sender: 0)), (10, .signal(.init(rawValue: 1), sender: 0)),
            (12, .poweredOff), (12.2, .endsWell),
        ], deeds: ["10.0 send system_powerdown", "12.2 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.2 s"),
    Case(
        name: "SIGHUP alone stops the guest, twice no faster",
        script: Event.up + [
            (10, .signal(.init(rawValue: 1), sender: 0)), (11, .signal(.init(rawValue: 1), sender: 0)),
            (12, .poweredOff),
            (12.2, .endsWell),
        ], deeds: ["10.0 send system_powerdown", "12.2 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.2 s"),
    Case(
        name: "a QEMU that flushes long after the guest powered off is left its time",
        script: Event.up + [(10, .term), (11, .poweredOff), (11, .channelEnds), (60, .endsWell)],
        deeds: ["10.0 send system_powerdown", "60.0 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 50 s"),
]

private let stoppingCases: [Case] = [
    Case(
        name: "the guest reacts to the power button",
        script: Event.up + [(10, .term), (12, .poweredOff), (12.1, .channelEnds), (12.2, .endsWell)],
        deeds: ["10.0 send system_powerdown", "12.2 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.2 s"),
    Case(
        name: "the guest misses the first presses",
        script: Event.up + [(10, .term), (21, .poweredOff), (21, .endsWell)],
        deeds: ["10.0", "15.0", "20.0"].map { "\($0) send system_powerdown" } + ["21.0 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 11 s"),
    Case(
        name: "a paused guest is resumed first",
        script: Event.up + [(5, .qmp(.event(.stop))), (10, .term), (11, .poweredOff), (11, .endsWell)],
        deeds: ["5.0 send query-status", "10.0 send cont", "10.0 send system_powerdown", "11.0 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 1.0 s"),
    Case(
        name: "the guest ignores the power button", budget: 10,
        script: Event.up + [(10, .term), (15.1, .hostQuit), (15.1, .endsWell)],
        deeds: ["10.0 send system_powerdown", "15.0 send quit", "15.1 exit 124"],
        last: "error: the guest was cut off by rung 3 (QMP quit) after 5.1 s: it did not power off by itself"),
    Case(
        name: "QEMU does not quit", budget: 10, script: Event.up + [(10, .term), (21, .killed)],
        deeds: ["10.0 send system_powerdown", "15.0 send quit", "20.0 kill SIGKILL", "21.0 exit 124"],
        last: "error: the guest was cut off by rung 4 (SIGKILL) after 11 s: it did not power off by itself"),
    Case(
        name: "QEMU cannot be killed", budget: 5, script: Event.up + [(10, .term)],
        deeds: ["10.0 send system_powerdown", "12.5 send quit", "17.5 kill SIGKILL", "21.5 exit 124"],
        last: "error: QEMU does not end even by SIGKILL; leaving without it"),
    Case(
        name: "QEMU refuses to quit", budget: 10,
        script: Event.up + [(10, .term), (15.1, .qmp(.refused(.quit, reason: "no"))), (15.2, .killed)],
        deeds: ["10.0 send system_powerdown", "15.0 send quit", "15.1 kill SIGKILL", "15.2 exit 124"],
        last: "error: the guest was cut off by rung 4 (SIGKILL) after 5.2 s: it did not power off by itself"),
    Case(
        name: "QEMU refuses the power button", budget: 10,
        script: Event.up + [(10, .term), (10.1, .qmp(.refused(.powerdown, reason: "no"))), (15.1, .endsWell)],
        deeds: ["10.0 send system_powerdown", "15.0 send quit", "15.1 exit 124"],
        last: "error: the guest was cut off by rung 3 (QMP quit) after 5.1 s: it did not power off by itself"),
    Case(
        name: "a signal that comes to every process of the container, and once more to PID 1, is one",
        script: Event.up + [(10, .term), (10, .term), (10.9, .term), (11, .poweredOff), (11, .endsWell)],
        deeds: ["10.0 send system_powerdown", "11.0 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 1.0 s"),
    Case(
        name: "systemd's SIGRTMIN+3 is a stop",
        script: Event.up + [(10, .signal(.halt, sender: 0)), (11, .poweredOff), (11, .endsWell)],
        deeds: ["10.0 send system_powerdown", "11.0 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 1.0 s"),
    Case(
        name: "a second signal does not wait", script: Event.up + [(10, .term), (11, .term), (11.1, .endsWell)],
        deeds: ["10.0 send system_powerdown", "11.0 send quit", "11.1 exit 124"],
        last: "error: the guest was cut off by rung 3 (QMP quit) after 1.1 s: it did not power off by itself"),
    Case(
        name: "a third signal changes nothing",
        script: Event.up + [(10, .term), (11, .term), (12, .term), (17, .killed)],
        deeds: ["10.0 send system_powerdown", "11.0 send quit", "16.0 kill SIGKILL", "17.0 exit 124"],
        last: "error: the guest was cut off by rung 4 (SIGKILL) after 7.0 s: it did not power off by itself"),
    Case(
        name: "SIGQUIT does not wait", script: Event.up + [(10, .quitSignal), (10.1, .endsWell)],
        deeds: ["10.0 send quit", "10.1 exit 124"],
        last: "error: the guest was cut off by rung 3 (QMP quit) after 0.1 s: it did not power off by itself"),
    Case(
        name: "the guest powers off after the quit was sent",
        script: Event.up + [(10, .term), (11, .term), (11, .poweredOff), (11.1, .endsWell)],
        deeds: ["10.0 send system_powerdown", "11.0 send quit", "11.1 exit 0"],
        last: "info: stopped cleanly by rung 3 (QMP quit) after 1.1 s"),
    Case(
        name: "a signal after the guest powered off waits for QEMU",
        script: Event.up + [(10, .term), (11, .poweredOff), (11, .term), (11.1, .endsWell)],
        deeds: ["10.0 send system_powerdown", "11.1 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 1.1 s"),
    Case(
        name: "the first signal after the guest powered itself off waits for QEMU",
        script: Event.up + [(10, .poweredOff), (11, .term), (11.1, .endsWell)], deeds: ["11.1 exit 0"],
        last: "info: QEMU has ended; all is well"),
    Case(
        name: "the guest powers off but QEMU does not end", budget: 10,
        script: Event.up + [(10, .term), (11, .poweredOff), (21, .killed)],
        deeds: ["10.0 send system_powerdown", "20.0 kill SIGKILL", "21.0 exit 124"],
        last: "error: the guest powered off, but QEMU did not end within 11 s and was killed"),
    Case(
        name: "the channel breaks during the stop",
        script: Event.up + [(10, .term), (11, .channelEnds), (17, .killed)],
        deeds: ["10.0 send system_powerdown", "16.0 kill SIGKILL", "17.0 exit 124"],
        last: "error: the guest was cut off by rung 4 (SIGKILL) after 7.0 s: it did not power off by itself"),
    Case(
        name: "the channel breaks and a second signal comes",
        script: Event.up + [(10, .term), (11, .channelEnds), (12, .term), (12.1, .killed)],
        deeds: ["10.0 send system_powerdown", "12.0 kill SIGKILL", "12.1 exit 124"],
        last: "error: the guest was cut off by rung 4 (SIGKILL) after 2.1 s: it did not power off by itself"),
    Case(
        name: "QEMU crashes during the stop", script: Event.up + [(10, .term), (11, .ends(.exited(1)))],
        deeds: ["10.0 send system_powerdown", "11.0 exit 70"], last: "error: QEMU exited with code 1 during the stop"),
    Case(
        name: "QEMU is ended from outside during the stop",
        script: Event.up + [(10, .term), (11, .hostQuit), (11, .endsWell)],
        deeds: ["10.0 send system_powerdown", "11.0 exit 70"],
        last: "error: QEMU ended without a power-off by the guest (host-qmp-quit) during the stop"),
    Case(
        name: "the guest halts during the stop",
        script: Event.up + [(10, .term), (12, .guestHalted("reboot: System halted")), (12.1, .endsWell)],
        deeds: ["10.0 send system_powerdown", "12.0 send quit", "12.1 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.1 s"),
    Case(
        name: "the guest had halted before the stop",
        script: Event.up + [(5, .guestHalted("now in tight loop")), (10, .term), (10.1, .endsWell)],
        deeds: ["10.0 send quit", "10.1 exit 0"], last: "info: stopped cleanly after 0.1 s"),
    Case(
        name: "a guest that writes on after the halt line has not halted",
        script: Event.up + [
            (5, .guestHalted("now in tight loop")), (6, .consoleOutput), (10, .term), (11, .poweredOff),
            (11, .endsWell),
        ],
        deeds: ["10.0 send system_powerdown", "11.0 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 1.0 s"),
    Case(
        name: "a guest that was reset after the halt line has not halted",
        script: Event.up + [
            (5, .guestHalted("now in tight loop")),
            (6, .qmp(.event(.reset(guest: false, reason: "host-qmp-system-reset")))),
            (10, .term), (11, .poweredOff), (11, .endsWell),
        ],
        deeds: ["10.0 send system_powerdown", "11.0 exit 0"],
        last: "info: stopped cleanly by rung 2 (ACPI power button) after 1.0 s"),
    Case(
        name: "a signal while a QEMU without a channel is waited for",
        budget: 5, script: Event.up + [(9, .consoleOutput), (9, .channelEnds), (10, .term), (15, .killed)],
        deeds: ["14.0 kill SIGKILL", "15.0 exit 70"], last: "error: QEMU was killed by SIGKILL"),
]

@Test(arguments: runningCases + faultCases + stoppingCases)
private func theRunGoesAsItShould(_ scenario: Case) {
    let simulation = Simulation.run(budget: scenario.budget, scenario.script)
    #expect(simulation.deeds == startDeeds + scenario.deeds)
    simulation.expectLast(scenario.last)
}

private let startingCases: [Case] = [
    Case(name: "nothing at all", script: [], deeds: [], last: nil),
    Case(
        name: "a signal before the start", script: [(0, .term)], deeds: ["0.0 exit 0"],
        last: "info: SIGTERM before QEMU was started"),
    Case(
        name: "a signal between launch and its answer",
        script: [
            (0, .start), (0, .term), (0, .launched(pid: Simulation.pid)),
            (0.1, .killed),
        ],
        deeds: ["0.0 launch tcg max", "0.0 kill SIGKILL", "0.1 exit 0"], last: "info: stopped cleanly after 0.1 s"),
    Case(
        name: "a signal before the greeting",
        script: [(0, .start), (0, .launched(pid: Simulation.pid)), (1, .term), (1.1, .killed)],
        deeds: ["0.0 launch tcg max", "1.0 kill SIGKILL", "1.1 exit 0"], last: "info: stopped cleanly after 0.1 s"),
    Case(
        name: "a signal before the greeting, which then comes",
        script: [(0, .start), (0, .launched(pid: Simulation.pid)), (1, .term), (1, .greets), (1.1, .killed)],
        deeds: ["0.0 launch tcg max", "1.0 kill SIGKILL", "1.1 exit 0"], last: "info: stopped cleanly after 0.1 s"),
    Case(
        name: "two signals before the greeting, QEMU hangs",
        script: [(0, .start), (0, .launched(pid: Simulation.pid)), (1, .term), (2, .term), (7, .killed)],
        deeds: ["0.0 launch tcg max", "1.0 kill SIGKILL", "6.0 kill SIGKILL", "7.0 exit 70"],
        last: "error: QEMU did not quit within 5.0 s and was killed"),
    Case(
        name: "a signal between greeting and running",
        script: [(0, .start), (0, .launched(pid: Simulation.pid)), (1, .greets), (1.1, .term), (1.2, .endsWell)],
        deeds: ["0.0 launch tcg max", "1.0 send qmp_capabilities", "1.1 send quit", "1.2 exit 0"],
        last: "info: stopped cleanly after 0.1 s"),
    Case(
        name: "QEMU never greets", script: [(0, .start), (0, .launched(pid: Simulation.pid)), (121, .killed)],
        deeds: ["0.0 launch tcg max", "120.0 kill SIGKILL", "121.0 exit 70"], last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "QEMU greets late",
        script: [
            (0, .start), (0, .launched(pid: Simulation.pid)), (119, .greets), (119.1, .negotiated), (119.2, .runs),
        ],
        deeds: ["0.0 launch tcg max", "119.0 send qmp_capabilities", "119.1 send cont", "119.1 send query-status"],
        last: "info: the guest runs"),
    Case(
        name: "QEMU greets and then says nothing",
        script: [(0, .start), (0, .launched(pid: Simulation.pid)), (1, .greets), (122, .killed)],
        deeds: ["0.0 launch tcg max", "1.0 send qmp_capabilities", "121.0 kill SIGKILL", "122.0 exit 70"],
        last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "QEMU refuses the negotiation",
        script: [
            (0, .start), (0, .launched(pid: Simulation.pid)), (1, .greets),
            (1, .qmp(.refused(.capabilities, reason: "no"))),
            (1.1, .killed),
        ],
        deeds: ["0.0 launch tcg max", "1.0 send qmp_capabilities", "1.0 kill SIGKILL", "1.1 exit 70"],
        last: "error: QEMU was killed by SIGKILL"),
    Case(
        name: "QEMU ends before the greeting",
        script: [(0, .start), (0, .launched(pid: Simulation.pid)), (1, .ends(.exited(1)))],
        deeds: ["0.0 launch tcg max", "1.0 exit 70"], last: "error: QEMU exited with code 1"),
    Case(
        name: "QEMU ends before its launch is known: the pid is nobody's yet",
        script: [(0, .start), (0, .ends(.exited(1)))], deeds: ["0.0 launch tcg max"],
        last: "info: starting QEMU: tcg with CPU max"),
    Case(
        name: "the disk is locked",
        script: [
            (0, .start), (0, .launched(pid: Simulation.pid)),
            (1, .ends(.exited(1), ["qemu-system-x86_64: -device …: Failed to get \"write\" lock"])),
        ], deeds: ["0.0 launch tcg max", "1.0 exit 75"],
        last: "error: QEMU exited with code 1: another process uses the disk; stop it, or give each guest its own disk"),
    Case(
        name: "memory is short",
        script: [
            (0, .start), (0, .launched(pid: Simulation.pid)),
            (1, .ends(.exited(1), ["qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory"])),
        ], deeds: ["0.0 launch tcg max", "1.0 exit 75"],
        last: "error: QEMU exited with code 1: memory is short; lower QEMU_RAM or free memory on the host"),
    Case(
        name: "no such program", script: [(0, .start), (0, .launchFailed(.noSuchFile))],
        deeds: ["0.0 launch tcg max", "0.0 exit 69"], last: "error: QEMU cannot be executed: No such file or directory"),
    Case(
        name: "the program may not be executed", script: [(0, .start), (0, .launchFailed(.permissionDenied))],
        deeds: ["0.0 launch tcg max", "0.0 exit 77"], last: "error: QEMU cannot be executed: Permission denied"),
    Case(
        name: "no process can be made", script: [(0, .start), (0, .launchFailed(.wouldBlock))],
        deeds: ["0.0 launch tcg max", "0.0 exit 75"],
        last: "error: QEMU cannot be started now: Resource temporarily unavailable"),
    Case(
        name: "a broken program", script: [(0, .start), (0, .launchFailed(.invalidArgument))],
        deeds: ["0.0 launch tcg max", "0.0 exit 70"], last: "error: QEMU cannot be started: Invalid argument"),
]

@Test(arguments: startingCases)
private func theStartGoesAsItShould(_ scenario: Case) {
    let simulation = Simulation.run(scenario.script)
    #expect(simulation.deeds == scenario.deeds)
    simulation.expectLast(scenario.last)
}
