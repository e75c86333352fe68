import Basics
import Linux
import Machine
import Seed

/// Everything that is found out before anything is started or changed.
struct Preflight {
    let process: ProcessIdentity
    let plan: Plan
    /// Nil when it is not there.
    let qemuPath: String?
    let qemuImgPath: String?
    /// Nil when the guest gets no seed.
    let seedInputs: SeedInputs?
    /// Nil when the VNC server has no password, or there is no such server.
    let vncPassword: VNCPassword?
    /// Nil when the guest gets no CD of a shared folder.
    let share: SharedFolder?
    /// The plan's, and those of the host's programs and directories.
    let faults: [Fault]

    init(extraArguments: [String]) {
        let environment = processEnvironment()
        let parsed = Configuration.parse(environment, lowestBindablePort: PortPrivilege.current())
        var process = ProcessIdentity.current()
        process.hostFolders = parsed.configuration.operation.hostFolders
        self.process = process
        let seed = SeedInputs.read(parsed, for: process)
        seedInputs = seed.inputs
        let vnc = VNCPassword.read(parsed, for: process)
        vncPassword = vnc.password
        let share = SharedFolder.find(parsed.configuration, for: process)
        self.share = share.folder
        let facts = HostFacts.gather(
            for: parsed.configuration, process: process, seed: seed.finding, vnc: vnc.finding, share: share.finding)
        plan = Plan.make(parsed, extraArguments: extraArguments, facts: facts)

        let path = executablePath()
        qemuPath = findExecutable("qemu-system-x86_64", path: path)
        qemuImgPath = findExecutable("qemu-img", path: path)
        var faults = plan.faults
        if qemuPath == nil { faults.append(Self.missing("qemu-system-x86_64", "qemu-system-x86", path)) }
        if qemuImgPath == nil, plan.needsQEMUImg { faults.append(Self.missing("qemu-img", "qemu-utils", path)) }
        let operation = parsed.configuration.operation
        faults += [RuntimeDirectory(operation.runtimeDirectory), operation.screenDirectory]
            .compactMap { $0?.fault(for: process) }
        self.faults = faults
    }

    private static func missing(_ program: String, _ package: String, _ path: String) -> Fault {
        Fault(.unavailable, "PATH", "\(program) is not in \(quoted(path)); install it, such as Debian's \(package)")
    }
}
