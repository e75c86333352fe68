import Basics
import Linux

/// `drover provision` on the guest's console, a serial line or a screen with a keyboard: what to type when. No I/O and no
/// clock: it is told what came and when.
///
/// The order: ask the agent, which answers where there is nothing to do; get a fresh prompt; log in, or find that root is
/// logged in already; find a shell; mount the seed, install, unmount; log out; ask the agent.
public struct ProvisionDialogue: Sendable {
    public enum Event: Equatable, Sendable {
        /// From the guest's console.
        case output([UInt8])
        case consoleClosed
        /// What was to be typed has been, now: keys are pressed one after the other.
        case typed
        /// The answer to `askAgent`; nil: it answers. Else why not.
        case agent(problem: String?)
        /// Whoever started it wants it to end.
        case interrupted
        /// `wake` has come.
        case time
    }

    public enum Action: Equatable, Sendable {
        case type([UInt8])
        /// For whoever watches.
        case say(String)
        case askAgent
        /// Nil: all is well. Nothing follows.
        case end(ClientFailure?)
    }

    enum State: Equatable, Sendable {
        case agent(AgentQuestion)
        /// Until there is a fresh login prompt, or a shell.
        case prompt
        /// The user's name is typed.
        case login
        case command(ProvisionScript.Step)
        case logout
        case ended
    }

    /// What the agent's answer decides.
    enum AgentQuestion: Equatable, Sendable {
        case isNothingToDo
        case hasItWorked
        /// There is no way in: somebody may have installed the kit before, and set a password.
        case isItThereAnyway(ClientFailure)
    }

    let options: ProvisionOptions
    var script: ProvisionScript
    var screen = ConsoleScreen()
    var state = State.agent(.isNothingToDo)
    var actions: [Action] = []

    var times: Times
    var login = Login()
    var inquiry = Inquiry()
    /// What to end with when everything is tidied up.
    var failure: ClientFailure?
    /// The console's last screenful when it failed.
    public private(set) var transcript: [String] = []

    /// - Parameter nonce: letters and digits that no earlier run has used.
    public init(_ options: ProvisionOptions, nonce: String, at now: Instant) {
        self.options = options
        script = ProvisionScript(nonce: nonce)
        times = Times(deadline: now + .seconds(options.timeout), stateBegan: now, quietSince: now, handledAt: now)
    }

    /// What to do first.
    public mutating func begin() -> [Action] { [.askAgent] }

