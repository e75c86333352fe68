import Linux
import QMP
import Supervision
import Testing

/// Rung 1, and `drover stop`.
struct AgentStopTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var budget = 80
        var agent = Simulation.Agent.obeying
        let script: [(Double, Supervisor.Event)]
        /// After the start.
        let deeds: [String]
        /// The last message, which is the reason of the exit too.
        let last: String

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "an agent that answers is asked first",
            script: Supervisor.Event.up + [(20, .term), (24, .poweredOff), (24.1, .endsWell)],
            deeds: ["20.0 agent guest-shutdown", "24.1 exit 0"],
            last: "info: stopped cleanly by rung 1 (guest agent) after 4.1 s"),
        Case(
            name: "an agent that does not act within a quarter of the budget gets help",
            script: Supervisor.Event.up + [(20, .term), (42, .poweredOff), (42.1, .endsWell)],
            deeds: ["20.0 agent guest-shutdown", "40.0 send system_powerdown", "42.1 exit 0"],
            last: "info: stopped cleanly by rung 2 (ACPI power button) after 22 s"),
        Case(
            name: "an agent that refuses gets help at once", agent: .refusing,
            script: Supervisor.Event.up + [(20, .term), (22, .poweredOff), (22.1, .endsWell)],
            deeds: ["20.0 agent guest-shutdown", "20.0 send system_powerdown", "22.1 exit 0"],
            last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.1 s"),
        Case(
            name: "nobody reads at the port: the power button first", agent: .absent,
            script: Supervisor.Event.up + [(20, .term), (22, .poweredOff), (22.1, .endsWell)],
            deeds: ["20.2 send system_powerdown", "22.1 exit 0"],
            last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.1 s"),
        Case(
            name: "somebody reads at the port, who is no agent", agent: .silent,
            script: Supervisor.Event.up + [(20, .term), (23, .poweredOff), (23.1, .endsWell)],
            deeds: ["20.0 question", "22.0 send system_powerdown", "23.1 exit 0"],
            last: "info: stopped cleanly by rung 2 (ACPI power button) after 3.1 s"),
        Case(
            name: "an agent that has said nothing yet is asked ahead of the power button", agent: .reserved,
            script: Supervisor.Event.up + [(20, .term), (22, .poweredOff), (22.1, .endsWell)],
            deeds: ["20.0 question", "20.0 agent guest-shutdown", "22.1 exit 0"],
            last: "info: stopped cleanly by rung 1 (guest agent) after 2.1 s"),
        Case(
            name: "an agent that appears during the stop is asked, whatever has been tried", budget: 90, agent: .late,
            script: Supervisor.Event.up + [(8, .term), (66, .agentListens), (79, .poweredOff), (79.1, .endsWell)],
            deeds: (0..<12).map { "\(8 + 5 * $0).2 send system_powerdown" } + [
                "66.0 agent guest-shutdown", "79.1 exit 0",
            ],
            last: "info: stopped cleanly by rung 1 (guest agent) after 71 s"),
        Case(
            name: "an agent that appears when QEMU has been told to quit is not", agent: .late,
            script: Supervisor.Event.up + [
                (8, .term), (9, .term), (9.1, .agentListens), (9.2, .hostQuit), (9.2, .endsWell),
            ],
            deeds: ["8.2 send system_powerdown", "9.0 send quit", "9.2 exit 124"],
            last: "error: the guest was cut off by rung 3 (QMP quit) after 1.2 s: it did not power off by itself"),
        Case(
            name: "an agent that appears late has its share of the budget, and no more", agent: .late,
            script: Supervisor.Event.up + [(8, .term), (60, .agentListens), (78.2, .hostQuit), (78.2, .endsWell)],
            deeds: (0..<11).map { "\(8 + 5 * $0).2 send system_powerdown" } + [
                "60.0 agent guest-shutdown", "78.0 send quit", "78.2 exit 124",
            ],
            last: "error: the guest was cut off by rung 3 (QMP quit) after 70 s: it did not power off by itself"),
        Case(
            name: "a paused guest is resumed before its agent is asked",
            script: Supervisor.Event.up + [
                (15, .qmp(.event(.stop))), (50, .term), (50, .qmp(.event(.resume))), (51, .poweredOff), (51, .endsWell),
            ],
            deeds: ["15.0 send query-status", "50.0 send cont", "50.0 agent guest-shutdown", "51.0 exit 0"],
            last: "info: stopped cleanly by rung 1 (guest agent) after 1.0 s"),
        Case(
            name: "the guest halts without powering off",
            script: Supervisor.Event.up + [
                (20, .term), (25, .guestHalted("now in tight loop.")), (25.1, .hostQuit), (25.1, .endsWell),
            ],
            deeds: ["20.0 agent guest-shutdown", "25.0 send quit", "25.1 exit 0"],
            last: "info: stopped cleanly by rung 1 (guest agent) after 5.1 s"),
        Case(
            name: "a second signal does not wait for the agent",
            script: Supervisor.Event.up + [(20, .term), (21, .term), (21.1, .hostQuit), (21.1, .endsWell)],
            deeds: ["20.0 agent guest-shutdown", "21.0 send quit", "21.1 exit 124"],
            last: "error: the guest was cut off by rung 3 (QMP quit) after 1.1 s: it did not power off by itself"),
        Case(
            name: "the control channel breaks while the agent is at it",
            script: Supervisor.Event.up + [(20, .term), (21, .channelEnds), (27, .killed)],
            deeds: ["20.0 agent guest-shutdown", "26.0 kill SIGKILL", "27.0 exit 124"],
            last: "error: the guest was cut off by rung 4 (SIGKILL) after 7.0 s: it did not power off by itself"),
        Case(
            name: "the agent's guest was reset a moment ago, and is not back", agent: .late,
            script: Supervisor.Event.up + [
                (20, .qmp(.event(.reset(guest: true, reason: "guest-reset")))), (21, .term), (22, .poweredOff),
                (22, .endsWell),
            ],
            deeds: ["21.2 send system_powerdown", "22.0 exit 0"],
            last: "info: stopped cleanly by rung 2 (ACPI power button) after 1.0 s"),
        Case(
            name: "a guest that starts anew during the stop is asked anew",
            script: Supervisor.Event.up + [
                (20, .term), (25, .qmp(.event(.reset(guest: true, reason: "guest-reset")))), (39, .agentListens),
                (45, .poweredOff), (45, .endsWell),
            ],
            deeds: ["20.0 agent guest-shutdown"] + (0..<3).map { "\(25 + 5 * $0).0 send system_powerdown" } + [
                "39.0 agent guest-shutdown", "45.0 exit 0",
            ],
            last: "info: stopped cleanly by rung 1 (guest agent) after 25 s"),
        Case(
            name: "drover stop", agent: .absent,
            script: Supervisor.Event.up + [(20, .stop), (22, .poweredOff), (22.1, .endsWell)],
            deeds: ["20.2 send system_powerdown", "22.1 exit 0"],
            last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.1 s"),
        Case(
            name: "a signal after drover stop shortens nothing, a second one does", agent: .absent,
            script: Supervisor.Event.up + [
                (20, .stop), (21, .term), (22, .term), (22.1, .hostQuit), (22.1, .endsWell),
            ],
            deeds: ["20.2 send system_powerdown", "22.0 send quit", "22.1 exit 124"],
            last: "error: the guest was cut off by rung 3 (QMP quit) after 2.1 s: it did not power off by itself"),
        Case(
            name: "drover stop twice shortens nothing", agent: .absent,
            script: Supervisor.Event.up + [(20, .stop), (21, .stop), (22, .poweredOff), (22.1, .endsWell)],
            deeds: ["20.2 send system_powerdown", "22.1 exit 0"],
            last: "info: stopped cleanly by rung 2 (ACPI power button) after 2.1 s"),
        Case(
            name: "drover stop --force after drover stop", agent: .absent,
            script: Supervisor.Event.up + [
                (20, .stop), (21, .stopRequested(.init(isForced: true, reason: "drover stop"))), (21.1, .endsWell),
            ],
            deeds: ["20.2 send system_powerdown", "21.0 send quit", "21.1 exit 124"],
            last: "error: the guest was cut off by rung 3 (QMP quit) after 1.1 s: it did not power off by itself"),
        Case(
            name: "drover stop --timeout has a budget of its own", agent: .absent,
            script: Supervisor.Event.up + [
                (20, .stopRequested(.init(budget: .seconds(20), reason: "drover stop"))), (30.2, .endsWell),
            ],
            deeds: ["20.2", "25.2"].map { "\($0) send system_powerdown" } + ["30.0 send quit", "30.2 exit 124"],
            last: "error: the guest was cut off by rung 3 (QMP quit) after 10 s: it did not power off by itself"),
    ]

    @Test(arguments: cases) func aStopGoesAsItShould(_ testCase: Case) {
        let simulation = Simulation.run(budget: testCase.budget, agent: testCase.agent, testCase.script)
        #expect(Array(simulation.deeds.dropFirst(4)) == testCase.deeds, "\(simulation.messages)")
        simulation.expectLast(testCase.last)
    }

    /// What the console shows of a guest that takes its time.
    @Test func aShutdownUnderWayIsSaidToBeOne() {
        let line = "INIT: Switching to runlevel: 0"
        let shown = Supervisor.Event.console(ConsoleFinding(shutdownLine: line))
        let cut = Simulation.run(
            budget: 80, agent: .obeying,
            Supervisor.Event.up + [(20, .term), (22, shown), (90.1, .hostQuit), (90.1, .endsWell)])
        let why = "it is shutting down: \"\(line)\""
        for message in [
            "warning: the guest agent did not power the guest off within 20 s; \(why)",
            "warning: the guest did not power off within 70 s; \(why)",
        ] {
            #expect(cut.messages.contains(message), "\(cut.messages)")
        }
        cut.expectLast(
            "error: the guest was cut off by rung 3 (QMP quit) after 70 s: it was shutting down, and not done")
        // A reset begins anew.
        let reset = Supervisor.Event.qmp(.event(.reset(guest: true, reason: "guest-reset")))
        let rebooted = Simulation.run(
            budget: 80, agent: .absent,
            Supervisor.Event.up + [(20, .term), (22, shown), (23, reset), (90.1, .hostQuit), (90.1, .endsWell)])
        rebooted.expectLast(
            "error: the guest was cut off by rung 3 (QMP quit) after 70 s: it did not power off by itself")
    }

    @Test func aCleanHaltIsNoPowerCut() {
        let simulation = Simulation.run(
            agent: .obeying,
            Supervisor.Event.up + [
                (20, .term), (25, .guestHalted("now in tight loop.")), (25.1, .hostQuit), (25.1, .endsWell),
            ])
        #expect(!simulation.messages.contains { $0.contains("rung 3") }, "\(simulation.messages)")
        #expect(simulation.messages.contains("info: QEMU is told to quit"))
    }

    @Test func theLogNamesTheRung() {
        let simulation = Simulation.run(
            agent: .obeying, Supervisor.Event.up + [(20, .term), (24, .poweredOff), (24.1, .endsWell)])
        #expect(simulation.messages.contains("info: the guest agent answers"))
        #expect(simulation.messages.last == "info: stopped cleanly by rung 1 (guest agent) after 4.1 s")
    }
}
