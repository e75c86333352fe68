import Basics
import QMP
import Supervision
import Testing

/// What QEMU's `xp` prints of a text memory whose first page has these lines.
func textDump(_ lines: [String]) -> String {
    let columns = 80
    var words: [String] = []
    for place in stride(from: 0, to: 16384, by: 4) {
        let (row, column) = (place / columns, place % columns)
        let line = row < lines.count ? Array(lines[row].utf8) : []
        // The first cell is the lowest half-word.
        let cells = (column..<column + 4).reversed().map { $0 < line.count ? line[$0] : 0x20 }
        words.append("0x" + cells.map { "07" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
    return stride(from: 0, to: words.count, by: 2).map {
        "00000000000b8000: \(words[$0]) \(words[$0 + 1])\r\n"
    }.joined()
}

/// A stop of a guest whose serial console is silent.
struct ScreenStopTests {
    private let halted = ["reboot: Power down", "reboot: System halted"]

    private func stopped(
        _ screens: [[String]], _ other: [Supervisor.Event] = [], registers: String? = nil
    ) -> Simulation {
        var simulation = Simulation()
        if let registers { simulation.registers = registers }
        for (time, event) in Supervisor.Event.up + [(10, .term)] {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        for event in other { simulation.feed(event) }
        for (second, screen) in screens.enumerated() {
            simulation.advance(to: 10 + Double(second))
            simulation.shows(screen)
        }
        return simulation
    }

    @Test func aHaltOnTheScreenIsAHalt() {
        var simulation = stopped([["login:"], ["login:", "stopping"], ["login:"] + halted])
        #expect(simulation.deeds.suffix(2) == ["10.0 send system_powerdown", "12.0 send quit"])
        simulation.feed(.endsWell)
        #expect(simulation.exits.map(\.code) == [.success])
        #expect(simulation.messages.contains { $0.contains("the guest halted 2.0 s after") })
    }

    @Test func gnuMachsWordsAreKnown() {
        let words = [
            "Shutdown completed successfully, now in tight loop.",
            "You can safely power off the system or hit ctl-alt-del to reboot",
        ]
        #expect(stopped([[""], words]).deeds.last == "11.0 send quit")
    }

    @Test(arguments: [
        // It stays, it moves up, and something comes after it.
        [["a", "System halted"], ["a", "System halted"], ["a", "System halted"]],
        [["a", "b", "System halted"], ["b", "System halted"], ["System halted"]],
        [["a", "b", "c"], ["b", "System halted", "c"], ["b", "System halted", "d"]],
    ])
    func aLineFromBeforeIsNoHalt(_ screens: [[String]]) {
        let simulation = stopped(screens)
        #expect(simulation.deeds.last == "10.0 send system_powerdown")
    }

    /// As Linux halts: nothing but a reset can wake its CPUs.
    @Test func anOldLineIsAHaltWhenTheCPUsStand() {
        let registers = "CPU#0 RFL=00000046 HLT=1\r\nCPU#1 EFL=00000002 HLT=1"
        var simulation = stopped([["a", "System halted"]], registers: registers)
        #expect(simulation.deeds.suffix(2) == ["10.0 send system_powerdown", "10.0 send quit"])
        simulation.feed(.endsWell)
        #expect(simulation.exits.map(\.code) == [.success])
        // With another line below it, it is not asked.
        #expect(stopped([["System halted", "$"]], registers: registers).deeds.last == "10.0 send system_powerdown")
    }

    @Test func aHaltIsSeenWithinTwoSeconds() {
        for tenth in [0, 3, 9] {
            let haltsAt = 11 + Double(tenth) / 10
            var simulation = stopped([["login:"]])
            for now in stride(from: 10.0, to: haltsAt + 2.1, by: 0.1) {
                simulation.advance(to: now)
                simulation.shows(now < haltsAt ? ["login:"] : ["login:"] + halted)
            }
            let quit = simulation.deeds.last { $0.hasSuffix("send quit") }?.split(separator: " ").first
            let seenAfter = (quit.flatMap { Double($0) } ?? 100) - haltsAt
            #expect(seenAfter <= 2, "\(haltsAt): \(seenAfter)")
        }
    }

    @Test func aSecondHaltBelowAnOldOneIsAHalt() {
        #expect(stopped([["System halted"], ["System halted", "x", "System halted"]]).deeds.last == "11.0 send quit")
    }

    @Test func aConsoleThatSpeaksIsBelieved() {
        #expect(stopped([["login:"], halted], [.consoleOutput]).deeds.last == "10.0 send system_powerdown")
    }

    static let menu = [
        "                             GNU GRUB  version 2.12-9", "  *Install", "  Rescue mode",
        "      Use the ^ and v keys to select which entry is highlighted.",
    ]

    @Test(arguments: [
        menu, ["Booting from DVD/CD...", "No bootable device."], ["GNU GRUB  version 2.12", "grub> "],
        ["Unknown device.", "grub rescue> "],
        ["Debian GNU/Linux installer menu (BIOS mode)", "Press [Tab] to edit options"],
    ])
    func aGuestThatWaitsToBeStartedLosesNothing(_ screen: [String]) {
        var simulation = stopped([screen, screen, screen])
        #expect(simulation.deeds.suffix(2) == ["10.0 send system_powerdown", "12.0 send quit"])
        simulation.feed(.endsWell)
        #expect(simulation.exits.map(\.code) == [.success])
    }

    @Test(arguments: [
        [menu, menu, ["Loading Linux ..."], menu, menu],
        Array(repeating: ["GNU GRUB  version 2.12-9, a manual", "more"], count: 4),
        Array(repeating: ["grub> ls", "login:"], count: 4), [["login:"], menu, menu],
        Array(repeating: ["grub> linux /vmlinuz console=ttyS0", "grub> boot"], count: 4),
    ])
    func aMenuThatMayHaveGoneIsNoReason(_ screens: [[String]]) {
        #expect(stopped(screens).deeds.last == "10.0 send system_powerdown")
    }

    @Test func silenceIsTold() {
        var simulation = stopped([["login:"]])
        simulation.advance(to: 200)
        let hint = "its serial console is silent: drover screen shows its screen"
        #expect(simulation.messages.contains("warning: the guest did not power off within 80 s; \(hint)"))
    }
}
