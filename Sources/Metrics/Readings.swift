import Basics
import Linux
import Machine
import QMP

/// What one scrape has found out.
public struct Readings: Sendable {
    /// What stays the same.
    public struct Setting: Sendable {
        /// Drover's.
        public let version: String
        /// As `QEMU_MACHINE` has it.
        public let machine: String
        /// Folders with disks in them.
        public let folders: [String]
        /// The folder of the backups.
        public let backups: String?
        public let hasBalloon: Bool

        public init(
            version: String, machine: String, folders: [String], backups: String? = nil, hasBalloon: Bool = false
        ) {
            (self.version, self.machine, self.folders, self.backups) = (version, machine, folders, backups)
            self.hasBalloon = hasBalloon
        }

        public init(_ configuration: Configuration, version: String) {
            var folders: [String] = []
            for disk in configuration.disks.all {
                let folder = directoryName(disk.path)
                if !folders.contains(folder) { folders.append(folder) }
            }
            if configuration.disks.snapshot { folders.append(configuration.operation.runtimeDirectory) }
            self.init(
                version: version, machine: configuration.machine.type.rawValue,
                folders: folders, backups: configuration.backup.directory, hasBalloon: configuration.machine.balloon)
        }
    }

    public struct Volume: Sendable {
        public let path: String
        public let space: VolumeSpace
    }

    public let status: DroverStatus
    /// Nil: QEMU has not answered in time.
    public var qemu: QEMUAnswers?
    /// It should have answered; without a guest there is none that could.
    var lacksQEMU: Bool { qemu == nil && status.state != .off }
    public var isReady = false
    public var process: ProcessTimes?
    /// By the CPU's number.
    public var vcpus: [(number: Int, times: ProcessTimes)] = []
    public var container = ContainerUsage()
    public var volumes: [Volume] = []
    public var backup: BackupFigures?
    /// Bytes left where the backups are.
    public var backupSpace: Int64?
    /// With this one.
    public var failedScrapes = 0

    public init(_ status: DroverStatus, _ qemu: QEMUAnswers?) {
        (self.status, self.qemu) = (status, qemu)
    }

    /// What /proc, the cgroup and the file systems say now.
    ///
    /// - Returns: whether all could be had.
    public mutating func readHost(_ setting: Setting, _ container: ContainerUsage.Files, in files: KeptFiles) -> Bool {
        var isWhole = true
        self.container = container.read(in: files)
        for path in setting.folders {
            if let space = try? VolumeSpace(of: path) { volumes.append(Volume(path: path, space: space)) }
        }
        isWhole = volumes.count == setting.folders.count
        backupSpace = setting.backups.flatMap { try? freeSpace($0) }
        guard let pid = status.qemu?.pid else { return isWhole }
        process = ProcessTimes(of: pid, in: files)
        for vcpu in qemu?.lasting.vcpus ?? [] {
            if let times = ProcessTimes(of: pid, thread: vcpu.thread, in: files) { vcpus.append((vcpu.number, times)) }
        }
        return isWhole && process != nil && vcpus.count == (qemu?.lasting.vcpus.count ?? 0)
    }
}

extension Readings {
    /// Every number there is.
    public func samples(_ setting: Setting) -> [Sample] {
        var samples = droverSamples(setting)
        samples += qemuSamples(setting)
        for disk in qemu?.disks ?? [] { samples += disk.samples }
        samples += containerSamples
        if let backup { samples += backup.samples }
        if let backupSpace { samples.append(Series.backupFree(backupSpace)) }
        return samples
    }

