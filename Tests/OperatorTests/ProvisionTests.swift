import Basics
import Linux
import Testing

@testable import Operator

private func guest(_ change: (inout FakeGuest) -> Void = { _ in }) -> FakeGuest {
    var guest = FakeGuest()
    change(&guest)
    return guest
}

private let debianWelcome =
    "Linux debian 6.1.0 #1 SMP x86_64\r\n\r\nThe programs included with the Debian GNU/Linux system are free software;\r\n"
    + "Last login: Sat Nov 21 17:40:49 UTC 2026 on ttyS0\r\n\u{1B}[?2004h"

private let consoles: [(String, FakeGuest, ProvisionOptions, String)] = [
    ("busybox getty", guest(), ProvisionOptions(), ""),
    (
        "Debian with a motd and bash",
        guest {
            $0.loginPrompt = "\r\nDebian GNU/Linux 12 debian ttyS0\r\n\r\ndebian login: "
            $0.welcome = debianWelcome
            $0.shellPrompt = "\u{1B}]0;root@debian: ~\u{7}root@debian:~# "
        }, ProvisionOptions(), ""
    ),
    (
        "a password", guest { $0.password = "geheim" }, ProvisionOptions(password: Array("geheim".utf8)), ""
    ),
    ("an empty password that is asked for", guest { $0.password = "" }, ProvisionOptions(), ""),
    (
        "the Hurd's own getty",
        guest {
            $0.loginPrompt = "\r\nGNU 0.9 (hurd) (console)\r\n\r\nlogin> "
            $0.loginCommand = "login "
        }, ProvisionOptions(), ""
    ),
    (
        "the Hurd with a password",
        guest {
            $0.loginPrompt = "\r\nlogin> "
            $0.loginCommand = "login "
            $0.password = "x"
        }, ProvisionOptions(password: [0x78]), ""
    ),
    ("a root shell that is there", guest { $0.place = .shell }, ProvisionOptions(), "root@hurd:~# "),
    ("a stale prompt", guest(), ProvisionOptions(), "\r\nold login: "),
    (
        "a stale password prompt", guest { ($0.place, $0.refusesRoot) = (.getty, false) }, ProvisionOptions(),
        "Password: "
    ),
    (
        "a forgotten password prompt", guest { ($0.place, $0.password) = (.password, "a") },
        ProvisionOptions(password: [0x61]), "login: root\r\nPassword: "
    ),
    ("a report of an earlier run", guest(), ProvisionOptions(), "drover-11aa:3:0:3.\r\n~ # exit\r\n\r\nold login: "),
    ("no echo", guest { $0.echoes = false }, ProvisionOptions(), ""),
    ("a shell without a prompt", guest { $0.shellPrompt = "" }, ProvisionOptions(), ""),
    (
        "prompts of its own",
        guest {
            $0.loginPrompt = "\r\nAnmeldung: "
            $0.passwordPrompt = "Kennwort für root: "
            $0.password = "p"
        }, ProvisionOptions(password: [0x70], loginPrompt: "Anmeldung: ", passwordPrompt: "root:"), ""
    ),
    ("another name for root", guest { $0.loginCommand = "toor" }, ProvisionOptions(user: "toor"), ""),
    ("a line that is lost", guest { $0.lost = [4, 5] }, ProvisionOptions(), ""),
    ("the name is lost", guest { $0.lost = [2] }, ProvisionOptions(), ""),
]

@Test func everyConsoleIsProvisioned() throws {
    for (name, guest, options, replay) in consoles {
        for (size, gap) in [(4096, Duration.zero), (1, .milliseconds(1)), (7, .milliseconds(30))] {
            var simulation = ProvisionSimulation(guest, options, replay: replay, pieces: (size, gap))
            let failure = try simulation.run()
            #expect(failure == nil, "\(name): \(simulation.screen)")
            #expect(simulation.guest.isInstalled && !simulation.guest.isMounted, "\(name)")
            let wasThere = guest.place == .shell
            #expect(simulation.guest.place == (wasThere ? .shell : .getty), "\(name)")
            #expect(simulation.said.contains("logged out") == !wasThere, "\(name)")
            #expect(simulation.said.last == "the guest agent answers", "\(name)")
            #expect(simulation.took < .seconds(150), "\(name): \(simulation.took)")
        }
    }
}

