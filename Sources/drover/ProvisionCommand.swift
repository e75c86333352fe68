import Glibc
import Linux
import Operator

/// `drover provision`: the guest kit, installed over the guest's serial console.
struct ProvisionCommand: Equatable {
    let user: String
    let passwordFile: String?
    let loginPrompt: String?
    let passwordPrompt: String?
    /// In seconds.
    let timeout: Int
    let isDryRun: Bool

    init(_ words: Words) throws(Invocation.UsageError) {
        user = words.values["--user"] ?? "root"
        passwordFile = words.values["--password-file"]
        loginPrompt = words.values["--login-prompt"]
        passwordPrompt = words.values["--password-prompt"]
        timeout = try words.seconds("--timeout", 10...3600) ?? 300
        isDryRun = words.flags.contains("--dry-run")
    }

    static let flags = ["--dry-run"]
    static let valued = ["--user", "--password-file", "--login-prompt", "--password-prompt", "--timeout"]

    func run() throws -> Int32 {
        try forbidCoreDumps()
        let signals = try SignalDescriptor()
        let options = ProvisionOptions(
            user: user, password: try passwordFile.map(PasswordInput.read(file:)), loginPrompt: loginPrompt,
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
