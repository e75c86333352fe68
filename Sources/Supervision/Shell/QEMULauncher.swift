import Linux
import Machine

/// How QEMU is started, whichever step is tried.
public struct QEMULauncher {
    private let path: String
    let machine: VirtualMachine
    private let disks: [Descriptor]
    let secrets: InheritedSecrets

    /// - Parameters:
    ///   - path: the absolute path of `qemu-system-x86_64`.
    ///   - disks: the files of the machine's drives, as `DiskPreparer` has found them.
    public init(path: String, machine: VirtualMachine, disks: [Descriptor], secrets: InheritedSecrets) {
        self.path = path
        self.machine = machine
        self.disks = disks
        self.secrets = secrets
    }

    /// - Parameter descriptors: those for QEMU's input, output, error output, and from 3 on as `VirtualMachine` numbers them.
    /// - Returns: QEMU's pid.
    func start(_ step: LaunchStep, _ ends: QEMUProcess.Ends) throws(Errno) -> Int32 {
        try Spawn(
            path: path,
            arguments: ["qemu-system-x86_64"] + machine.arguments(for: step),
            environment: machine.environment,
            descriptors: [
                try Descriptor.open("/dev/null"), ends.output, ends.output, ends.qmp, ends.console,
                ends.agents[.serial], machine.hasSeed ? secrets.seed : nil,
                machine.vnc == .port ? secrets.vncPassword : nil, ends.clients, ends.agents[.channel],
                machine.share == .cd ? secrets.share.image : nil,
            ] + disks,
            // What QEMU heeds by flushing and closing the images is what it has to be deaf to. Where we are PID 1, it ends like
            // this anyway.
            parentDeathSignal: .kill, blockedSignals: Signal.endings
        ).start()
    }
}
