import Basics
import Linux
import Machine
import Operator

/// What memory there is for a second guest. The one that runs keeps what it has been promised.
struct TestMemory {
    /// A system comes up with that, however much its guest has.
    static let enough = MiB(1024)
    /// For this process, and what the kernel keeps for it.
    private static let reserve = MiB(64)

    private let limits: ContainerLimits
    private let run: MemoryPlan?
    private let orchestrator: Orchestrator

    /// - Parameter run: nil: no guest runs.
    init(_ limits: ContainerLimits, _ run: Configuration.MachineSettings?, _ orchestrator: Orchestrator) {
        (self.limits, self.orchestrator) = (limits, orchestrator)
        self.run = run.flatMap { Self.plan($0, limits) }
    }

    /// The guest's own RAM where there is room for it, else as much as is enough.
    func ram(for machine: Configuration.MachineSettings) throws(ClientFailure) -> MiB {
        guard let wanted = machine.ram ?? Self.plan(machine, limits)?.ram else { return Self.enough }
        // Nobody knows how much there is.
        guard size.count > 0 else { return wanted }
        let left = MiB(max(0, size.count - (run?.total.count ?? 0) - Self.reserve.count))
        if needed(wanted, machine) <= left { return wanted }
        let least = min(wanted, Self.enough)
        let total = needed(least, machine)
        if total <= left { return least }
        let limit = limits.memory.map { "the container's limit of \(size) (\($0.source))" } ?? "the host's \(size)"
        let more = size.count - left.count + total.count
        let remedy =
            limits.memory == nil
            ? "make QEMU_RAM smaller, or test a copy of BACKUP_DIR elsewhere"
            : "raise it (\(ContainerSetting.memory(more).phrase(orchestrator))), or make QEMU_RAM smaller"
        throw ClientFailure(
            .no,
            "the test of a backup needs \(total) for a second guest of \(least), and \(limit) leaves \(left)"
                + (run == nil ? "" : " beside the guest that runs") + "; \(remedy)")
    }

    private var size: MiB {
        let host = limits.hostMemory
        guard let limit = limits.memory else { return MiB(bytes: host) }
        return MiB(bytes: host > 0 ? min(limit.value, host) : limit.value)
    }

    /// The most that QEMU takes, as nothing bounds it here.
    private func needed(_ ram: MiB, _ machine: Configuration.MachineSettings) -> MiB {
        var machine = machine
        machine.ram = ram
        return Self.plan(machine, ContainerLimits())?.total ?? ram
    }

    private static func plan(_ machine: Configuration.MachineSettings, _ limits: ContainerLimits) -> MemoryPlan? {
        try? MemoryPlan.make(requested: machine.ram, vcpus: machine.smp, translating: true, limits: limits)
    }
}
