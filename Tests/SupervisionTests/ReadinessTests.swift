import Testing

@testable import Supervision

/// `READY_CHECK=console:TEXT`: a decision of the core's, since the guest's last reset.
struct ReadinessTests {
    private typealias Event = Supervisor.Event

    private static let ready = Event.console(ConsoleFinding(showsReadiness: true))
    private static let reset = Event.qmp(.event(.reset(guest: false, reason: "host-qmp-system-reset")))

    private static let cases: [(String, String?, [Event], isSeen: Bool, isAwaited: Bool)] = [
        ("before anything was written", "ready", [], false, true),
        ("another line", "ready", [.consoleOutput], false, true),
        ("the line", "ready", [ready], true, false),
        ("the line, and others after it", "ready", [ready, .consoleOutput], true, false),
        ("a reset from outside", "ready", [ready, reset], false, true),
        (
            "a reset by the guest", "ready", [ready, .qmp(.event(.reset(guest: true, reason: "guest-reset")))], false,
            true
        ),
        ("the line again after the reset", "ready", [ready, reset, ready], true, false),
        ("a pause", "ready", [ready, .qmp(.event(.stop)), .qmp(.event(.resume))], true, false),
        ("no pattern", nil, [ready], false, false),
    ]

    @Test(arguments: cases.indices) func readinessIsWhatTheGuestHasShownSinceItsReset(_ index: Int) {
        let (name, pattern, events, isSeen, isAwaited) = Self.cases[index]
        var simulation = Simulation(readyPattern: pattern)
        for (_, event) in Event.up { simulation.feed(event) }
        for event in events { simulation.feed(event) }
        #expect(simulation.supervisor.readiness.isSeen == isSeen, "\(name)")
        #expect(simulation.supervisor.awaitedOnConsole.readiness == isAwaited, "\(name)")
    }

    @Test func aLineIsSearchedForThePatternAndTheLastOneForAHalt() {
        func finding(_ lines: [String], pattern: String?, isAwaited: Bool = true) -> ConsoleFinding {
            var watch = ConsoleWatch(pattern: pattern, .init(readiness: isAwaited))
            for line in lines { Array(line.utf8).withUnsafeBytes { watch.look(in: $0) } }
            return watch.finding ?? ConsoleFinding(haltLine: "no line")
        }
        #expect(finding(["it is ready now", "x"], pattern: "ready") == ConsoleFinding(showsReadiness: true))
        #expect(finding(["it is ready now"], pattern: "ready", isAwaited: false) == ConsoleFinding())
        #expect(finding(["it is rea", "dy now"], pattern: "ready") == ConsoleFinding())
        var stopping = ConsoleWatch(pattern: "ready", .init(shutdown: true))
        let lines = [
            "ready", "The system is going down NOW!", "[  OK  ] Reached target shutdown.target - System Shutdown.",
        ]
        for line in lines { Array(line.utf8).withUnsafeBytes { stopping.look(in: $0) } }
        #expect(stopping.finding == ConsoleFinding(shutdownLine: lines[1]))
        for line in [
            "Shutdown completed successfully, now in tight loop.", "[  12.3] reboot: System halted",
            "You can safely power off the system or hit ctl-alt-del to reboot",
        ] {
            #expect(finding(["x", line], pattern: nil, isAwaited: false) == ConsoleFinding(haltLine: line))
            #expect(finding([line, "x"], pattern: nil, isAwaited: false) == ConsoleFinding())
        }
    }
}
