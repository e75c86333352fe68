import Linux
import Testing

@testable import Supervision

/// Lines as guests have written them, and what is said of them.
struct HintTests {
    private static let lines: [(String, Hint?)] = [
        // A GNU/Hurd's first words (published by others; nobody here has made a real one fail so).
        ("ext2fs: part:1:device:wd0: Input/output error", .hurdCannotRead),
        ("ext2fs: part:2:device:wd0: No such device or address", .hurdHasNoDisk),
        (
            "ext2fs: part:5:device:wd0: warning: FILESYSTEM NOT UNMOUNTED CLEANLY; PLEASE fsck", .notUnmounted
        ),
        // e2fsck
        ("/dev/sda1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.", .needsRepair),
        ("grub rescue> ", .grubRescue),
        ("error: unknown filesystem.grub rescue> ", .grubRescue),
        // Linux 6.12; the first of two that fit.
        (
            "[    4.453947] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", .noRoot
        ),
        (
            "[    4.480709] ---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0) ]---",
            .noRoot
        ),
        ("ALERT!  UUID=0b6a9f64 does not exist.  Dropping to a shell!", .noRootInInitramfs),
        ("[    7.1] Kernel panic - not syncing: sysrq triggered crash", .linuxPanic),
        ("Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100", .linuxPanic),
        // GNU Mach 1.8
        (
            "panic ../kern/bootstrap.c:181: bootstrap_create: No bootstrap code loaded with the kernel!", .noBootModules
        ),
        ("panic ../i386/i386/trap.c:300: kernel_trap: Kernel page fault (14)", .machPanic),
        ("panic {cpu0} ../kern/thread.c:9: thread_terminate", .machPanicOfCPU),
        // SeaBIOS 1.16
        ("No bootable device.", .nothingBoots),
        // OVMF 2022.11 and 2025.02
        ("UEFI Interactive Shell v2.2", .nothingBootsByUEFI),

        // The same words of somebody else, and others of the same program.
        ("cp: error reading '/mnt/a': Input/output error", nil),
        ("/dev/fd0: No such device or address", nil),
        ("[    1.0] EXT4-fs (sda1): mounted filesystem ro with ordered data mode", nil),
        ("ext2fs: part:2:device:wd0: No space left on device", nil),
        ("start pci-arbiter: ", nil),
        ("grub> ", nil),
        ("grub rescue", nil),
        ("Kernel panic - not syncin", nil),
        ("Kernel command line: panic=10 root=/dev/sda1", nil),
        ("No bootable devic", nil),
        ("", nil), ("x", nil), ("e", nil),
    ]

    private func finding(_ lines: [String], unfinished: String? = nil) -> ConsoleFinding? {
        var watch = ConsoleWatch(pattern: nil, .init())
        for line in lines { Array(line.utf8).withUnsafeBytes { watch.look(in: $0) } }
        if let unfinished { Array(unfinished.utf8).withUnsafeBytes { watch.look(inUnfinished: $0) } }
        return watch.finding
    }

    @Test(arguments: lines) func aLineStandsForOneHintAtTheMost(line: String, hint: Hint?) {
        #expect(finding([line]) == ConsoleFinding(hints: hint.map { [$0] } ?? []))
        let long = String(repeating: "x", count: 4000)
        #expect(finding(["\(long)\(line)"])?.hints.first == hint)
        #expect(finding(["\(line)\(long)", "x", line])?.hints ?? [] == (hint.map { [$0] } ?? []))
    }

    @Test func eachIsSeenInALineOfItsOwnOrInSilence() {
        for hint in Hint.allCases {
            let line = "ext2fs: \(hint.phrase)"
            let expected =
                hint.needsSilence ? ConsoleFinding(standstill: hint) : ConsoleFinding(hints: [hint])
            #expect(finding([], unfinished: line) == expected, "\(hint.phrase)")
            #expect(finding([line]) == (hint.needsSilence ? ConsoleFinding() : expected), "\(hint.phrase)")
        }
        #expect(finding([]) == nil)
    }

    /// Log lines, and cells of a table.
    @Test func adviceIsOneLine() {
        for text in Hint.allCases.flatMap({ [$0.phrase, $0.advice] }) {
            #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && !text.contains("|"), "\(text)")
        }
    }

    // MARK: In time

    private func warnings(_ script: [(Double, Supervisor.Event)]) -> [String] {
        var simulation = Simulation()
        for (time, event) in Supervisor.Event.up + script {
            simulation.advance(to: time)
            simulation.feed(event)
        }
        simulation.advance(to: 1000)
        return simulation.messages.filter { $0.hasPrefix("warning: the guest says") }
    }

