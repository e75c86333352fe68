import Basics
import Linux

// From the prompt to the shell, through the installation, and out again.
extension ProvisionDialogue {
    private typealias Step = ProvisionScript.Step

    /// Clears what somebody may have begun to type (VKILL), so that Return does not carry it out.
    private static let clearLine = "\u{15}"
    private static let attemptLimit = 3
    private static let lossLimit = 3

    // MARK: Prompts

    /// What the console shows at first may be old. Return brings a fresh prompt, of whatever there is.
    mutating func advancePrompt(_ now: Instant, quiet: Duration) {
        guard quiet >= Self.settling else { return }
        if login.hasNudged, typeUser(now) { return }
        if login.hasNudged, quiet >= Self.shellSettling, screen.prompt.last.map({ "#$%".contains($0) }) == true {
            login.isShellFound = true
            begin(.probe, now)
        } else if !login.hasNudged || quiet >= Self.patience {
            login.hasNudged = true
            type(Self.clearLine, now)
        }
    }

    /// - Returns: whether there is a login prompt.
    private mutating func typeUser(_ now: Instant) -> Bool {
        guard let answer = options.answer(toLoginPrompt: screen.prompt) else { return false }
        login.attempts += 1
        say("the guest asks for a login: \(answer)")
        login.isShellFound = false
        login.hasTypedPassword = false
        type(answer, now)
        enter(.login, now)
        return true
    }

    mutating func advanceLogin(_ now: Instant, quiet: Duration) {
        guard quiet >= Self.settling else { return }
        if options.isPasswordPrompt(screen.prompt) {
            typePassword(now)
        } else if options.answer(toLoginPrompt: screen.prompt) != nil {
            cameBack(now)
        } else if quiet >= (screen.prompt.isEmpty ? Self.blindPatience : Self.shellSettling) {
            begin(.probe, now)
        }
    }

    /// Without a password an empty one is tried: the guest may ask for it all the same.
    private mutating func typePassword(_ now: Instant) {
        guard !login.hasTypedPassword else {
            let reason = "the guest asks for another password, such as a new one in place of one that has expired"
            return giveUp(ClientFailure(.no, "\(reason); log in by \(options.console.keyboard) first"), now)
        }
        login.hasTypedPassword = true
        if options.password != nil { say("the guest asks for the password") }
        type(options.password ?? [], now)
        screen.concealLine()
        enter(.login, now)
    }

    /// The login prompt is there again. Without a word of refusal the name may have got lost, or was an answer to an
    /// older prompt; and where a password prompt was torn, a line for the shell was refused.
    private mutating func cameBack(_ now: Instant, hasTypedProbe: Bool = false) {
        let words = ["incorrect", "refused", "denied", "failure", "failed", "not allowed", "locked", "invalid"]
        let refusal = screen.heardLines.last { line in words.contains { line.lowercased().holds($0) } }
        if refusal == nil || hasTypedProbe, login.attempts < Self.attemptLimit, typeUser(now) { return }
        let shown = refusal.map { terminalLine($0.prefix(100)) } ?? "the login prompt comes back"
        let reason: String =
            switch (login.hasTypedPassword, options.password) {
            case (true, nil): "it wants a password; give --password-file FILE"
            case (true, _): "the password is not right, or \(options.user) may not log in here"
            case (false, _): "\(options.user) may not log in here; name another of uid 0 by --user"
            }
        giveUp(ClientFailure(.no, "the guest refuses \(options.user) (\(shown)): \(reason)"), now)
    }

    // MARK: Commands

    private mutating func begin(_ step: Step, _ now: Instant) {
        inquiry.questions = 0
        inquiry.losses = 0
        type(script.line(for: step), now)
        enter(.command(step), now)
    }