extension ProvisionOptions {
    fileprivate var onScreen: ProvisionOptions {
        ProvisionOptions(
            .screen, user: user, password: password, loginPrompt: loginPrompt, passwordPrompt: passwordPrompt,
            timeout: timeout)
    }
}

@Test func everyConsoleIsProvisionedByScreenAndKeyboard() throws {
    // The kernel interrupts the first of them anywhere.
    for (index, (name, guest, options, replay)) in consoles.enumerated() {
        for noise in 0...(index == 0 ? 12 : 0) {
            var guest = guest
            if noise > 0 { guest.noise = [noise: "[   12.345678] random: crng init done\r\n"] }
            var simulation = ProvisionSimulation(guest, options.onScreen, replay: replay)
            let failure = try simulation.run()
            #expect(failure == nil, "\(name), \(noise): \(simulation.screen)")
            #expect(simulation.guest.isInstalled && !simulation.guest.isMounted, "\(name), \(noise)")
            #expect(simulation.guest.place == (guest.place == .shell ? .shell : .getty), "\(name), \(noise)")
            #expect(simulation.took < .seconds(240), "\(name), \(noise): \(simulation.took)")
        }
    }
}

@Test func remediesOfAScreenAreAScreens() throws {
    let cases: [(FakeGuest, ClientExit, String)] = [
        (
            guest { $0.place = .silent }, .deadline,
            "no login prompt came; is there a getty on the guest's text screen, in 60 s; see drover screen, or give --timeout"
        ),
        (
            guest { ($0.userID, $0.place, $0.shellPrompt) = (1000, .shell, "me$ ") }, .no,
            "the shell on the guest's console is not root's; log out there, by drover type"
        ),
    ]
    for (guest, exit, message) in cases {
        var guest = guest
        guest.agentAnswersAtLast = false
        var simulation = ProvisionSimulation(guest, ProvisionOptions(.screen, timeout: 60))
        let failure = try simulation.run()
        #expect(failure == ClientFailure(exit, message))
    }
}

@Test func whatNoKeyMakesIsRefusedAndNotShown() throws {
    try ProvisionOptions(.screen, password: Array("aZ09 ~!{\\".utf8)).check()
    try ProvisionOptions(password: Array("ä".utf8)).check()
    for options in [
        ProvisionOptions(.screen, password: Array("geheimä".utf8)), ProvisionOptions(.screen, password: [0x67, 0xFF]),
        ProvisionOptions(.screen, user: "jürgen"),
    ] {
        let refused = failure { try options.check() }
        #expect(refused?.exit == .usage && refused?.message.contains("no key on a US keyboard") == true)
        #expect(refused?.message.contains("ä") == false && refused?.message.contains("geheim") == false)
    }
}

/// An emulated guest may stop anywhere: in "Last login: " as well.
@Test func aGuestMayHesitateAfterAnyByte() throws {
    let names: Set = ["Debian with a motd and bash", "the Hurd with a password", "a root shell that is there"]
    for (name, guest, options, replay) in consoles where names.contains(name) {
        for place in 0..<900 {
            var simulation = ProvisionSimulation(
                guest, options, replay: replay, hesitation: (place, .milliseconds(1500)))
            let failure = try simulation.run()
            #expect(failure == nil, "\(name), \(place): \(simulation.screen)")
            #expect(simulation.guest.isInstalled && !simulation.guest.isMounted, "\(name), \(place)")
        }
    }
}

@Test func theKernelMayInterruptAnything() throws {
    for (name, guest, options, replay) in consoles {
        for place in 1...12 {
            var guest = guest
            guest.noise = [place: "[   12.345678] random: crng init done\r\n"]
            var simulation = ProvisionSimulation(guest, options, replay: replay)
            let failure = try simulation.run()
            #expect(failure == nil, "\(name), \(place): \(simulation.screen)")
            #expect(simulation.guest.isInstalled && !simulation.guest.isMounted, "\(name), \(place)")
        }
    }
}

