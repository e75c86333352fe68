import Basics
import Linux
import Machine
import Operator

/// The machine that a backup is tested in: the board, CPU and memory of its manifest; its disks, with what is written to them
/// thrown away; and nothing by which it could be taken for the guest itself: no network, no seed, no further devices.
struct TestMachine: Equatable, Sendable {
    /// What a guest shows on its console, when `READY_CHECK` does not say it, once its system is up.
    static let usualText = "login:"

    private(set) var configuration = Configuration()
    /// What shows on the console that the guest is ready.
    let text: String

    /// - Parameters:
    ///   - chain: the backup's, itself first.
    ///   - run: how the run is configured: its `READY_CHECK` counts, where that is a text of the console's, as the guest may
    ///     have been taught to write it since; and only it knows what the host can do.
    init(_ chain: [Manifest], in folder: BackupFolder, _ run: Configuration, runtimeDirectory: String) {
        let settings = chain[0].configuration.map { ($0.name, $0.value) }
        let own = Configuration.parse(Dictionary(settings) { $1 }).configuration
        let texts = [run, own].compactMap { configuration -> String? in
            if case .console(let text) = configuration.operation.readyCheck { text } else { nil }
        }
        text = texts.first ?? Self.usualText

        configuration.machine = own.machine
        configuration.machine.accelerator = run.machine.accelerator
        configuration.machine.extraArguments = ExtraArguments.ofBoot(own.machine.extraArguments)
        configuration.machine.balloon = false
        configuration.machine.vnc = false
        let disks = chain[0].disks.map {
            Configuration.Disk(path: folder.path(of: "\(chain[0].id)/\($0.file)"), format: .qcow2)
        }
        configuration.disks.drive = disks[0]
        configuration.disks.further = Array(disks.dropFirst())
        configuration.disks.storage = own.disks.storage
        configuration.disks.allowBacking = chain.dropFirst().flatMap { manifest in
            manifest.disks.map { folder.path(of: "\(manifest.id)/\($0.file)") }
        }
        configuration.disks.snapshot = true
        configuration.disks.cache = .unsafe
        configuration.network.card = .none
        configuration.guest.seed = .off
        configuration.operation.guestAgent = own.operation.guestAgent
        configuration.operation.readyCheck = .console(text: text)
        configuration.operation.logFormat = .json
        configuration.operation.qmpPolicy = .readOnly
        configuration.operation.runtimeDirectory = runtimeDirectory
    }

    /// Chooses its RAM.
    ///
    /// - Parameter run: whose guest runs meanwhile; nil: none does.
    mutating func choose(
        beside run: Configuration.MachineSettings?, _ limits: ContainerLimits, _ orchestrator: Orchestrator
    ) throws(ClientFailure) {
        configuration.machine.ram = try TestMemory(limits, run, orchestrator).ram(for: configuration.machine)
    }

    /// The variables that differ from their defaults, and the board, whose default depends on others.
    var environment: [String] {
        let usual = Configuration()
        return Variable.all.compactMap { variable in
            let value = variable.value(in: configuration)
            let isBoard = ["QEMU_MACHINE", "QEMU_STORAGE"].contains(variable.name)
            return value == variable.value(in: usual) && !isBoard ? nil : "\(variable.name)=\(value)"
        }
    }
}
