import Basics

// How PID 1 runs the guest: stopping, logs, clients, readiness.
extension Variable {
    static let operation = [
        Variable(
            "SHUTDOWN_TIMEOUT", .operation, { $0.operation.shutdownTimeout }, { $0.operation.shutdownTimeout = $1 },
            .integer(ShutdownBudget.range, "seconds"),
            "How long the guest may take to shut down. The container's own grace period must be longer."),
        Variable(
            "AFTER_POWEROFF", .operation, { $0.operation.afterPowerOff }, { $0.operation.afterPowerOff = $1 }, .choice,
            """
            What comes when the guest has powered itself off. exit: the run ends with exit code 0, and what starts containers \
            decides whether there is another. wait: PID 1 stays, live and not ready, until it is stopped or drover start \
            boots the guest again.
            """),
        Variable(
            "GUEST_AGENT", .operation, { $0.operation.guestAgent }, { $0.operation.guestAgent = $1 }, .choice,
            """
            auto: two ports for a guest agent, whether there is one or not: virtio-serial, where qemu-ga looks, and a second \
            serial port, into which nothing is typed before an agent has shown itself there, as the guest kit's does. serial: \
            an agent is looked for on the second serial port at any time, such as qemu-ga with -m isa-serial. off: no such \
            ports.
            """),
        Variable(
            "CONSOLE_LOG", .operation, { $0.operation.consoleLog }, { $0.operation.consoleLog = $1 }, .boolean,
            "The guest's console lines on standard output."),
        Variable(
            "LOG_FORMAT", .operation, { $0.operation.logFormat }, { $0.operation.logFormat = $1 }, .choice,
            "Log lines as text, or as one JSON object each."),
        Variable(
            "LOG_LEVEL", .operation, { $0.operation.logLevel }, { $0.operation.logLevel = $1 }, .choice,
            "The least important level that is logged."),
        Variable(
            "QMP_POLICY", .operation, { $0.operation.qmpPolicy }, { $0.operation.qmpPolicy = $1 }, .choice,
            """
            What clients of the control socket may do. read-only: queries. operator: also pause and resume, \
            powerdown, reset, snapshots, block jobs, screenshots, keys, the guest agent's passwords and keys, drover stop. \
            full: everything. The console is not QMP: whoever may connect may use it.
            """),
        Variable(
            "READY_CHECK", .operation, { $0.operation.readyCheck }, { $0.operation.readyCheck = $1 }, .readyCheck,
            """
            What drover healthcheck asks the guest. auto: the guest agent when it answers, else SSH's banner on the port \
            that leads to the guest's 22. agent: the guest agent. banner:PORT: the guest's first bytes on a forwarded \
            port of the host. http:PORT/PATH: whether GET of that path there is answered with 200 to 399. console:TEXT: whether a line of the console has held TEXT since the last reset. none: nothing.
            """,
            refused: "a port that QEMU_PORTS does not forward by TCP; agent with GUEST_AGENT=off"),
        Variable(
            "METRICS_LISTEN", .operation, { $0.operation.metrics }, { $0.operation.metrics = $1 }, .listenAddress,
            orElse: "none",
            """
            Where metrics for Prometheus and health checks are served by HTTP, by a process that can read and no more. \
            [::]:PORT is every address, IPv4 and IPv6. Nobody has to log in: publish the port where only the \
            monitoring reaches it.
            """,
            refused: """
                a port that QEMU_PORTS, QEMU_NICS or ENABLE_VNC has; one that needs a capability which is missing; a path in a \
                folder that is not there or cannot be written to
                """),
        Variable(
            "DROVER_RUNTIME_DIR", .operation, { $0.operation.runtimeDirectory }, { $0.operation.runtimeDirectory = $1 },
            .path(limit: 80),
            "Directory of the sockets; created with mode 0700. One that is there must be for this uid alone.",
            refused: "one that others can write to, with or without a sticky bit, or that belongs to another uid"),
        Variable(
            "SCREEN_DIR", .operation, { $0.operation.screenDirectoryPath }, { $0.operation.screenDirectoryPath = $1 },
            .path(limit: 80), orElse: "none",
            """
            Directory for a bridge to browsers, as in compose/edge.yaml: vnc.sock is the screen, keys and power button, \
            without a password; console.sock the serial console. Created with mode 0700. Whoever connects must have \
            PID 1's uid, and reaches nothing else there.
            """,
            refused: """
                one that others can write to, or that belongs to another uid; DROVER_RUNTIME_DIR, which has the control \
                socket, and what lies in it or above it
                """),
        Variable(
            "DISK_DIR", .operation, { $0.operation.hostFolders.disk }, { $0.operation.hostFolders.disk = $1 },
            .hostPath, orElse: "none",
            "Where the host has the folder that is mounted at /opt/hurd-image, for messages alone; the compose files set it."
        ),
        Variable(
            "SECRETS_DIR", .operation, { $0.operation.hostFolders.secrets }, { $0.operation.hostFolders.secrets = $1 },
            .hostPath, orElse: "none",
            "Where the host has the folder of the secrets in /run/secrets, for messages alone; the compose files set it."
        ),
    ]
}

extension ValueSyntax where Value == String {
    fileprivate static var hostPath: ValueSyntax<String> {
        ValueSyntax("PATH", range: "as the host has it") { text throws(Rejection) in
            // A message is one line.
            guard !text.utf8.contains(0x0A) else {
                throw Rejection(text, "has a line break; name the folder as the host does")
            }
            return text
        } show: {
            $0
        }
    }
}