private let refusals: [(String, FakeGuest, ProvisionOptions, ClientExit, String)] = [
    (
        "wrong password", guest { $0.password = "right" }, ProvisionOptions(password: Array("wrong".utf8)), .no,
        "the guest refuses root (Login incorrect): the password is not right, or root may not log in here"
    ),
    (
        "a password that nobody told", guest { $0.password = "right" }, ProvisionOptions(), .no,
        "the guest refuses root (Login incorrect): it wants a password; give --password-file FILE"
    ),
    (
        "root may not", guest { $0.refusesRoot = true }, ProvisionOptions(password: [0x70]), .no,
        "the guest refuses root (Login incorrect): the password is not right, or root may not log in here"
    ),
    (
        "an expired password", guest { ($0.password, $0.asksForNewPassword) = ("p", true) },
        ProvisionOptions(password: [0x70]), .no,
        "the guest asks for another password, such as a new one in place of one that has expired; log in by drover console first"
    ),
    (
        "no root", guest { $0.userID = 1000 }, ProvisionOptions(user: "me"), .no,
        "the shell on the guest's console is not root's; name a user of uid 0 by --user"
    ),
    (
        "somebody else's shell", guest { ($0.userID, $0.place, $0.shellPrompt) = (1000, .shell, "me$ ") },
        ProvisionOptions(), .no, "the shell on the guest's console is not root's; log out there, by drover console"
    ),
    (
        "no CD", guest { $0.hasCD = false }, ProvisionOptions(), .no,
        "the guest finds no seed CD with the kit; start drover with SEED=on, or a password or key for the guest"
    ),
    (
        "no perl",
        guest {
            $0.installStatus = 69
            $0.installOutput = "drover-kit: installed in part: there is no /usr/bin/perl, so the agent does not run\r\n"
        }, ProvisionOptions(), .no,
        "the installation in the guest failed: drover-kit: installed in part: there is no /usr/bin/perl, so the agent does not run"
    ),
    (
        "a full disk",
        guest {
            ($0.installStatus, $0.installOutput) = (
                73, "cat: No space left\r\ndrover-kit: failed: cannot write /usr\r\n"
            )
        },
        ProvisionOptions(), .no, "the installation in the guest failed: drover-kit: failed: cannot write /usr"
    ),
    (
        "silence", guest { $0.place = .silent }, ProvisionOptions(timeout: 60), .deadline,
        "no login prompt came; is there a getty on the guest's first serial port, as with console=com0, in 60 s; "
            + "see drover console, or give --timeout, or --screen for one on the text screen"
    ),
    (
        "an installation without an end", guest { $0.installTakes = nil }, ProvisionOptions(timeout: 100), .deadline,
        "the installation has not ended, in 100 s; see drover console, or give --timeout"
    ),
    (
        "a slow installation", guest { $0.installTakes = .seconds(105) }, ProvisionOptions(timeout: 100), .deadline,
        "the installation has not ended, in 100 s; see drover console, or give --timeout"
    ),
    (
        "an agent that does not come", guest { $0.agentAnswersAtLast = false }, ProvisionOptions(), .deadline,
        "the kit is installed, but its agent does not answer: it does not answer; see /var/log/drover-agent.log in the guest"
    ),
    (
        "a shell that carries out nothing", guest { $0.lost = Set(4...20) }, ProvisionOptions(), .deadline, "late"
    ),
]

