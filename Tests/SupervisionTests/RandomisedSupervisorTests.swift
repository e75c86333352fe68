import Linux
import Machine
import QMP
import Supervision
import TestSupport
import Testing

private let everyEvent: [Supervisor.Event] = [
    .start, .launched(pid: Simulation.pid), .launchFailed(.noMemory), .greets, .negotiated, .runs, .poweredOff,
    .hostQuit,
    .channelEnds, .consoleOutput, .guestHalted("System halted"), .term, .term, .quitSignal,
    .signal(Signal(rawValue: 28), sender: 1), .processEnded(pid: 7, .exited(0), lastWords: []),
    .endsWell, .killed, .ends(.exited(1), ["Failed to get \"write\" lock"]),
    .qmp(.event(.stop)), .qmp(.event(.resume)), .qmp(.event(.reset(guest: true, reason: "guest-reset"))),
    .qmp(.event(.powerdown)), .qmp(.stray("?")), .qmp(.refused(.quit, reason: "no")),
    .qmp(.refused(.powerdown, reason: "no")), .qmp(.refused(.resume, reason: "no")),
    .qmp(.answered(.resume, status: nil)), .agentSays(Array("noise\n".utf8)), .agentSays([0xff]), .agentListens,
    .console(ConsoleFinding(hints: [.linuxPanic], standstill: .grubPrompt)), .nobodyReadsSerial,
    .qmp(.event(.portChanged(id: VirtualMachine.agentChannelID, isOpen: true))),
    .qmp(.event(.portChanged(id: VirtualMachine.agentChannelID, isOpen: false))), .stop, .wanted,
]

/// Whatever comes in whatever order: one exit at the most, nothing after it, no SIGKILL before its time, and once a
/// stop was asked for the end within the budget and ten seconds.
@Test(arguments: [5, 10, 90, 3600])
func anyOrderOfEventsEndsWell(budget: Int) throws {
    let steps = [LaunchStep(accelerator: .kvm, cpu: "host"), LaunchStep(accelerator: .tcg, cpu: "max")]
    for seed in 0..<5000 {
        var random = SeededGenerator(seed: UInt64(seed))
        let agent: Simulation.Agent = [.none, .silent, .obeying, .refusing, .absent, .reserved, .late][seed / 2 % 7]
        var simulation = Simulation(
            budget: budget, steps: steps, agent: agent, afterPowerOff: seed / 14 % 2 == 0 ? .exit : .wait)
        var stoppedAt: Double?
        var time = 0.0
        var trail: [String] = []
        // Half of the sequences begin with a proper start, or most would end before anything happened.
        if seed % 2 == 0 {
            for (_, event) in Supervisor.Event.up { simulation.feed(event) }
        }
        for _ in 0..<Int.random(in: 1...25, using: &random) {
            time += Double.random(in: 0...Double(max(budget, 20)) / 4, using: &random)
            simulation.advance(to: time)
            guard let event = everyEvent.randomElement(using: &random) else { continue }
            let wasOver = !simulation.exits.isEmpty
            let deedsBefore = simulation.deeds.count
            simulation.feed(event)
            trail.append("\(time): \(event)")
            if wasOver { try #require(simulation.deeds.count == deedsBefore, "\(seed): \(trail)") }
            if event == .term || event == .quitSignal || event == .stop { stoppedAt = stoppedAt ?? time }
        }
        simulation.advance(to: time + 2 * Double(budget) + 100)

        let story = "seed \(seed): \(trail) → \(simulation.deeds)"
        try #require(simulation.exits.count <= 1, "\(story)")
        if let stoppedAt {
            let last = try #require(simulation.deeds.last, "\(story)")
            try #require(last.contains("exit"), "\(story)")
            let end = try #require(Double(last.split(separator: " ")[0]), "\(story)")
            try #require(end <= stoppedAt + Double(budget) + 10, "\(story)")
            try requireKillsAreDue(simulation.deeds, stoppedAt: stoppedAt, story: story)
        }
    }
}

/// SIGKILL comes only five seconds after QEMU was told to end, unless it refused that or was lost already.
private func requireKillsAreDue(_ deeds: [String], stoppedAt: Double, story: String) throws {
    if story.contains("refused(quit") || story.contains("channelLost") { return }
    for (index, deed) in deeds.enumerated() where deed.hasSuffix("kill SIGKILL") {
        let time = try #require(Double(deed.split(separator: " ")[0]))
        if let quit = deeds[..<index].last(where: { $0.hasSuffix("send quit") }) {
            let asked = try #require(Double(quit.split(separator: " ")[0]))
            try #require(time >= asked + 4.9, "\(story)")
        }
    }
}
