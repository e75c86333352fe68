import Basics

/// A plan in the making.
struct PlanDraft {
    let parsed: ParsedConfiguration
    let facts: HostFacts
    private let faultyVariables: Set<String>
    private var probed: [String: (value: String, reason: String?)] = [:]
    var faults: [Fault]
    var warnings: [String]
    private(set) var findings: [String] = []

    init(parsed: ParsedConfiguration, facts: HostFacts) {
        self.parsed = parsed
        self.facts = facts
        faults = parsed.faults
        warnings = parsed.warnings
        faultyVariables = Set(parsed.faults.map(\.source))
    }

    var configuration: Configuration { parsed.configuration }

    /// A faulty variable has its default in the configuration: what the host says of that is of no interest.
    mutating func add(_ fault: Fault) {
        if !faultyVariables.contains(fault.source), !faults.contains(fault) { faults.append(fault) }
    }

    /// What follows from a variable with a fault is not worth saying.
    func areGood(_ variables: String...) -> Bool { faultyVariables.isDisjoint(with: variables) }

    mutating func attempt<Value>(else substitute: Value, _ body: () throws(Fault) -> Value) -> Value {
        do throws(Fault) {
            return try body()
        } catch {
            add(error)
            return substitute
        }
    }

    /// - Parameter more: those of the command line.
    mutating func checkAddedDevices(_ more: [String]) {
        guard areGood("QEMU_EXTRA_ARGS", "QEMU_USB", "QEMU_BALLOON") else { return }
        let own = configuration.machine.extraArguments
        let devices = AddedDevices(own + more)
        if let device = devices.usbDevice, !devices.hasUSBController, !configuration.machine.usb {
            let source = AddedDevices(own).usbDevice == nil ? "command line" : "QEMU_EXTRA_ARGS"
            add(Fault(.configuration, source, "\(quoted(device)) needs a USB controller; set QEMU_USB=on"))
        }
        if let option = devices.usbOption, configuration.machine.usb {
            add(Fault(.configuration, "QEMU_USB", "is a USB controller already; take \(quoted(option)) away"))
        }
        if let balloon = devices.balloon, configuration.machine.balloon {
            let reason = "is a balloon already, and a machine has one at the most"
            add(Fault(.configuration, "QEMU_BALLOON", "\(reason); take \(quoted(balloon)) away"))
        }
        if let device = devices.secondOfItsKind {
            let source = AddedDevices(own).secondOfItsKind == nil ? "command line" : "QEMU_EXTRA_ARGS"
            let reason = "\(quoted(device)) is a second one of its kind, and a machine has one at the most"
            add(Fault(.configuration, source, "\(reason); take one away"))
        }
        checkBootOrder(devices, own)
    }

    /// Of two devices with one place in the firmware's order QEMU says only the number.
    private mutating func checkBootOrder(_ devices: AddedDevices, _ own: [String]) {
        let first = devices.hasKernel ? 1 : 0
        let end = first + (configuration.disks.cdrom == nil ? 1 : 2)
        guard let (driver, index) = devices.bootIndexes.first(where: { Int($0.index).map { $0 < end } ?? false })
        else { return }
        let source =
            AddedDevices(own).bootIndexes.contains { $0 == (driver, index) } ? "QEMU_EXTRA_ARGS" : "command line"
        let reason = "with bootindex=\(index) takes the place of Drover's disks in the firmware's order"
        add(Fault(.configuration, source, "\(quoted(driver)) \(reason); set it to \(end) or more, or QEMU_BOOT"))
    }

    /// What is said of the variables' place means nothing where the disk itself has none.
    mutating func checkFirmware(_ more: [String]) {
        guard configuration.machine.firmware == .uefi, areGood("QEMU_FIRMWARE", "QEMU_EXTRA_ARGS") else { return }
        let own = configuration.machine.extraArguments
        if let other = AddedDevices(own + more).firmware {
            let source = AddedDevices(own).firmware == nil ? "command line" : "QEMU_EXTRA_ARGS"
            add(
                Fault(
                    .configuration, source,
                    "\(quoted(other)) is firmware too, and QEMU_FIRMWARE=uefi has its own; take one of them away"))
        }
        guard facts.drive.faults.isEmpty, let finding = facts.firmware else { return }
        for fault in finding.faults { add(fault) }
        warnings += finding.warnings
    }

