import Basics
import Linux
import Machine
import QMP
import Supervision
import Testing

/// Drives a `Supervisor` through simulated time and writes down what it does to the world.
struct Simulation {
    static let pid: Int32 = 42

    /// Who is at the guest's second serial port.
    enum Agent {
        /// The machine has no such port.
        case none
        /// Nobody reads there.
        case absent
        /// Somebody reads, and does not answer.
        case silent
        /// It says that it listens, and does as it is told.
        case obeying
        /// The same, but it refuses to shut down.
        case refusing
        /// It says nothing unasked, as qemu-ga.
        case reserved
        /// Absent until it says that it listens, and obeying from then on.
        case late
    }

    struct Exit: Equatable {
        let code: ExitCode
        let reason: String
    }

    private(set) var supervisor: Supervisor
    /// `0.5 send quit`, `85.0 kill SIGKILL`, `90.0 exit 124` …: seconds since the start and the action; no log lines.
    private(set) var deeds: [String] = []
    private(set) var messages: [String] = []
    /// Not answered yet. Their sending is no deed.
    private var screenCommands: [QMPCommand] = []
    /// What QEMU says of the CPUs, at once. To be asked is no deed.
    var registers = "\r\nCPU#0\r\nRIP=fff RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\n"
    private(set) var exits: [Exit] = []
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    private let start = Instant(nanoseconds: 1_000_000_000_000)
    var agent: Agent

    init(
        budget: Int = 90, steps: [LaunchStep] = [LaunchStep(accelerator: .tcg, cpu: "max")], agent: Agent = .none,
        readyPattern: String? = nil, children: [Child] = [],
        afterPowerOff: Configuration.AfterPowerOff = .exit
    ) {
        self.agent = agent
        supervisor = Supervisor(
            steps: steps, ladder: ShutdownLadder(budget: .seconds(budget)),
            agent: agent == .none ? nil : AgentClient(), readyPattern: readyPattern, children: children,
            afterPowerOff: afterPowerOff)
    }

    var elapsed: Duration { now - start }

    /// Lets time pass until `seconds` after the start; deadlines on the way are met when they are due.
    mutating func advance(to seconds: Double) {
        let end = start + .milliseconds(Int64(seconds * 1000))
        while let deadline = supervisor.nextDeadline, deadline <= end {
            now = max(now, deadline)
            feed(.deadline)
        }
        now = max(now, end)
    }

    mutating func feed(_ event: Supervisor.Event) {
        if event == .agentListens, agent == .late { agent = .obeying }
        carryOut(event)
        if event == .runs, agent == .obeying || agent == .refusing { carryOut(.agentListens) }
    }

    private mutating func carryOut(_ event: Supervisor.Event) {
        for action in supervisor.handle(event, at: now) {
            switch action {
            case .launch(let step): note("launch \(step.accelerator) \(step.cpu)")
            case .send(let command) where ScreenReading.owns(command): screenCommands.append(command)
            case .send(CPURegisters.command):
                feed(.qmp(.answered(CPURegisters.command, .string(registers))))
            case .send(let command): note("send \(command.name)")
            case .serveWithoutQEMU: note("serve without QEMU")
            case .launchChild(let child): note("launch \(child.name)")
            case .tell(let child, let line): note("tell \(child) \(String(decoding: line.dropLast(2), as: UTF8.self))")
            case .kill(let pid, let signal): note("kill \(signal)" + (pid == Self.pid ? "" : " \(pid)"))
            case .sendToAgent(let bytes, .serial, _): answer(bytes)
            case .sendToAgent(_, .channel, _): break
            case .lookWhoReadsSerial: if agent == .absent || agent == .late { feed(.nobodyReadsSerial) }
            case .answer(_, let answer): note("answer \(answer)")
            case .log(let level, let message): messages.append("\(level): \(message)")
            case .exit(let code, let reason):
                note("exit \(code.rawValue)")
                exits.append(Exit(code: code, reason: reason))
            }
        }
    }