    mutating func advanceCommand(_ step: ProvisionScript.Step, _ now: Instant, quiet: Duration) {
        // After a report comes the shell's prompt: what is typed before that meets a terminal between two modes.
        guard quiet >= Self.settling else { return }
        if let report = script.report(in: screen.heard) {
            if report.step == step {
                done(step, isWell: report.status == 0, now)
            } else if inquiry.losses < Self.lossLimit {
                inquiry.losses += 1
                type(script.line(for: step), now)
            } else {
                let reason = "the guest's shell does not carry out what is typed (\(step))"
                let remedy = "log in by \(options.console.keyboard) and see drover help guest-kit"
                fail(ClientFailure(.no, "\(reason); \(remedy)"), now)
            }
            return
        }
        let isAtLogin = options.answer(toLoginPrompt: screen.prompt) != nil
        if step == .probe, login.isShellFound {
            if isAtLogin || (quiet >= Self.patience && inquiry.questions > 0) {
                login.hasNudged = false
                return enter(.prompt, now)
            }
        } else if step == .probe {
            if isAtLogin { return cameBack(now, hasTypedProbe: true) }
            if options.isPasswordPrompt(screen.prompt) { return typePassword(now) }
        } else if isAtLogin {
            return ended(step, now)
        }
        if quiet >= Self.patience {
            inquiry.questions += 1
            // The first may have gone to a program that was not a shell yet.
            let line = step == .probe ? script.line(for: step, isRepeated: true) : script.question()
            type(line, now, isQuestion: true)
        }
    }

    /// The login prompt in place of a report: there is no shell to leave any more.
    private mutating func ended(_ step: Step, _ now: Instant) {
        let reason = "the shell on the guest's console ended before its work was done (\(step))"
        giveUp(failure ?? ClientFailure(.no, "\(reason); did somebody else log out there?"), now)
    }

    private mutating func done(_ step: Step, isWell: Bool, _ now: Instant) {
        switch step {
        case .probe where isWell:
            say(login.isShellFound ? "root is logged in on the console already" : "logged in: a root shell")
            begin(.makeDirectory, now)
        case .probe:
            let reason = "the shell on the guest's console is not root's"
            let logOut = "log out there, by \(options.console.keyboard)"
            let remedy = login.isShellFound ? logOut : "name a user of uid 0 by --user"
            fail(ClientFailure(.no, "\(reason); \(remedy)"), now)
        case .makeDirectory where isWell: begin(.mount, now)
        case .makeDirectory: fail(ClientFailure(.no, "the guest can make no temporary folder; is its disk full?"), now)
        case .mount where isWell:
            say("the seed CD is mounted; installing")
            begin(.install, now)
        case .mount:
            let remedy = "start drover with SEED=on, or a password or key for the guest"
            fail(ClientFailure(.no, "the guest finds no seed CD with the kit; \(remedy)"), now)
        // Its last line says the same, for people: a message of the kernel may have torn it.
        case .install where isWell:
            say("drover-kit: installed")
            begin(.unmount, now)
        case .install:
            let said = screen.heardLines.last { $0.holds("drover-kit: ") } ?? "it says nothing"
            fail(ClientFailure(.no, "the installation in the guest failed: \(terminalLine(said.prefix(300)))"), now)
        case .unmount:
            if !isWell { say("the seed CD could not be unmounted") }
            logOut(now)
        }
    }

    // MARK: The way out

    /// Something went wrong after the login: what was mounted goes, and we too.
    mutating func fail(_ failure: ClientFailure, _ now: Instant) {
        note(failure)
        if case .command(let step) = state, [.mount, .install].contains(step) {
            begin(.unmount, now)
        } else {
            logOut(now)
        }
    }

    mutating func logOut(_ now: Instant) {
        if login.isShellFound {
            say("the shell on the console is left as it was")
            return finish(now)
        }
        if state == .login {
            // A shell may be on its way. An end of input ends that, and a password prompt too.
            press([0x03, 0x04], now)
        } else {
            type("exit", now)
        }
        enter(.logout, now)
    }

    mutating func finish(_ now: Instant) {
        if let failure { end(failure) } else { ask(.hasItWorked, now) }
    }
}