    @Test func eachIsToldOnceARun() {
        let panic = Supervisor.Event.console(ConsoleFinding(hints: [.linuxPanic, .noRoot]))
        let reset = Supervisor.Event.qmp(.event(.reset(guest: true, reason: "guest-reset")))
        let told = warnings([(1, panic), (2, panic), (3, reset), (4, panic), (5, .term), (6, panic)])
        #expect(
            told == [Hint.linuxPanic, .noRoot].map { "warning: the guest says \"\($0.phrase)\": \($0.advice)" })
    }

    // MARK: On the screen

    /// A guest that comes up, and what happens then, for 400 s.
    ///
    /// - Parameter look: called ten times a second.
    private static func play(
        _ script: [(Double, Supervisor.Event)], _ simulation: inout Simulation,
        look: (inout Simulation, Double) -> Void
    ) {
        var events = (Supervisor.Event.up + script).sorted { $0.0 < $1.0 }[...]
        for tick in 0...4000 {
            let now = Double(tick) / 10
            while let (time, event) = events.first, time <= now {
                simulation.advance(to: time)
                simulation.feed(event)
                events.removeFirst()
            }
            simulation.advance(to: now)
            look(&simulation, now)
        }
    }

    /// When the screen is looked at, and what is said of it.
    private func looks(_ script: [(Double, Supervisor.Event)], _ screen: [String]) -> (times: [Double], told: [String])
    {
        var simulation = Simulation(agent: .late, readyPattern: "READY")
        var times: [Double] = []
        Self.play(script, &simulation) { simulation, now in
            if simulation.shows(screen) { times.append(now) }
        }
        return (times, simulation.messages.filter { $0.hasPrefix("warning: the guest's screen shows") })
    }

    private static let screens: [([String], Hint?)] = [
        (["SeaBIOS (version 1.16.2)", "", "Booting from Hard Disk...", "No bootable device."], .nothingBoots),
        (["Kernel panic - not syncing: x", "---[ end Kernel panic - not syncing: x ]---"], .linuxPanic),
        (["GNU GRUB  version 2.06", "", "grub> "], .grubPrompt), (["grub> ls", "(hd0)"], nil),
        (["start ext2fs: start pci-arbiter:"], nil), (["login:"], nil), ([], nil),
    ]

    @Test func aSilentGuestsScreenIsLookedAtOnce() {
        for (screen, hint) in Self.screens {
            let told = hint.map { ["warning: the guest's screen shows \"\($0.phrase)\": \($0.advice)"] } ?? []
            #expect(looks([], screen) == ([60.2], told), "\(screen)")
        }
        let other = Supervisor.Event.qmp(.event(.other("X")))
        let cases: [(String, [(Double, Supervisor.Event)], [Double])] = [
            ("something else happens", [(60.1, other), (61, other)], [60.2]),
            ("it writes", [(30, .consoleOutput)], []),
            ("it writes before it is known to run", [(0.15, .consoleOutput)], []),
            ("it is ready", [(1, .agentListens)], []),
            ("it is reset", [(30, Self.reset)], [90]), ("it is reset later", [(100, Self.reset)], [60.2, 160]),
            ("it is paused for a while", [(10, Self.stop), (100, Self.resume)], [160]),
            ("it is stopped", [(59, .term), (59.5, .poweredOff), (59.6, .endsWell)], [59]),
        ]
        for (name, script, times) in cases { #expect(looks(script, []).times == times, "\(name)") }
    }

    private static let prompt = Supervisor.Event.console(ConsoleFinding(standstill: .grubPrompt))
    private static let stop = Supervisor.Event.qmp(.event(.stop))
    private static let resume = Supervisor.Event.qmp(.event(.resume))
    private static let reset = Supervisor.Event.qmp(.event(.reset(guest: false, reason: "host-qmp-system-reset")))

    private static let silences: [(String, [(Double, Supervisor.Event)], at: Double?)] = [
        ("nothing follows", [(10, prompt)], 70),
        ("before the guest is known to run", [(0.1, prompt)], 60.1),
        ("something follows", [(10, prompt), (69.9, .consoleOutput)], nil),
        ("again", [(10, prompt), (60, prompt)], 120),
        ("twice, told once", [(10, prompt), (100, prompt)], 70),
        ("the machine is reset", [(10, prompt), (60, reset)], nil),
        ("the guest is paused, and goes on", [(10, prompt), (60, stop), (200, resume)], 260),
        ("the guest stays paused", [(10, prompt), (60, stop)], nil),
        ("the guest is stopped", [(10, prompt), (60, .term)], nil),
    ]

    @Test(arguments: silences.indices) func anUnfinishedLineCountsAfterSilence(_ index: Int) {
        let (name, script, time) = Self.silences[index]
        let message = "warning: the guest has said nothing for 60 s after \"grub>\": \(Hint.grubPrompt.advice)"
        var simulation = Simulation()
        var toldAt: Double?
        Self.play(script, &simulation) { simulation, now in
            if toldAt == nil, simulation.messages.contains(message) { toldAt = now }
        }
        #expect(toldAt == time, "\(name)")
        #expect(simulation.messages.count { $0 == message } <= 1, "\(name)")
    }
}

struct PhraseSetTests {
    /// Against the plain search, in texts of few letters, where nearly everything nearly fits.
    @Test func findsWhatThePlainSearchFinds() {
        let phrases: [StaticString] = ["abcab", "bbabbab", "aaaaaa", "cabcabcc"]
        let set = PhraseSet(phrases)
        var random = SystemRandomNumberGenerator()
        for length in 0..<400 {
            let bytes = (0..<length % 40).map { _ in UInt8.random(in: 97...99, using: &random) }
            let expected = phrases.contains { phrase in
                String(decoding: bytes, as: UTF8.self).contains("\(phrase)".prefix(5))
            }
            #expect(bytes.withUnsafeBytes { set.mayBe(in: $0) } == expected, "\(bytes)")
        }
    }

    @Test func findsAPhraseAtAnyPlace() {
        let phrases: [StaticString] = ["grub rescue>", "No bootable device", "panic ../"]
        let set = PhraseSet(phrases)
        for phrase in phrases {
            for before in 0..<30 {
                for after in [0, 1, 30] {
                    let (start, end) = (String(repeating: " ", count: before), String(repeating: "e", count: after))
                    let line = "\(start)\(phrase)\(end)"
                    #expect(Array(line.utf8).withUnsafeBytes { set.mayBe(in: $0) })
                }
            }
        }
        #expect(![UInt8]("panic ..".utf8).withUnsafeBytes { set.mayBe(in: $0) })
        #expect(![UInt8]("anything".utf8).withUnsafeBytes { PhraseSet([]).mayBe(in: $0) })
    }
}