    /// - Returns: what to do now, in this order.
    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        actions = []
        times.handledAt = now
        switch event {
        case .output(let bytes):
            screen.append(bytes)
            times.quietSince = now
        case .typed: times.quietSince = now
        case .agent(let problem): agentAnswered(problem, now)
        case .interrupted: interrupt(now)
        case .consoleClosed:
            let failure = ClientFailure(.broken, "the console was closed: the run has ended; see the container's log")
            note(failure)
            end(failure)
        case .time: break
        }
        advance(now)
        return actions
    }

    // MARK: Time

    /// How long nothing must come for a line's end to be a prompt: a prompt may come in pieces, and "login: " within
    /// "Last login: ".
    static let settling = Duration.milliseconds(500)
    /// The same for a shell's prompt, which can be any text.
    static let shellSettling = Duration.milliseconds(1000)
    /// Of silence, before Return is pressed again, or a report asked for again.
    static let patience = Duration.seconds(10)
    /// A shell may have no prompt at all, but a password prompt can take its time too: an emulated guest's comes late.
    static let blindPatience = Duration.seconds(20)
    /// What nobody waits for longer: logging out, unmounting.
    static let tidyingLimit = Duration.seconds(20)
    static let agentLimit = Duration.seconds(60)
    static let agentLimitAnyway = Duration.seconds(10)
    static let agentPause = Duration.seconds(2)

    /// When `.time` is due, if nothing else comes before.
    public var wake: Instant {
        let pauses = [Self.settling, Self.shellSettling, Self.patience, Self.blindPatience]
        let wakes = pauses.map { times.quietSince + $0 } + [stateDeadline, inquiry.nextQuestion].compactMap { $0 }
        return wakes.filter { $0 > times.handledAt }.min() ?? times.handledAt + Self.patience
    }

    private var stateDeadline: Instant {
        switch state {
        case .agent(.isNothingToDo), .prompt, .login: times.deadline
        case .command(.unmount), .logout: times.stateBegan + Self.tidyingLimit
        case .command: times.deadline
        case .agent(.hasItWorked): times.stateBegan + Self.agentLimit
        case .agent(.isItThereAnyway): times.stateBegan + Self.agentLimitAnyway
        case .ended: times.handledAt + Self.tidyingLimit
        }
    }

    private mutating func advance(_ now: Instant) {
        let quiet = now - times.quietSince
        switch state {
        case .agent: advanceAgent(now, isLast: now >= stateDeadline)
        case .prompt where now >= times.deadline, .command(.probe) where now >= times.deadline && login.isShellFound:
            giveUp(late, now)
        case .login where now >= times.deadline: fail(late, now)
        case .command(.unmount) where now >= stateDeadline:
            say("the seed CD could not be unmounted")
            logOut(now)
        case .command where now >= stateDeadline:
            type("\u{3}", now)
            fail(late, now)
        case .prompt: advancePrompt(now, quiet: quiet)
        case .login: advanceLogin(now, quiet: quiet)
        case .command(let step): advanceCommand(step, now, quiet: quiet)
        case .logout:
            if quiet >= Self.settling, options.answer(toLoginPrompt: screen.prompt) != nil {
                say("logged out")
                finish(now)
            } else if now >= stateDeadline {
                say("logged out, though no login prompt came back")
                finish(now)
            }
        case .ended: break
        }
    }

    private var late: ClientFailure {
        let what: String =
            switch state {
            case .prompt: "no login prompt came; is there a getty on \(options.console.place)"
            case .login, .command(.probe): "the login led to no shell"
            default: "the installation has not ended"
            }
        let other = state == .prompt && options.console == .serial ? ", or --screen for one on the text screen" : ""
        let remedy = "see \(options.console.viewer), or give --timeout\(other)"
        return ClientFailure(.deadline, "\(what), in \(options.timeout) s; \(remedy)")
    }

    // MARK: What states have in common

    mutating func enter(_ state: State, _ now: Instant) {
        self.state = state
        times.stateBegan = now
    }

    mutating func say(_ text: String) { actions.append(.say(text)) }

    /// Types a line.
    ///
    /// - Parameter isQuestion: it is about what came before. Else that is no answer to it.
    mutating func type(_ line: String, _ now: Instant, isQuestion: Bool = false) {
        type(Array(line.utf8), now, isQuestion: isQuestion)
    }

    mutating func type(_ line: [UInt8], _ now: Instant, isQuestion: Bool = false) {
        if !isQuestion { screen.forget() }
        // What the Return key sends.
        press(line + [UInt8(ascii: "\r")], now)
    }

    mutating func press(_ keys: [UInt8], _ now: Instant) {
        times.quietSince = now
        actions.append(.type(keys))
    }

    /// Keeps the first failure, and the screen as it was then.
    mutating func note(_ failure: ClientFailure) {
        guard self.failure == nil else { return }
        self.failure = failure
        transcript = screen.lines.map { line in
            guard let password = options.password else { return line }
            return line.replacing(every: String(decoding: password, as: UTF8.self), by: "********")
        }
    }

    /// There is no shell of ours to leave.
    mutating func giveUp(_ failure: ClientFailure, _ now: Instant) {
        note(failure)
        ask(.isItThereAnyway(failure), now)
    }

    mutating func end(_ failure: ClientFailure?) {
        enter(.ended, times.handledAt)
        inquiry.nextQuestion = nil
        actions.append(.end(failure))
    }

    private mutating func interrupt(_ now: Instant) {
        let failure = ClientFailure(.no, "stopped by a signal before the end; start it again")
        switch state {
        case .ended: break
        case .agent, .prompt:
            note(failure)
            end(self.failure)
        case .command(.probe) where login.isShellFound:
            note(failure)
            end(self.failure)
        case .command(.unmount), .logout:
            note(failure)
        case .login: fail(failure, now)
        case .command:
            type("\u{3}", now)
            fail(failure, now)
        }
    }

    // MARK: The agent

    mutating func ask(_ question: AgentQuestion, _ now: Instant) {
        enter(.agent(question), now)
        inquiry.nextQuestion = nil
        actions.append(.askAgent)
    }

    private mutating func agentAnswered(_ problem: String?, _ now: Instant) {
        guard case .agent(let question) = state else { return }
        guard let problem else {
            switch question {
            case .isNothingToDo: say("the guest agent answers already: nothing to do")
            case .hasItWorked: say("the guest agent answers")
            case .isItThereAnyway: say("the guest agent answers: the kit was installed before")
            }
            failure = nil
            return end(nil)
        }
        switch question {
        case .isNothingToDo:
            enter(.prompt, now)
            times.quietSince = now
        case .hasItWorked where now >= stateDeadline:
            let remedy = "see /var/log/drover-agent.log in the guest"
            let failure = ClientFailure(
                .deadline, "the kit is installed, but its agent does not answer: \(problem); \(remedy)")
            note(failure)
            end(failure)
        case .isItThereAnyway(let failure) where now >= stateDeadline: end(failure)
        case .hasItWorked, .isItThereAnyway: inquiry.nextQuestion = now + Self.agentPause
        }
    }

    private mutating func advanceAgent(_ now: Instant, isLast: Bool) {
        guard let next = inquiry.nextQuestion, now >= next || isLast else { return }
        inquiry.nextQuestion = nil
        actions.append(.askAgent)
    }
}