@Test func everyFailureIsToldAndTidiedUp() throws {
    for (name, guest, options, exit, message) in refusals {
        var guest = guest
        guest.agentAnswersAtLast = false
        var simulation = ProvisionSimulation(guest, options)
        let failure = try simulation.run()
        #expect(failure?.exit == exit, "\(name): \(failure?.message ?? "none")")
        if message != "late" { #expect(failure?.message == message, "\(name)") }
        #expect(simulation.took < .seconds(options.timeout + 130), "\(name)")
        if ![.silent, .password].contains(simulation.guest.place) {
            #expect(simulation.guest.place == guest.place, "\(name)")
            #expect(!simulation.guest.isMounted, "\(name)")
        }
        if guest.place != .silent { #expect(!simulation.screen.isEmpty, "\(name)") }
    }
}

@Test func whereTheAgentAnswersThereIsNothingToDo() throws {
    var simulation = ProvisionSimulation(guest { ($0.agentAnswersFirst, $0.password) = (true, "x") })
    #expect(try simulation.run() == nil)
    #expect(simulation.guest.lines.isEmpty)
    #expect(simulation.said == ["the guest agent answers already: nothing to do"])

    // It was still being started when it was asked first.
    simulation = ProvisionSimulation(guest { $0.password = "x" })
    #expect(try simulation.run() == nil)
    #expect(!simulation.guest.isInstalled)
    #expect(simulation.said.last == "the guest agent answers: the kit was installed before")
}

@Test func thePasswordIsInNoTranscript() throws {
    let secret = "geheim: #"
    for echoes in [true, false] {
        // A terminal that shows it in spite of all, at once and once more.
        var guest = guest { ($0.password, $0.asksForNewPassword) = (secret, true) }
        guest.passwordPrompt = "Password: "
        guest.agentAnswersAtLast = false
        guest.echoes = echoes
        var simulation = ProvisionSimulation(guest, ProvisionOptions(password: Array(secret.utf8)))
        #expect(try simulation.run()?.exit == .no)
        #expect(simulation.screen.contains("Your password has expired"))
        #expect(!simulation.screen.contains(secret))
    }
    var dialogue = ProvisionDialogue(
        ProvisionOptions(password: Array(secret.utf8)), nonce: "1", at: Instant(nanoseconds: 0))
    func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: 0) + .seconds(seconds) }
    _ = dialogue.handle(.agent(problem: "silent"), at: at(1))
    _ = dialogue.handle(.time, at: at(2))
    _ = dialogue.handle(.output(Array("login: ".utf8)), at: at(2))
    _ = dialogue.handle(.time, at: at(3))
    _ = dialogue.handle(.output(Array("root\r\nPassword: ".utf8)), at: at(3))
    #expect(dialogue.handle(.time, at: at(4)).last == .type(Array("\(secret)\r".utf8)))
    // The echo of a part, and the whole later.
    _ = dialogue.handle(.output(Array("geheim".utf8)), at: at(4))
    _ = dialogue.handle(.output(Array(": #\r\nyou typed \(secret)\u{1b}[2J\r\n".utf8)), at: at(4))
    _ = dialogue.handle(.consoleClosed, at: at(5))
    #expect(dialogue.transcript == ["login: root", "Password: ", "you typed ********"])
}

@Test func aSignalLeavesNothingBehind() throws {
    for seconds in 0..<70 {
        var simulation = ProvisionSimulation(guest(), interruptedAfter: .milliseconds(Int64(seconds) * 970))
        let failure = try simulation.run()
        // At the very end it may be too late.
        #expect(failure == nil || failure?.exit == .no, "\(seconds)")
        #expect(simulation.guest.place == .getty && !simulation.guest.isMounted, "\(seconds)")
    }
    // What has begun to be typed is typed to its end first.
    for seconds in stride(from: 1, to: 110, by: 7) {
        let options = ProvisionOptions(.screen)
        var simulation = ProvisionSimulation(guest(), options, interruptedAfter: .milliseconds(seconds * 970))
        let failure = try simulation.run()
        #expect(failure == nil || failure?.exit == .no, "\(seconds)")
        #expect(simulation.guest.place == .getty && !simulation.guest.isMounted, "\(seconds)")
    }
}

@Test func theEndOfTheRunIsTheEnd() {
    var simulation = ProvisionSimulation(guest())
    guard case .end(let failure?)? = simulation.close().last else {
        Issue.record("it goes on")
        return
    }
    #expect(failure.exit == .broken)
}
