import Basics
import Linux
import Machine
import Metrics
import Operator
import Supervision

/// `drover metrics`: the child of PID 1 that serves metrics, and the same to be read at once.
struct MetricsCommand: Command {
    static let declaration = Subcommand(
        "metrics", "metrics for Prometheus, once or served", needsRun: true,
        options: [once],
        text: """
            Metrics of PID 1, QEMU, the disks and the container. PID 1 starts the process that serves them, and health checks,
            when METRICS_LISTEN is set, and starts it again should it end. It has channels to QEMU as descriptors 3 to 5 that
            can read and no more, and can execute nothing and open no socket and no file.
            """,
        examples: ["drover metrics --once > /var/lib/node_exporter/drover.prom"],
        MetricsCommand.self)

    private static let once = Option.flag(
        "--once", "print them in Prometheus' text format; the only way to use this by hand")

    /// The binary's own child, with those of the variables that it reads.
    static let child = Child(
        name: "metrics", arguments: ["metrics"],
        environment: processEnvironment().filter { variables.contains($0.key) }.map { "\($0.key)=\($0.value)" }
            .sorted(),
        inherits: Array(repeating: .qmp(.readOnly, events: false), count: 3), stopOrder: .afterGuest,
        limits: ProcessLimits(
            openFiles: UInt64(MetricsServer.maximumConnections + 32), addressSpace: 64 << 20, noNewPrivileges: true))

    private static let variables = [
        "METRICS_LISTEN", "DROVER_RUNTIME_DIR", "BACKUP_DIR", "QEMU_DRIVE", "QEMU_DISKS", "QEMU_SNAPSHOT",
        "QEMU_MACHINE", "QEMU_FIRMWARE", "QEMU_BALLOON",
    ]

    let isOnce: Bool

    func run() throws -> Int32 {
        let configuration = Configuration.parse(processEnvironment()).configuration
        let setting = Readings.Setting(configuration, version: droverVersion)
        if isOnce {
            let readings = try Readings.once(socket: runtimeSockets.qmp, setting)
            show(String(decoding: Exposition.text(readings.samples(setting), .prometheus), as: UTF8.self))
            return ClientExit.success.rawValue
        }
        guard let address = configuration.operation.metrics else {
            throw ClientFailure(
                .usage, "METRICS_LISTEN is not set; PID 1 starts this by itself when it is; for metrics now, add --once"
            )
        }
        guard let channels = try? (3...5).map({ try Descriptor.duplicate(of: $0) }) else {
            throw ClientFailure(.usage, "descriptors 3 to 5 are no channels to PID 1; for metrics now, add --once")
        }
        let server = try MetricsServer(
            channels[0], checks: Array(channels.dropFirst()), socket: runtimeSockets.qmp, listening: address, setting)
        try server.confine()
        show("serves \(address.text)\n")
        releaseProgramCode()
        try server.run()
        // The run is over, or QEMU is started anew: PID 1 says which, and ends this one if it does not come first.
        _ = try? poll([], until: .now() + .seconds(2))
        return ClientExit.success.rawValue
    }
}

extension MetricsCommand {
    init(_ arguments: Arguments) {
        isOnce = arguments.has(Self.once)
    }
}
