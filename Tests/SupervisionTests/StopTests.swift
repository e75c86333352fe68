import Basics
import Linux
import Machine
import Testing

@testable import Supervision

/// The stop ladder by itself: no supervisor, no QEMU, no agent.
struct StopTests {
    /// Seconds after the stop was asked for, and what happens then.
    private struct Step: Sendable {
        let time: Double
        let act: @Sendable (inout Stop, Instant) -> [Stop.Action]

        init(_ time: Double, _ act: @escaping @Sendable (inout Stop, Instant) -> [Stop.Action]) {
            (self.time, self.act) = (time, act)
        }

        static let dueDeadline = { @Sendable (time: Double) in Step(time) { $0.deadlineReached(at: $1) } }

        static func powersOff(_ time: Double) -> Step {
            Step(time) {
                $0.instance.guest.isPoweredOff = true
                return $0.guestPoweredOff(at: $1)
            }
        }

        static func channelBreaks(_ time: Double) -> Step {
            Step(time) {
                $0.instance.channelIsLost = true
                $0.channelLost(at: $1)
                return []
            }
        }

        static func ends(_ time: Double, _ status: WaitStatus = .exited(0)) -> Step {
            Step(time) { $0.qemuEnded(status, lastWords: ["a word"], at: $1) }
        }
    }

    private struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var agent = Stop.Agent.none
        var isForced = false
        var isFailure = false
        var isPaused = false
        var haltLine: String?
        let steps: [Step]
        /// Without log lines.
        let deeds: [String]