    mutating func checkClock() {
        guard configuration.machine.clock == .localtime, let fault = facts.timeZone else { return }
        add(fault)
    }

    mutating func checkBackup() {
        if let fault = facts.backup { add(fault) }
    }

    mutating func checkShare() {
        for fault in facts.share.faults { add(fault) }
        warnings += facts.share.warnings
    }

    mutating func checkMetrics() {
        if let fault = facts.metrics { add(fault) }
    }

    mutating func checkSeed() {
        for fault in facts.seed.faults { add(fault) }
        warnings += facts.seed.warnings
    }

    /// QEMU would say the same of it as of a port that is in use.
    mutating func checkForwards() {
        for address in facts.strayAddresses {
            let forwards = configuration.network.forwards
            add(
                Fault(
                    .configuration, forwards.first { $0.forward.hostAddress == address }?.variable ?? "QEMU_PORTS",
                    "\(address) is no address of this machine or container; leave it out, and name it where the port is "
                        + "published (\(ContainerSetting.publishedPort.phrase(facts.process.orchestrator)))"))
        }
    }

    /// The limit is every process's, and QEMU's above all.
    mutating func checkAddressSpace(_ memory: MemoryPlan?) {
        guard let memory, let limit = facts.limits.addressSpace, memory.total > MiB(bytes: limit.value) else { return }
        let option = limit.name == "RLIMIT_AS" ? "ulimit -v" : "ulimit -d"
        add(
            Fault(
                .configuration, limit.name,
                "a process may have \(MiB(bytes: limit.value)) of memory, and QEMU takes \(memory.ram) for the guest and "
                    + "\(memory.overhead.total) for itself; raise the limit where drover is started (\(option) unlimited)"
            ))
    }

    /// Both would listen there, and QEMU's message would name neither.
    mutating func checkVNC() {
        for fault in facts.vnc.faults { add(fault) }
        warnings += facts.vnc.warnings
        guard facts.vnc.hasPassword else { return }
        if let metrics = configuration.operation.metrics, metrics.port == VirtualMachine.VNC.portNumber {
            add(
                Fault(
                    .configuration, "METRICS_LISTEN",
                    "\(quoted(metrics.text)) takes the port of ENABLE_VNC; use another port"))
        }
        for (variable, forward) in configuration.network.forwards
        where forward.transport == .tcp && forward.hostPort == VirtualMachine.VNC.portNumber {
            let remedy = "forward another host port"
            add(
                Fault(
                    .configuration, variable, "\(quoted(forward.text)) is VNC's port with a VNC password; \(remedy)"
                ))
        }
    }

    /// QEMU refuses a second port of that name without naming the first.
    mutating func checkAgentPort(_ extraArguments: [String]) {
        guard configuration.operation.guestAgent != .off else { return }
        let sources = [("QEMU_EXTRA_ARGS", configuration.machine.extraArguments), ("command line", extraArguments)]
        for (source, arguments) in sources where arguments.contains(where: { $0.holds(VirtualMachine.agentPortName) }) {
            let remedy = "use drover guest and remove it, or set GUEST_AGENT=off"
            let reason = "has a port \(VirtualMachine.agentPortName), which Drover gives the guest itself"
            add(Fault(.configuration, source, "\(reason); \(remedy)"))
        }
    }

    // MARK: What was found

