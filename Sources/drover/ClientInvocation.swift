import Operator

/// What the command line asks of a run that is under way.
enum ClientInvocation: Equatable {
    /// - Parameter command: empty: a prompt, or the lines of standard input.
    case monitor(command: [String], isQMP: Bool)
    case console
    /// - Parameter timeout: in seconds.
    case healthcheck(HealthCheck.Depth, timeout: Int)
    case status(asJSON: Bool)
    /// - Parameter path: `-` is standard output.
    case screenshot(path: String)
    case stop(StopRequest)
    case guest(GuestCommand)
    case provision(ProvisionCommand)

    static let subcommands = [
        "monitor", "console", "healthcheck", "status", "screenshot", "stop", "guest", "provision",
    ]

    /// - Returns: nil when --help is asked for.
    init?(_ name: String, _ words: ArraySlice<String>) throws(Invocation.UsageError) {
        let wantsHelp: Bool
        switch name {
        case "monitor":
            let words = try Words(words, of: name, flags: ["--qmp"], endsAtOperand: true)
            wantsHelp = words.asksForHelp
            self = .monitor(command: words.operands, isQMP: words.flags.contains("--qmp"))
        case "healthcheck":
            let words = try Words(words, of: name, flags: ["--live", "--ready"], valued: ["--timeout"])
            wantsHelp = words.asksForHelp
            guard words.flags.count < 2 else {
                throw Invocation.UsageError(message: "--live and --ready: ready is live and more; write one of them")
            }
            let depth = words.flags.contains("--live") ? HealthCheck.Depth.live : .ready
            self = .healthcheck(depth, timeout: try words.seconds("--timeout", 1...300) ?? 5)
        case "status":
            let words = try Words(words, of: name, flags: ["--json"])
            wantsHelp = words.asksForHelp
            self = .status(asJSON: words.flags.contains("--json"))
        case "screenshot":
            let words = try Words(words, of: name, operands: 1)
            wantsHelp = words.asksForHelp
            self = .screenshot(path: wantsHelp ? "-" : try Self.picture(words.operands.first))
        case "stop":
            let words = try Words(words, of: name, flags: ["--force"], valued: ["--timeout"])
            wantsHelp = words.asksForHelp
            let timeout = try words.seconds("--timeout", 5...3600)
            self = .stop(StopRequest(force: words.flags.contains("--force"), timeout: timeout))
        case "guest":
            let words = try Words(words, of: name, operands: 3)
            wantsHelp = words.asksForHelp
            self = .guest(wantsHelp ? .ping : try GuestCommand(words.operands))
        case "provision":
            let words = try Words(
                words, of: name, flags: ProvisionCommand.flags, valued: ProvisionCommand.valued)
            wantsHelp = words.asksForHelp
            self = .provision(try ProvisionCommand(words))
        default:
            let words = try Words(words, of: name)
            wantsHelp = words.asksForHelp
            self = .console
        }
        if wantsHelp { return nil }
    }

    private static func picture(_ path: String?) throws(Invocation.UsageError) -> String {
        guard let path else {
            throw Invocation.UsageError(message: "screenshot needs a file; write drover screenshot FILE.png, or -")
        }
        guard path == "-" || (path.hasSuffix(".png") && !path.hasSuffix("/.png")) else {
            let reason = "the picture is a PNG, and the name must end in .png"
            throw Invocation.UsageError(message: "screenshot: \(reason); write drover screenshot FILE.png, or -")
        }
        return path
    }
}
