import Basics
import Linux
import Operator
import TestSupport
import Testing

@testable import Backup
@testable import Machine

/// The machine that a backup is tested in.
@Suite struct TestMachineTests {
    private let temporary: TemporaryFolder
    private let folder: BackupFolder

    init() throws {
        temporary = try TemporaryFolder()
        folder = try BackupFolder(temporary.path)
    }

    /// What `drover run` makes of its environment.
    private func parsed(_ machine: TestMachine) -> ParsedConfiguration {
        let pairs = machine.environment.map { text -> (String, String) in
            let parts = text.split(separator: "=", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        return Configuration.parse(Dictionary(uniqueKeysWithValues: pairs))
    }

    private func machine(
        _ settings: [(String, String)], _ run: [String: String] = [:], disks: [String] = ["disk0"]
    ) throws -> TestMachine {
        let (first, second) = (try id("20261127T120000Z"), try id("20261127T180000Z"))
        var newest = try manifest(second, of: first, disks: disks)
        newest.configuration = settings.map { Manifest.Setting(name: $0.0, value: $0.1) }
        return TestMachine(
            [newest, try manifest(first, disks: disks)], in: folder, Configuration.parse(run).configuration,
            runtimeDirectory: "/run/drover/test")
    }

    @Test func itIsThatOfTheManifestWithoutANetwork() throws {
        let machine = try machine(
            [
                ("QEMU_RAM", "2048"), ("QEMU_SMP", "3"), ("QEMU_CPU", "qemu64,+ssse3"), ("QEMU_MACHINE", "q35"),
                ("QEMU_ACCEL", "kvm"), ("QEMU_NET", "virtio"), ("QEMU_PORTS", "2222:22"),
                ("QEMU_NICS", "virtio forward=2223:22"), ("QEMU_DRIVE", "/images/disk.qcow2"), ("DISK_SIZE", "20G"),
                ("QEMU_BASE", "/images/base.qcow2"), ("QEMU_DISKS", "/images/data.raw:raw"), ("SEED", "on"),
                ("QEMU_CDROM", "/images/cd.iso"), ("ENABLE_VNC", "1"), ("BACKUP_DIR", "/backups"),
                ("QEMU_RTC", "localtime"), ("TZ", "JST-9"), ("GUEST_AGENT", "serial"), ("QMP_POLICY", "full"),
                ("READY_CHECK", "banner:2222"), ("DROVER_RUNTIME_DIR", "/run/drover"),
                (
                    "QEMU_EXTRA_ARGS",
                    "-kernel /images/linux -append 'root=/dev/sda1 quiet' -netdev user,id=n -device virtio-net,netdev=n "
                        + "-usb"
                ),
            ], ["QEMU_ACCEL": "tcg"], disks: ["disk0", "disk1"])
        let parsed = parsed(machine)
        #expect(parsed.faults.isEmpty && parsed.warnings.isEmpty, "\(parsed)")
        let configuration = parsed.configuration
        let (machineSettings, disks) = (configuration.machine, configuration.disks)
        #expect(machineSettings.smp == 3 && machineSettings.cpu == "qemu64,+ssse3" && machineSettings.type == .q35)
        #expect(machineSettings.clock == .localtime && machineSettings.timeZone == "JST-9" && !machineSettings.vnc)
        // What the host can do, its own run knows.
        #expect(machineSettings.accelerator == .tcg)
        #expect(machineSettings.extraArguments == ["-kernel", "/images/linux", "-append", "root=/dev/sda1 quiet"])
        #expect(configuration.network.card == .none && configuration.network.further.isEmpty)
        #expect(configuration.guest.seed == .off && configuration.backup.directory == nil)
        let paths = ["disk0", "disk1"].map { "\(temporary.path)/20261127T180000Z/\($0).qcow2" }
        #expect(disks.all.map(\.path) == paths && disks.all.allSatisfy { $0.format == .qcow2 })
        #expect(
            disks.allowBacking == ["disk0", "disk1"].map { "\(temporary.path)/20261127T120000Z/\($0).qcow2" })
        #expect(disks.snapshot && disks.cache == .unsafe && disks.base == nil && disks.cdrom == nil)
        #expect(disks.storage == .sata)
        let operation = configuration.operation
        #expect(operation.guestAgent == .serial && operation.runtimeDirectory == "/run/drover/test")
        #expect(operation.qmpPolicy == .readOnly && operation.readyCheck == .console(text: "login:"))
    }

    @Test func theTextIsTheRunsThenTheManifests() throws {
        let own = ("READY_CHECK", "console:of then")
        #expect(try machine([own]).text == "of then")
        #expect(try machine([own], ["READY_CHECK": "console:of now"]).text == "of now")
        #expect(try machine([own], ["READY_CHECK": "agent"]).text == "of then")
        #expect(try machine([], ["READY_CHECK": "none"]).text == "login:")
    }

    private func limits(_ limit: Int?, host: Int) -> ContainerLimits {
        var limits = ContainerLimits(hostMemory: MiB(host).bytes)
        limits.memory = limit.map { ContainerLimits.Limit(value: MiB($0).bytes, source: "memory.max") }
        return limits
    }

    /// Limit of the container, memory of the host; RAM of the guest that runs and of the one that is backed up, 0 without the
    /// first; what the test gets.
    @Test(
        arguments: [
            (8192, 32768, 2048, 2048, 2048), (nil, 32768, 2048, 2048, 2048), (8192, 32768, 0, 6144, 6144),
            // As much as is enough.
            (8192, 32768, 4096, 4096, 1024), (nil, 8192, 4096, 4096, 1024), (8192, 2048, 0, 4096, 1024),
            // The run's guest may be another by now.
            (2048, 32768, 512, 256, 256),
        ] as [(Int?, Int, Int, Int, Int)])
    func memoryForTwo(limit: Int?, host: Int, running: Int, wanted: Int, given: Int) throws {
        let run = Configuration.parse(["QEMU_RAM": "\(running)"]).configuration.machine
        var machine = try machine([("QEMU_RAM", "\(wanted)")])
        try machine.choose(beside: running == 0 ? nil : run, limits(limit, host: host), .compose)
        #expect(machine.configuration.machine.ram == MiB(given))
    }

    @Test func withoutMemoryForTwoThereIsNoTest() throws {
        let run = Configuration.parse(["QEMU_RAM": "1024"]).configuration.machine
        var machine = try machine([("QEMU_RAM", "1024")])
        let tight = try failure { try machine.choose(beside: run, limits(2048, host: 32768), .compose) }
        #expect(
            tight.message
                == "the test of a backup needs 1473 MiB for a second guest of 1024 MiB, and the container's limit of 2048 MiB "
                + "(memory.max) leaves 511 MiB beside the guest that runs; raise it (compose: mem_limit: 3010m), or make "
                + "QEMU_RAM smaller")
        let host = try failure { try machine.choose(beside: run, limits(nil, host: 2048), .compose) }
        #expect(
            host.message.contains("and the host's 2048 MiB leaves 511 MiB beside the guest that runs; make QEMU_RAM"))
        // What is asked for is enough.
        try machine.choose(beside: run, limits(3010, host: 32768), .compose)
        #expect(machine.configuration.machine.ram == MiB(1024))
    }
}
