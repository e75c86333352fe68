import Basics
import Glibc
import Linux
import Operator

/// `drover provision`: the guest kit, installed from outside the guest.
struct ProvisionCommand: Command {
    static let declaration = Subcommand(
        "provision", "log in to the guest and install the guest kit", needsRun: true,
        options: [screen, user, passwordFile, loginPrompt, passwordPrompt, timeout, dryRun],
        text: """
            Installs the guest kit over the guest's serial console: waits for a login prompt, logs in, runs the
            installation from the seed CD, logs out, and waits for the guest agent to answer. Does nothing if the agent
            answers already. On failure, prints the last lines of the console.
            """,
        notes: """
            With --screen it reads the guest's text screen and types on its keyboard, for a guest without a serial console.
            The guest's keyboard layout must be the US one.
            """,
        seeAlso: ["guest-kit"],
        ProvisionCommand.self)

    private static let screen = Option.flag("--screen", "by the guest's text screen and keyboard")
    private static let user = Option.text("--user", "NAME", "who logs in; must have uid 0", unlessGiven: defaults.user)
    private static let passwordFile = Option.file("--password-file", "with the user's password", unlessGiven: "none")
    private static let loginPrompt = Option.text(
        "--login-prompt", "TEXT", #"how the guest's login prompt ends, besides "login: " and the Hurd's "login> ""#)
    private static let passwordPrompt = Option.text(
        "--password-prompt", "TEXT", #"the same for the password, besides "Password: ""#)
    private static let timeout = Option.seconds(
        "--timeout", 10...3600, "until it is installed", unlessGiven: String(defaults.timeout))
    private static let dryRun = Option.flag("--dry-run", "print the dialogue, and connect to nothing")

    private static let defaults = ProvisionOptions()

    var console = defaults.console
    var user = defaults.user
    var passwordFile: String?
    var loginPrompt: String?
    var passwordPrompt: String?
    /// In seconds.
    var timeout = defaults.timeout
    var isDryRun = false

    func run() throws -> Int32 {
        hideMemory()
        let signals = try SignalDescriptor()
        let options = ProvisionOptions(
            console, user: user, password: try passwordFile.map(PasswordInput.read(file:)), loginPrompt: loginPrompt,
            passwordPrompt: passwordPrompt, timeout: timeout)
        try options.check()
        if isDryRun {
            show(options.dryRun)
            return ClientExit.success.rawValue
        }
        let session = try ProvisionSession(options, sockets: runtimeSockets, signals: signals) { show($0 + "\n") }
        do {
            if let signal = try session.run() { return signal.shellExitCode }
            return ClientExit.success.rawValue
        } catch {
            let lines = session.transcript.map { "  | \($0)\n" }
            if !lines.isEmpty { writeToStandardError("the guest's console at last:\n" + lines.joined()) }
            throw error
        }
    }
}

extension ProvisionCommand {
    init(_ arguments: Arguments) {
        self.init()
        if arguments.has(Self.screen) { console = .screen }
        if let user = arguments.text(Self.user) { self.user = user }
        passwordFile = arguments.text(Self.passwordFile)
        loginPrompt = arguments.text(Self.loginPrompt)
        passwordPrompt = arguments.text(Self.passwordPrompt)
        if let timeout = arguments.seconds(Self.timeout) { self.timeout = timeout }
        isDryRun = arguments.has(Self.dryRun)
    }
}