    private func droverSamples(_ setting: Setting) -> [Sample] {
        let counters = status.counters
        var samples = [
            Series.buildInfo(1, setting.version), Series.startTime(Double(counters.started) / 1000),
            Series.ready(isReady), Series.agentUp(status.agent == .answering), Series.orphans(counters.orphansReaped),
            Series.logLinesLost(counters.logLinesLost), Series.consoleBytes(counters.consoleBytesIn, "in"),
            Series.consoleBytes(counters.consoleBytesOut, "out"), Series.qmpClients(counters.clients),
            Series.qmpCommands(counters.commands.good, "ok"), Series.qmpCommands(counters.commands.failed, "error"),
            Series.qmpCommands(counters.commands.refused, "refused"), Series.scrapeErrors(failedScrapes),
        ]
        for restarts in counters.restarts { samples.append(Series.childRestarts(restarts.count, restarts.child)) }
        if let stop = counters.stop { samples.append(Series.stops(1, String(stop.rung), stop.outcome.rawValue)) }
        if let code = counters.lastExit { samples.append(Series.lastExitCode(code)) }
        for volume in volumes {
            samples.append(Series.diskFree(volume.space.free, volume.path))
            samples.append(Series.diskSize(volume.space.size, volume.path))
        }
        return samples
    }

    private func qemuSamples(_ setting: Setting) -> [Sample] {
        var samples = [Series.qemuUp(qemu != nil)]
        if let version = status.qemu?.version {
            let (accelerator, cpu) = status.launch
            samples.append(Series.vmInfo(1, version, setting.machine, accelerator, cpu))
        }
        samples.append(Series.resets(status.guestResets))
        samples.append(Series.panics(status.counters.guestPanics))
        if let process {
            samples.append(Series.cpuSeconds(process.user, "user"))
            samples.append(Series.cpuSeconds(process.system, "system"))
            samples.append(Series.memoryResident(process.resident))
        }
        // As QEMU says of a guest that is off while it stays itself.
        if let current = status.state == .off ? "shutdown" : qemu?.state {
            for state in QEMUAnswers.states { samples.append(Series.vmState(state == current, state)) }
        }
        guard let qemu else { return samples }
        samples.append(Series.vcpus(qemu.lasting.vcpus.count))
        for vcpu in vcpus {
            samples.append(Series.vcpuSeconds(vcpu.times.user + vcpu.times.system, String(vcpu.number)))
        }
        if let memory = qemu.lasting.memory { samples.append(Series.memoryConfigured(memory)) }
        if let memory = qemu.actualMemory { samples.append(Series.memoryActual(memory)) }
        if let total = qemu.guestMemory?.total { samples.append(Series.guestMemoryTotal(total)) }
        if let free = qemu.guestMemory?.free { samples.append(Series.guestMemoryFree(free)) }
        if let available = qemu.guestMemory?.available { samples.append(Series.guestMemoryAvailable(available)) }
        return samples
    }

    private var containerSamples: [Sample] {
        var samples: [Sample] = []
        if let limit = container.memoryLimit { samples.append(Series.memoryLimit(limit)) }
        if let memory = container.memory { samples.append(Series.memoryUsage(memory)) }
        if let workingSet = container.workingSet { samples.append(Series.workingSet(workingSet)) }
        if let throttled = container.throttled { samples.append(Series.throttled(throttled)) }
        return samples
    }
}

extension QEMUAnswers.Disk {
    fileprivate var samples: [Sample] {
        var samples = [
            Series.readBytes(readBytes, name), Series.writeBytes(writeBytes, name),
            Series.readRequests(readRequests, name), Series.writeRequests(writeRequests, name),
            Series.readSeconds(readSeconds, name), Series.writeSeconds(writeSeconds, name),
            Series.flushRequests(flushRequests, name), Series.flushSeconds(flushSeconds, name),
            Series.blockErrors(errors, name),
        ]
        if let capacity { samples.append(Series.capacity(capacity, name)) }
        if let allocated { samples.append(Series.allocated(allocated, name)) }
        return samples
    }
}

extension DroverStatus {
    /// `tcg, CPU max`.
    fileprivate var launch: (accelerator: String, cpu: String) {
        let separator = ", CPU "
        guard let place = accelerator.utf8.firstPlace(of: separator.utf8) else { return (accelerator, "unknown") }
        return (String(accelerator[..<place.lowerBound]), String(accelerator[place.upperBound...]))
    }
}
