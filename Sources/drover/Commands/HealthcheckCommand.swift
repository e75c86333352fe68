import Basics
import Linux
import Operator

/// `drover healthcheck`: one line, and the exit code that the container runtime asks for.
struct HealthcheckCommand: Command {
    static let declaration = Subcommand(
        "healthcheck", "whether the guest is alive and ready", needsRun: true,
        options: [live, ready, timeout],
        exclusion: Exclusion(names: [live.name, ready.name], reason: "--ready includes --live"),
        text: "Exits with 0 or 1, and prints one line that says what was asked and what came back.",
        examples: [#"HEALTHCHECK --start-period=10m CMD ["drover", "healthcheck"]"#],
        HealthcheckCommand.self)

    private static let live = Option.flag(
        "--live", "PID 1 answers, QEMU's main loop answers, and the machine runs or was paused")
    private static let ready = Option.flag(
        "--ready",
        """
        also, the guest itself answers, in the way READY_CHECK says (the default). A TCP connection alone is no answer, \
        because QEMU accepts it.
        """)
    private static let timeout = Option.seconds(
        "--timeout", HealthCheck.timeouts, "for everything together", unlessGiven: String(HealthCheck.standardTimeout))

    let depth: HealthCheck.Depth
    /// In seconds.
    var timeout = HealthCheck.standardTimeout

    func run() -> Int32 {
        let check = HealthCheck(depth, timeout: .seconds(timeout), now: .now())
        let verdict = check.run(socket: runtimeSockets.qmp)
        show(verdict.line + "\n")
        return (verdict.isHealthy ? ClientExit.success : .no).rawValue
    }
}

extension HealthcheckCommand {
    init(_ arguments: Arguments) {
        depth = arguments.has(Self.live) ? .live : .ready
        timeout = arguments.seconds(Self.timeout) ?? HealthCheck.standardTimeout
    }
}
