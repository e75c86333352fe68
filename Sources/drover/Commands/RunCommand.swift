import Basics
import Linux
import Machine
import QMP
import Seed
import Supervision

/// `drover run`: PID 1.
struct RunCommand: Command {
    static let declaration = Subcommand(
        "run", "check everything, start the guest, stay until it ends (the default)",
        operands: [.extraArguments],
        text: """
            Checks the configuration and the host, starts QEMU and stays: the guest's console goes to stdout, SIGTERM
            stops the guest cleanly. What follows -- is appended to QEMU's arguments, as QEMU_EXTRA_ARGS is.
            """,
        seeAlso: ["environment", "stopping", "exit-codes"],
        RunCommand.self)

    var extraArguments: [String] = []

    func run() throws -> Int32 { try start().rawValue }

    private func start() throws(Errno) -> ExitCode {
        // Before anything else: a signal that comes earlier would take its default action, or none at all for PID 1.
        let signals = try SignalDescriptor()
        try becomeSubreaper()
        hideMemory()

        let preflight = Preflight(extraArguments: extraArguments)
        let plan = preflight.plan
        guard preflight.faults.isEmpty, let machine = plan.machine, let qemuPath = preflight.qemuPath else {
            report(plan.warnings.map { "warning: \($0)" } + preflight.faults.map(\.description))
            return ExitCode(preflight.faults)
        }
        let configuration = plan.configuration
        let log = Log(format: configuration.operation.logFormat, lowestLevel: configuration.operation.logLevel)
        for warning in plan.warnings { log.write(.warning, warning) }
        for finding in plan.findings { log.write(.info, finding) }

        var secrets = InheritedSecrets()
        do throws(Fault) {
            secrets.seed = try preflight.seedInputs.map { (inputs) throws(Fault) in try GuestSeed(inputs).sealed() }
            secrets.vncPassword = try preflight.vncPassword.map { (password) throws(Fault) in try password.sealed() }
            if var share = preflight.share {
                let known = share.omissions.count
                secrets.share.image = try share.sealed()
                for omission in share.omissions.dropFirst(known) { log.write(.warning, "SHARE_DIR: \(omission)") }
            }
        } catch {
            report([error])
            return ExitCode(error.kind)
        }
        preflight.seedInputs?.erase()
        preflight.vncPassword?.erase()

        // First, as overlays may lie there.
        let directory = RuntimeDirectory(configuration.operation.runtimeDirectory)
        do throws(Fault) {
            try directory.create(for: preflight.process)
            try configuration.operation.screenDirectory?.create(for: preflight.process)
        } catch {
            report([error])
            return ExitCode(error.kind)
        }
        let preparer = DiskPreparer(qemuImgPath: preflight.qemuImgPath ?? "qemu-img", signals: signals)
        let disks: (files: [Descriptor], isKept: Bool)
        do throws(DiskPreparer.Interruption) {
            disks = try preparer.carryOut(plan.preparation, for: machine)
        } catch .failed(let code, let message) {
            report([message])
            return code
        } catch {
            report(["stopped before QEMU was started"])
            return .success
        }
        if let outcome = plan.preparation.outcome(for: machine, isKept: disks.isKept) {
            log.write(disks.isKept ? .warning : .info, outcome)
        }
        if let outcome = machine.firmware?.outcome { log.write(.info, outcome) }
        let lastStop = LastStop(directory)
        let sockets: ControlSockets
        do throws(Fault) {
            sockets = try ControlSockets(directory, screen: configuration.operation.screenDirectory)
        } catch {
            report([error])
            return ExitCode(error.kind)
        }

        let ladder = ShutdownLadder(budget: .seconds(configuration.operation.shutdownTimeout))
        let facts = RunFacts(
            accelerationReason: plan.accelerationReason, forwards: machine.networkCards.flatMap(\.forwards),
            readyCheck: configuration.operation.readyCheck, lastStop: lastStop)
        let supervisor = Supervisor(
            steps: plan.steps, ladder: ladder, agent: AgentClient(configuration.operation.guestAgent),
            readyPattern: facts.readyPattern, children: Self.children(configuration),
            afterPowerOff: configuration.operation.afterPowerOff)
        let setup = RunSetup(
            launcher: QEMULauncher(path: qemuPath, machine: machine, disks: disks.files, secrets: secrets),
            facts: facts,
            sockets: sockets,
            logsConsole: configuration.operation.consoleLog,
            throwsDisksAway: machine.drives.contains { $0.image.overlayDirectory != nil },
            policy: QMPPolicy(configuration))
        let loop = try EventLoop(setup, supervisor: supervisor, log: log, signals: signals)
        log.write(
            .info,
            "a stop takes \(max(ladder.longestStop, ladder.budget).brief) at the most; the runtime's grace period must exceed "
                + "that (\(ContainerSetting.gracePeriod.phrase(preflight.process.orchestrator)))"
        )
        return loop.run()
    }
}

extension RunCommand {
    fileprivate static func children(_ configuration: Configuration) -> [Child] {
        (configuration.backup.directory == nil ? [] : [BackupServe.child])
            + (configuration.operation.metrics == nil ? [] : [MetricsCommand.child])
    }

    init(_ arguments: Arguments) {
        extraArguments = arguments.extra
    }
}

extension AgentClient {
    /// Nil: the machine has no ports for an agent.
    fileprivate init?(_ choice: Configuration.GuestAgent) {
        switch choice {
        case .auto: self.init()
        case .serial: self.init(asksSerialAlways: true)
        case .off: return nil
        }
    }
}