    /// Sync and ping come all the time and are no deeds.
    private mutating func answer(_ bytes: [UInt8]) {
        let text = String(decoding: bytes.drop { $0 == 0xff }, as: UTF8.self)
        if text.contains("guest-shutdown") { note("agent guest-shutdown") }
        // Who has not said that he is an agent may take it for something else.
        if text.contains("guest-sync"), agent == .silent || agent == .reserved { note("question") }
        guard agent != .none, agent != .absent, agent != .silent, agent != .late else { return }
        if text.contains("guest-sync-delimited") {
            let id = text.filter(\.isNumber)
            feed(.agentSays([0xff] + Array("{\"return\": \(id)}\n".utf8)))
        } else if !text.contains("guest-shutdown") {
            feed(.agentSays(Array("{\"return\": {}}\n".utf8)))
        } else if agent == .refusing {
            feed(.agentSays(Array("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n".utf8)))
        }
    }

    /// QEMU answers what it was asked of the screen, if anything, with these lines in the first page.
    ///
    /// - Returns: whether anything was.
    @discardableResult
    mutating func shows(_ lines: [String]) -> Bool {
        let wasAsked = !screenCommands.isEmpty
        while !screenCommands.isEmpty {
            let command = screenCommands.removeFirst()
            let line = command.arguments?["command-line"]?.text ?? ""
            let answer = line.hasSuffix("0xb8000") ? textDump(lines) : "portb[0x03d4] = 0x0f\r\n"
            feed(.qmp(.answered(command, .string(answer))))
        }
        return wasAsked
    }

    private mutating func note(_ deed: String) {
        let tenths = elapsed.nanoseconds / 100_000_000
        deeds.append("\(tenths / 10).\(tenths % 10) \(deed)")
    }

    /// The last message and, where the run has ended, its reason.
    func expectLast(_ message: String?, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(messages.last == message, sourceLocation: sourceLocation)
        for exit in exits {
            let level = exit.code == .success ? "info" : "error"
            #expect("\(level): \(exit.reason)" == message, sourceLocation: sourceLocation)
        }
    }

    /// Runs a script of events, each at its time in seconds, then 1,000 seconds of nothing.
    static func run(
        budget: Int = 90, steps: [LaunchStep] = [LaunchStep(accelerator: .tcg, cpu: "max")], agent: Agent = .none,
        _ script: [(Double, Supervisor.Event)]
    ) -> Simulation {
        var simulation = Simulation(budget: budget, steps: steps, agent: agent)
        for (time, event) in script {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        simulation.advance(to: 1000)
        return simulation
    }
}

/// What `Supervisor.Event.up` leads to.
let startDeeds = ["0.0 launch tcg max", "0.1 send qmp_capabilities", "0.1 send cont", "0.1 send query-status"]

/// Short names for the events of a script.
extension Supervisor.Event {
    static var up: [(Double, Supervisor.Event)] {
        [(0, .start), (0, .launched(pid: Simulation.pid)), (0.1, greets), (0.1, negotiated), (0.2, runs)]
    }
    static let greets = Self.qmp(.greeting(version: "7.2.22"))
    static let negotiated = Self.qmp(.answered(.capabilities, status: nil))
    static let runs = Self.qmp(.answered(.queryStatus, status: "running"))
    static let consoleOutput = Self.console(ConsoleFinding())
    static func guestHalted(_ line: String) -> Self { .console(ConsoleFinding(haltLine: line)) }
    static let term = Self.signal(.terminate, sender: 0)
    static let quitSignal = Self.signal(.quit, sender: 0)
    static let poweredOff = Self.qmp(.event(.shutdown(guest: true, reason: "guest-shutdown")))
    static let hostQuit = Self.qmp(.event(.shutdown(guest: false, reason: "host-qmp-quit")))
    static func ends(_ status: WaitStatus, _ lastWords: [String] = []) -> Self {
        .processEnded(pid: Simulation.pid, status, lastWords: lastWords)
    }
    static let endsWell = ends(.exited(0))
    static let killed = ends(.killed(.kill, coreDumped: false))
    static func agentSays(_ bytes: [UInt8]) -> Self { .agentOutput(bytes, from: .serial) }
    static let agentListens = agentSays([0xff] + AgentRequest.announcement + [10])
    static let stop = Self.stopRequested(Supervisor.StopRequest(reason: "drover stop"))
    static let channelEnds = Self.channelLost(reason: "closed")
}
