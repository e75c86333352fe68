import Basics
import Linux
import Machine
import Testing

@testable import QMP
@testable import Supervision

extension Supervisor.Event {
    static let wanted = Self.startRequested(
        QMPServer.Ticket(client: QMPServer.ClientID(serial: 1), serial: 1), reason: "drover start")
}

/// A guest that powers itself off, with `AFTER_POWEROFF=wait`, in simulated time.
struct PoweredOffTests {
    private typealias Event = Supervisor.Event

    private static let goesOff: [(Double, Event)] = Event.up + [(5, .poweredOff), (6, .channelEnds), (6, .endsWell)]
    private static let offDeeds = startDeeds + ["6.0 serve without QEMU"]
    private static let again: [(Double, Event)] = [
        (10, .wanted), (10, .launched(pid: 43)), (10.1, .greets), (10.1, .negotiated), (10.2, .runs),
    ]
    private static let againDeeds = [
        "10.0 answer success(\(Array("{}".utf8)))", "10.0 launch tcg max", "10.1 send qmp_capabilities",
        "10.1 send cont", "10.1 send query-status",
    ]
    private static let secondEnd = Event.processEnded(pid: 43, .exited(0), lastWords: [])

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var afterPowerOff = Configuration.AfterPowerOff.wait
        let script: [(Double, Supervisor.Event)]
        let deeds: [String]
        var reason: String?

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "exit ends the run", afterPowerOff: .exit, script: goesOff, deeds: startDeeds + ["6.0 exit 0"],
            reason: "QEMU has ended; all is well"),
        Case(name: "wait waits, however long", script: goesOff, deeds: offDeeds),
        Case(
            name: "a signal ends the waiting at once", script: goesOff + [(100, .term)],
            deeds: offDeeds + ["100.0 exit 0"], reason: "SIGTERM: the guest had powered itself off before"),
        Case(
            name: "so does drover stop", script: goesOff + [(100, .stop)], deeds: offDeeds + ["100.0 exit 0"],
            reason: "drover stop: the guest had powered itself off before"),
        Case(
            name: "a shell that fails is no success", script: goesOff + [(100, .shellFailed(reason: "no epoll"))],
            deeds: offDeeds + ["100.0 exit 70"], reason: "no epoll: the guest had powered itself off before"),
        Case(
            name: "a start boots it again, twice",
            script: goesOff + again + [(20, .poweredOff), (21, secondEnd), (30, .wanted)],
            deeds: offDeeds + againDeeds + [
                "21.0 serve without QEMU", "30.0 answer success(\(Array("{}".utf8)))", "30.0 launch tcg max",
            ]),
        Case(
            name: "a QEMU that does not start again ends the run",
            script: goesOff + [(10, .wanted), (10, .launchFailed(.noSuchFile))],
            deeds: offDeeds + [againDeeds[0], againDeeds[1], "10.0 exit 69"],
            reason: "QEMU cannot be executed: No such file or directory"),
        Case(
            name: "a stop that was asked for while QEMU ended is a stop",
            script: Event.up + [(5, .poweredOff), (5.5, .term), (6, .endsWell)],
            deeds: startDeeds + ["6.0 exit 0"], reason: "QEMU has ended; all is well"),
        Case(
            name: "also where QEMU had to be killed first",
            script: Event.up + [(5, .poweredOff), (5.5, .term), (36, .endsWell)],
            deeds: startDeeds + ["35.0 kill SIGKILL", "36.0 exit 0"], reason: "QEMU has ended; all is well"),
        Case(
            name: "a power-off by a stop is a stop", script: Event.up + [(5, .term), (6, .poweredOff), (7, .endsWell)],
            deeds: startDeeds + ["5.0 send system_powerdown", "7.0 exit 0"],
            reason: "stopped cleanly by rung 2 (ACPI power button) after 2.0 s"),
        Case(
            name: "a crash is no power-off", script: Event.up + [(5, .ends(.killed(.kill, coreDumped: false)))],
            deeds: startDeeds + ["5.0 exit 70"]),
        Case(
            name: "nor is a QEMU that crashes when it flushes",
            script: Event.up + [(5, .poweredOff), (6, .ends(.exited(1)))], deeds: startDeeds + ["6.0 exit 70"]),
        Case(
            name: "nor a quit from outside", script: Event.up + [(5, .hostQuit), (6, .endsWell)],
            deeds: startDeeds + ["6.0 exit 70"]),
    ]

    @Test(arguments: cases) func theRunGoesOnAsItShould(_ testCase: Case) {
        var simulation = Simulation(afterPowerOff: testCase.afterPowerOff)
        for (time, event) in testCase.script {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        simulation.advance(to: 1000)
        #expect(simulation.deeds == testCase.deeds)
        if let reason = testCase.reason { #expect(simulation.exits.map(\.reason) == [reason]) }
    }

    /// Nothing that was known of the first guest is of the second; nobody waits for what is not there.
    @Test func whileItIsOffNothingIsKnownOfIt() {
        var simulation = Simulation(agent: .obeying, readyPattern: "ready", afterPowerOff: .wait)
        for (time, event) in Event.up + [(1, .console(ConsoleFinding(showsReadiness: true)))] {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        #expect(simulation.supervisor.isReady && simulation.supervisor.status == .running)
        for (time, event) in [(5.0, Event.poweredOff), (6, .channelEnds), (6, .endsWell)] {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        #expect(simulation.supervisor.status == .off && !simulation.supervisor.isReady)
        #expect(simulation.supervisor.nextDeadline == nil && simulation.supervisor.instance == nil)
        #expect(simulation.supervisor.agentStatus == .silent)
        #expect(
            simulation.messages.suffix(1) == [
                "info: AFTER_POWEROFF=wait: the guest has powered itself off; boot it again: drover start"
            ])
    }

    @Test func aGuestThatIsNotOffIsNotStarted() {
        let cases: [([(Double, Event)], String)] = [
            (Array(Event.up.prefix(2)), "the guest is being started already"), (Event.up, "the guest runs already"),
            (Event.up + [(1, .qmp(.event(.stop)))], "the guest is paused; let it go on: drover monitor cont"),
            (Event.up + [(1, .term)], "the guest is going down; try again when drover status says off"),
            (Event.up + [(1, .poweredOff)], "the guest is going down; try again when drover status says off"),
        ]
        for (script, desc) in cases {
            var simulation = Simulation(afterPowerOff: .wait)
            for (time, event) in script + [(2.0, Event.wanted)] {
                simulation.advance(to: time)
                simulation.feed(event)
            }
            #expect(simulation.deeds.last == "2.0 answer \(QMPServer.Answer.failure(desc: desc))")
            #expect(!simulation.deeds.dropFirst(1).contains { $0.contains("launch") })
        }
    }

    /// They have channels to a QEMU: each has its own.
    @Test func childrenComeAnewWithWhatIsThere() {
        let children = [Child.StopOrder.beforeGuest, .afterGuest].map {
            Child(name: "\($0)", arguments: [], inherits: [.qmp(.readOnly)], stopOrder: $0, limits: ProcessLimits())
        }
        var simulation = Simulation(children: children, afterPowerOff: .wait)
        func ended(_ pid: Int32) -> Event {
            .processEnded(pid: pid, .killed(.terminate, coreDumped: false), lastWords: [])
        }
        let script: [(Double, Event)] =
            Event.up + [
                (0.2, .childLaunched(name: "beforeGuest", pid: 50)), (0.2, .childLaunched(name: "afterGuest", pid: 51)),
                (5, .poweredOff), (6, .endsWell), (6.1, ended(50)), (6.1, ended(51)),
                (6.1, .childLaunched(name: "beforeGuest", pid: 52)), (6.1, .childLaunched(name: "afterGuest", pid: 53)),
                (10, .wanted), (10, .launched(pid: 43)), (10.1, ended(53)), (10.1, .greets), (10.1, .negotiated),
                (10.2, .runs), (10.3, ended(52)),
            ]
        for (time, event) in script {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        #expect(
            simulation.deeds.filter { $0.contains("Guest") || $0.contains(" 5") } == [
                "0.2 launch beforeGuest", "0.2 launch afterGuest", "5.0 kill SIGTERM 50", "6.0 kill SIGTERM 51",
                "6.1 launch beforeGuest", "6.1 launch afterGuest", "10.0 kill SIGTERM 52", "10.0 kill SIGTERM 53",
                "10.2 launch afterGuest", "10.3 launch beforeGuest",
            ])
        #expect(simulation.supervisor.children.restarts.map(\.count) == [0, 0])
    }
}