    mutating func explain(_ acceleration: Acceleration?, _ memory: MemoryPlan?, _ asyncIO: AsyncIOChoice?) {
        if let acceleration, let first = acceleration.ladder.first, areGood("QEMU_ACCEL", "QEMU_CPU") {
            if parsed.origins["QEMU_ACCEL"] != .set || configuration.machine.accelerator == .auto {
                probed["QEMU_ACCEL"] = (first.accelerator.rawValue, acceleration.reason)
            }
            if configuration.machine.cpu == nil {
                probed["QEMU_CPU"] = (first.cpu, "for \(first.accelerator.rawValue)")
            }
            findings.append(acceleration.reason)
        }
        if let memory, areGood("QEMU_RAM", "QEMU_SMP", "QEMU_ACCEL") {
            if memory.origin == .probed { probed["QEMU_RAM"] = (memory.ram.shortText, memory.reason) }
            findings.append("guest RAM \(memory.ram) (\(memory.reason)) and \(memory.overhead.total) for QEMU")
        }
        if let asyncIO, areGood("QEMU_AIO", "QEMU_CACHE") {
            if configuration.disks.asyncIO == nil { probed["QEMU_AIO"] = (asyncIO.mode.rawValue, asyncIO.reason) }
            findings.append("disk I/O by \(asyncIO.mode.rawValue) (\(asyncIO.reason))")
        }
        findings += [facts.seed.summary, facts.share.summary].compactMap { $0 }
        guard areGood("QEMU_DRIVE") else { return }
        if configuration.disks.drive.format == nil, let disk = facts.drive.image?.top, areGood("QEMU_DRIVE_FORMAT") {
            let reason = disk.file.kind == .device ? "a block device" : "the file's header"
            probed["QEMU_DRIVE_FORMAT"] = (disk.format.rawValue, reason)
        }
        if configuration.network.mac == nil, configuration.network.card != .none, areGood("QEMU_MAC", "QEMU_NET") {
            probed["QEMU_MAC"] = (MACAddress.stable(forDisk: configuration.disks.drive.path), "the disk's path")
        }
    }

    var entries: [Plan.Entry] {
        Variable.all.map { variable in
            if let (value, reason) = probed[variable.name] {
                return Plan.Entry(name: variable.name, value: value, origin: .probed, reason: reason)
            }
            if faultyVariables.contains(variable.name) {
                return Plan.Entry(name: variable.name, value: "", origin: .refused, reason: nil)
            }
            return Plan.Entry(
                name: variable.name, value: variable.value(in: configuration),
                origin: parsed.origins[variable.name] == .set ? .set : .default, reason: nil)
        }
    }

    // MARK: The machine

    func machine(_ memory: MemoryPlan, _ asyncIO: AsyncIOChoice, _ extraArguments: [String]) -> VirtualMachine {
        var machine = VirtualMachine(
            ram: memory.ram, translationBuffer: memory.translationBuffer, drives: drives)
        machine.board = configuration.board
        machine.firmware = facts.firmware?.firmware
        machine.smp = configuration.machine.smp
        machine.clock = configuration.machine.clock
        machine.timeZone = configuration.machine.timeZone
        machine.blockIO = VirtualMachine.BlockIO(cache: configuration.disks.cache, asyncIO: asyncIO.mode)
        machine.bootDevice = configuration.disks.boot
        if configuration.network.card != .none {
            let (network, disk) = (configuration.network, configuration.disks.drive.path)
            let first = Configuration.FurtherCard(
                model: network.card, mac: network.mac, restricted: network.restricted, forwards: network.ports)
            machine.networkCards = ([first] + network.further).enumerated().map { index, card in
                VirtualMachine.NetworkCard(
                    model: card.model, mac: card.mac ?? MACAddress.stable(forDisk: disk, card: UInt8(index)),
                    forwards: card.forwards, restricted: card.restricted)
            }
        }
        machine.hasSeed = facts.seed.isPresent
        if let directory = configuration.share.directory {
            machine.share =
                configuration.share.isCD
                ? .cd : .folder(directory, isWritable: configuration.share.mode == .rw)
        }
        machine.hasUSB = configuration.machine.usb
        machine.hasBalloon = configuration.machine.balloon
        machine.hasAgentPorts = configuration.operation.guestAgent != .off
        if configuration.machine.vnc {
            machine.vnc =
                facts.vnc.hasPassword
                ? .port : .socket(RuntimeDirectory(configuration.operation.runtimeDirectory).vncSocket)
        }
        machine.screenSocket = configuration.operation.screenDirectory?.vncSocket
        machine.extraArguments = configuration.machine.extraArguments + extraArguments
        return machine
    }
}
