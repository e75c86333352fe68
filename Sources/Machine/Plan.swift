import Basics

/// The environment and the host, resolved into one machine; or all that stands in its way.
public struct Plan: Sendable {
    /// A variable as `drover check` shows it.
    public struct Entry: Equatable, Sendable {
        public enum Origin: String, Equatable, Sendable {
            case set, `default`, probed, refused
        }

        public let name: String
        public let value: String
        public let origin: Origin
        /// Why a probed value is what it is.
        public let reason: String?
    }

    public let configuration: Configuration
    /// Nil when there are faults.
    public let machine: VirtualMachine?
    /// The ways to start QEMU, in the order in which they are tried.
    public let steps: [LaunchStep]
    /// Why they are these.
    public let accelerationReason: String
    public let preparation: DiskPreparation
    /// Nil when the guest boots by the BIOS.
    public let firmware: UEFIFirmware?
    /// The files of every disk and of the firmware, as far as they were found.
    public let nodes: [DriveNodes]
    /// Every variable, in the order of `Variable.all`.
    public let entries: [Entry]
    /// What was found on the host and what follows from it; one line each.
    public let findings: [String]
    public let warnings: [String]
    public let faults: [Fault]

    /// Whether there are images to make or to grow.
    public var needsQEMUImg: Bool {
        preparation != .none || firmware?.origin != nil || nodes.contains { $0.image.overlayDirectory != nil }
    }

    /// Decides everything that the owner has left open. Pure: the host is in `facts`.
    ///
    /// - Parameter extraArguments: those of the command line, appended after `QEMU_EXTRA_ARGS`.
    public static func make(_ parsed: ParsedConfiguration, extraArguments: [String], facts: HostFacts) -> Plan {
        var draft = PlanDraft(parsed: parsed, facts: facts)
        draft.checkDisks()
        draft.checkSpace()
        draft.checkFirmware(extraArguments)
        draft.checkAddedDevices(extraArguments)
        draft.checkClock()
        draft.checkSeed()
        draft.checkShare()
        draft.checkVNC()
        draft.checkForwards()
        draft.checkBackup()
        draft.checkMetrics()
        let configuration = parsed.configuration
        let acceleration = draft.attempt(else: nil) { () throws(Fault) in
            try Acceleration.choose(
                configuration.machine.accelerator, cpu: configuration.machine.cpu, finding: facts.kvm,
                process: facts.process)
        }
        let steps = acceleration?.ladder ?? []
        let translates = steps.isEmpty || steps.contains { $0.accelerator == .tcg }
        let memory = draft.attempt(else: nil) { () throws(Fault) in
            try MemoryPlan.make(
                requested: configuration.machine.ram, vcpus: configuration.machine.smp, translating: translates,
                share: configuration.share.isCD ? Configuration.ShareSettings.largestCD : MiB(0), limits: facts.limits,
                orchestrator: facts.process.orchestrator)
        }
        draft.checkAddressSpace(memory)
        let asyncIO = draft.attempt(else: nil) { () throws(Fault) in try facts.asyncIO.get() }
        let preparation = draft.attempt(else: DiskPreparation.none) { () throws(Fault) in
            try DiskPreparation.plan(
                create: configuration.disks.createDisk, size: configuration.disks.diskSize,
                path: configuration.disks.drive.path, inspection: facts.drive)
        }
        draft.faults += ExtraArguments.refusals(in: extraArguments, source: "command line")
        draft.checkAgentPort(extraArguments)
        draft.warnings +=
            (memory?.warnings ?? []) + [facts.limits.warning(forVCPUs: configuration.machine.smp)].compactMap { $0 }
        draft.explain(acceleration, memory, asyncIO)

        var machine: VirtualMachine?
        if draft.faults.isEmpty, let memory, let asyncIO {
            machine = draft.machine(memory, asyncIO, extraArguments)
        }
        return Plan(
            configuration: configuration, machine: machine, steps: steps,
            accelerationReason: acceleration?.reason ?? "", preparation: preparation,
            firmware: facts.firmware?.firmware, nodes: draft.nodes, entries: draft.entries, findings: draft.findings,
            warnings: draft.warnings,
            faults: draft.faults)
    }
}