        var testDescription: String { name }
    }

    /// The budget is 80 s: button after 20 s, quit after 70 s, SIGKILL after 75 s.
    private static let cases: [Case] = [
        Case(name: "the beginning", steps: [], deeds: ["0.0 pressPowerButton"]),
        Case(name: "the beginning with an agent", agent: .answers, steps: [], deeds: ["0.0 askAgent"]),
        Case(
            name: "a paused guest", isPaused: true, steps: [], deeds: ["0.0 resumeGuest", "0.0 pressPowerButton"]),
        Case(name: "a halted guest", haltLine: "halted", steps: [.ends(1)], deeds: ["0.0 quitQEMU", "1.0 end 0"]),
        Case(
            name: "force", agent: .answers, isForced: true, steps: [.ends(1)],
            deeds: ["0.0 quitQEMU", "1.0 end 124"]),
        Case(
            name: "every rung", agent: .answers,
            steps: [20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 79].map(Step.dueDeadline),
            deeds: ["0.0 askAgent"] + [20, 25, 30, 35, 40, 45, 50, 55, 60, 65].map { "\($0).0 pressPowerButton" }
                + ["70.0 quitQEMU", "75.0 SIGKILL", "79.0 end 124"]),
        Case(
            name: "the agent's success", agent: .answers, steps: [.powersOff(3), .ends(4)],
            deeds: ["0.0 askAgent", "4.0 end 0"]),
        Case(
            name: "the agent's refusal", agent: .answers,
            steps: [Step(1) { $0.agentRefused("no", at: $1) }, .powersOff(3), .ends(4)],
            deeds: ["0.0 askAgent", "1.0 pressPowerButton", "4.0 end 0"]),
        Case(
            name: "a refusal that comes late changes nothing",
            steps: [Step(1) { $0.agentRefused("no", at: $1) }, .powersOff(3), .ends(4)],
            deeds: ["0.0 pressPowerButton", "4.0 end 0"]),
        Case(
            name: "a halt", steps: [Step(2) { $0.guestHalted("halted", at: $1) }, .ends(3)],
            deeds: ["0.0 pressPowerButton", "2.0 quitQEMU", "3.0 end 0"]),
        Case(
            name: "a halt, and QEMU does not quit",
            steps: [
                Step(2) { $0.guestHalted("halted", at: $1) }, Step.dueDeadline(7),
                .ends(8, .killed(.kill, coreDumped: false)),
            ],
            deeds: ["0.0 pressPowerButton", "2.0 quitQEMU", "7.0 SIGKILL", "8.0 end 70"]),
        Case(
            name: "a halt line after the power-off",
            steps: [.powersOff(1), Step(2) { $0.guestHalted("halted", at: $1) }, .ends(3)],
            deeds: ["0.0 pressPowerButton", "3.0 end 0"]),
        Case(
            name: "one signal after drover stop, then another",
            steps: [
                Step(1) { $0.signalled("SIGTERM", at: $1) }, Step(2) { $0.signalled("SIGTERM", at: $1) }, .ends(3),
            ],
            deeds: ["0.0 pressPowerButton", "2.0 quitQEMU", "3.0 end 124"]),
        Case(
            name: "a signal that comes twice at once is one",
            steps: [
                Step(1) { $0.signalled("SIGTERM", at: $1) }, Step(1) { $0.signalled("SIGTERM", at: $1) },
                Step(1.9) { $0.signalled("SIGINT", at: $1) }, .powersOff(2), .ends(3),
            ],
            deeds: ["0.0 pressPowerButton", "3.0 end 0"]),
        Case(
            name: "hurry after the power-off",
            steps: [.powersOff(1), Step(2) { $0.hurried(by: "x", at: $1) }, .ends(3)],
            deeds: ["0.0 pressPowerButton", "3.0 end 0"]),
        Case(
            name: "a flush that takes too long",
            steps: [.powersOff(1), Step.dueDeadline(75), .ends(76, .killed(.kill, coreDumped: false))],
            deeds: ["0.0 pressPowerButton", "75.0 SIGKILL", "76.0 end 124"]),
        Case(
            name: "the channel breaks",
            steps: [.channelBreaks(1), Step.dueDeadline(6), .ends(7, .killed(.kill, coreDumped: false))],
            deeds: ["0.0 pressPowerButton", "6.0 SIGKILL", "7.0 end 124"]),
        Case(
            name: "hurry without a channel", steps: [.channelBreaks(1), Step(2) { $0.hurried(by: "x", at: $1) }],
            deeds: ["0.0 pressPowerButton", "2.0 SIGKILL"]),
        Case(
            name: "quit is refused", isForced: true, steps: [Step(1) { $0.quitRefused(at: $1) }],
            deeds: ["0.0 quitQEMU", "1.0 SIGKILL"]),
        Case(
            name: "a refusal of a quit that nobody waits for", steps: [Step(1) { $0.quitRefused(at: $1) }],
            deeds: ["0.0 pressPowerButton"]),
        Case(
            name: "QEMU crashes", steps: [.ends(1, .exited(1))], deeds: ["0.0 pressPowerButton", "1.0 end 70"]),
        Case(
            name: "QEMU ends without a power-off", steps: [.ends(1)], deeds: ["0.0 pressPowerButton", "1.0 end 70"]),
        Case(
            name: "a clean end of a run that has failed is no success", isFailure: true,
            steps: [.powersOff(1), .ends(2)], deeds: ["0.0 pressPowerButton", "2.0 end 70"]),
        Case(
            name: "a cut is a cut, whoever asked for it", isForced: true, isFailure: true, steps: [.ends(2)],
            deeds: ["0.0 quitQEMU", "2.0 end 124"]),
    ]

    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    @Test(arguments: cases) private func aStopClimbsAsItShould(_ testCase: Case) {
        var instance = Instance(LaunchStep(accelerator: .tcg, cpu: "max"), launchedAt: Self.start)
        instance.progress = .ran(pid: 42, version: "7.2.22", since: Self.start)
        instance.guest.isPaused = testCase.isPaused
        instance.guest.haltLine = testCase.haltLine
        let order = Stop.Order(
            reason: "a test", ladder: ShutdownLadder(budget: .seconds(80)), isForced: testCase.isForced,
            isFailure: testCase.isFailure)
        var (stop, actions) = Stop.ofGuest(
            order, instance, testCase.agent, at: Self.start)
        var deeds = Self.deeds(actions, at: 0)
        for step in testCase.steps {
            let now = Self.start + .milliseconds(Int64(step.time * 1000))
            #expect(stop.deadline >= now || step.time > 75, "a deadline was missed before \(step.time)")
            deeds += Self.deeds(step.act(&stop, now), at: step.time)
        }
        #expect(deeds == testCase.deeds)
    }

    /// Of a stop that the runtime kills too early, this is the last line.
    @Test(arguments: [(80.0, true), (20, false)])
    func halfOfTheBudgetIsTold(_ budget: Double, _ isTold: Bool) {
        var instance = Instance(LaunchStep(accelerator: .tcg, cpu: "max"), launchedAt: Self.start)
        instance.progress = .ran(pid: 42, version: "7.2.22", since: Self.start)
        let order = Stop.Order(
            reason: "a test", ladder: ShutdownLadder(budget: .milliseconds(Int64(budget * 1000))))
        var stop = Stop.ofGuest(order, instance, .none, at: Self.start).0
        var told: [(Instant, String)] = []
        while stop.isGuestsTurn {
            let now = stop.nextDeadline
            for case .log(_, let line) in stop.deadlineReached(at: now) where line.hasPrefix("still at ") {
                told.append((now, line))
            }
        }
        #expect(told.map(\.0) == (isTold ? [Self.start + .seconds(40)] : []))
        #expect(
            told.allSatisfy {
                $0.1 == "still at rung 2 (ACPI power button): the guest has not powered off within 40 s; its serial "
                    + "console is silent: drover screen shows its screen; quit 70 s after the stop began, unless the "
                    + "runtime kills the container before"
            })
    }

    @Test func aStopOfALaunchTakesNothingFromAGuest() {
        var instance = Instance(LaunchStep(accelerator: .tcg, cpu: "max"), launchedAt: Self.start)
        let order = Stop.Order(reason: "a test", ladder: ShutdownLadder(budget: .seconds(80)))
        #expect(Self.deeds(Stop.ofLaunch(order, instance, at: Self.start).1, at: 0) == [])
        instance.progress = .launched(pid: 42)
        var (stop, actions) = Stop.ofLaunch(order, instance, at: Self.start)
        #expect(Self.deeds(actions, at: 0) == ["0.0 SIGKILL"])
        let later = Self.start + .seconds(5)
        #expect(stop.deadline == later)
        let ended = stop.qemuEnded(.killed(.kill, coreDumped: false), lastWords: [], at: later)
        #expect(Self.deeds(ended, at: 5) == ["5.0 end 0"])
        #expect(Self.deeds(stop.deadlineReached(at: later), at: 5) == ["5.0 SIGKILL"])
    }

    /// It has its images open, and somebody else's SIGKILL is no clean end of it.
    @Test func aQEMUThatHasGreetedIsToldToQuit() {
        var instance = Instance(LaunchStep(accelerator: .tcg, cpu: "max"), launchedAt: Self.start)
        instance.progress = .greeted(pid: 42, version: "7.2.22")
        let order = Stop.Order(reason: "a test", ladder: ShutdownLadder(budget: .seconds(80)))
        let (stop, actions) = Stop.ofLaunch(order, instance, at: Self.start)
        #expect(Self.deeds(actions, at: 0) == ["0.0 quitQEMU"])
        #expect(Self.deeds(stop.qemuEnded(.exited(0), lastWords: [], at: Self.start), at: 0) == ["0.0 end 0"])
        let killed = stop.qemuEnded(.killed(.kill, coreDumped: false), lastWords: [], at: Self.start)
        #expect(Self.deeds(killed, at: 0) == ["0.0 end 70"])
    }

    private static func deeds(_ actions: [Stop.Action], at time: Double) -> [String] {
        actions.compactMap { action in
            switch action {
            case .log, .readScreen: nil
            case .signal(let signal, let pid):
                pid == 42 ? "\(time) \(signal)" : "\(time) \(signal) to \(pid)"
            case .end(let code, _): "\(time) end \(code.rawValue)"
            default: "\(time) \(action)"
            }
        }
    }
}
