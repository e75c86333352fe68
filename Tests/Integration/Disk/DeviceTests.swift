import Foundation
import Linux
import TestSupport
import Testing

/// Block devices as disks and CDs: a loop device is one.
@Suite struct DeviceTests {
    /// A file as a device, as long as this lives; nil where the kernel has none for us.
    private final class LoopDevice {
        let path: String

        init?(_ file: String) throws {
            guard let path = try? shell("losetup --find --show '\(file)' 2>/dev/null") else {
                print("NOT tested: block devices, as no loop device can be had here")
                return nil
            }
            self.path = path.trimmingCharacters(in: .newlines)
        }

        deinit { _ = try? shell("losetup --detach '\(path)'") }
    }

    private func start(_ variables: [String: String], in workspace: Workspace) throws -> (CheckReport, DroverRun) {
        let assignments = variables.map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
        let report = try shell(
            "/usr/bin/env -i PATH=\(systemPath) \(assignments) '\(DroverRun.binary)' check --json || true")
        return (try CheckReport(report), try DroverRun(["run"], variables))
    }

    @Test func devicesAreDisksAndCDs() throws {
        let workspace = try Workspace()
        try shell(
            "cd '\(workspace.path)' && truncate -s 8M raw qcow2 cd base && qemu-img create -q -f qcow2 made.qcow2 4M")
        let devices = try ["raw", "qcow2", "cd"].map { try LoopDevice("\(workspace.path)/\($0)") }
        guard let raw = devices[0], let qcow2 = devices[1], let cd = devices[2] else { return }
        try shell("qemu-img create -q -f qcow2 '\(qcow2.path)' 4M")
        let variables = workspace.variables(
            disk: raw.path,
            [
                "QEMU_DRIVE_FORMAT": "raw", "QEMU_DISKS": "\(qcow2.path):qcow2", "QEMU_CDROM": cd.path,
                "QEMU_STORAGE": "virtio",
            ])
        let (report, run) = try start(variables, in: workspace)
        #expect(report.faults == [] && report.files.map(\.path) == [raw.path, qcow2.path, cd.path])
        try run.wait(for: "the guest runs", within: 60)
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(run.qemuPID())/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(run.qemuPID())/fd/\($0)")
        }
        // Named and opened: each twice.
        for device in [raw, qcow2, cd] { #expect(open.filter { $0 == device.path }.count == 2, "\(open)") }
        let block = try shell(
            "DROVER_RUNTIME_DIR='\(workspace.path)/run' '\(DroverRun.binary)' monitor --qmp query-block")
        #expect(block.contains(#""virtual-size": 8388608"#) && block.contains(#""virtual-size": 4194304"#), "\(block)")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func aDeviceThatIsInUseIsRefused() throws {
        let workspace = try Workspace(isOpen: true)
        try shell("cd '\(workspace.path)' && truncate -s 8M held mounted && mke2fs -q -F mounted && mkdir mount")
        guard let held = try LoopDevice("\(workspace.path)/held"),
            let mounted = try LoopDevice("\(workspace.path)/mounted")
        else { return }
        let claim = try Descriptor.open(held.path, .exclusive)
        try shell("mount '\(mounted.path)' '\(workspace.path)/mount'")
        defer { _ = try? shell("umount '\(workspace.path)/mount'") }
        for device in [held, mounted] {
            let variables = workspace.variables(disk: device.path, ["QEMU_DRIVE_FORMAT": "raw"])
            let (report, run) = try start(variables, in: workspace)
            #expect(report.faults.count == 1)
            #expect(report.faults.first?.contains("is mounted, or another program has it for itself") == true)
            #expect(try run.waitForExit(within: 60) == .exited(75))
        }
        withExtendedLifetime(claim) {}
    }

    /// Raw, as nothing says otherwise; what it writes is on the device at the next boot. While it runs nobody else gets it.
    @Test func aGuestBootsFromADevice() throws {
        let workspace = try Workspace()
        try shell("qemu-img convert -O raw '\(try workspace.disk(.micro))' '\(workspace.path)/device.raw'")
        guard let device = try LoopDevice("\(workspace.path)/device.raw") else { return }
        let run = try DroverRun(["run"], workspace.variables(disk: device.path))
        try run.wait(for: "console: micro: ready", within: 120)
        #expect(throws: Errno.busy) { _ = try Descriptor.open(device.path, .exclusive) }
        let other = try Workspace()
        let (report, second) = try start(other.variables(disk: device.path), in: other)
        #expect(
            report.faults.count == 1 && report.faults.first?.contains("such as this container's own") == true,
            "\(report.faults)")
        #expect(try second.waitForExit(within: 60) == .exited(75))
        let importing = try shell(
            "QEMU_DRIVE='\(device.path)' '\(DroverRun.binary)' import --from '\(workspace.path)/device.raw' --format raw 2>&1; echo $?"
        )
        #expect(
            importing.contains("is mounted, or another program has it") && importing.hasSuffix("\n1\n"), "\(importing)")
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))

        let again = try DroverRun(["run"], workspace.variables(disk: device.path))
        try again.wait(for: "console: micro: boot 2", within: 120)
        try again.wait(for: "console: micro: ready", within: 60)
        try again.signal(.terminate)
        #expect(try again.waitForExit(within: 60) == .exited(0))
        _ = try Descriptor.open(device.path, .exclusive)
    }

    /// What a guest has written to the start of its raw disk makes no qcow2 of it.
    @Test func aDeviceIsNotProbed() throws {
        let workspace = try Workspace()
        try shell(
            "cd '\(workspace.path)' && truncate -s 8M device && qemu-img create -q -f qcow2 -u -b /etc/shadow -F raw fake 4M"
        )
        try shell("cd '\(workspace.path)' && dd if=fake of=device conv=notrunc status=none")
        guard let device = try LoopDevice("\(workspace.path)/device") else { return }
        let (report, run) = try start(workspace.variables(disk: device.path), in: workspace)
        #expect(report.faults == [] && report.files.map(\.path) == [device.path])
        try run.wait(for: "declare it: QEMU_DRIVE_FORMAT=qcow2", within: 60)
        try run.wait(for: "the guest runs", within: 60)
        let block = try shell(
            "DROVER_RUNTIME_DIR='\(workspace.path)/run' '\(DroverRun.binary)' monitor --qmp query-block")
        #expect(block.contains(#""virtual-size": 8388608"#) && !block.contains("qcow2"), "\(block)")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    /// A disk with a partition that is mounted, and an extended partition.
    @Test func aDeviceWithAMountedPartitionAndOneThatIsTooSmallAreRefused() throws {
        let workspace = try Workspace(isOpen: true)
        try shell(
            """
            cd '\(workspace.path)' && truncate -s 40M device && mkdir mount
            printf 'label: dos\nsize=20480,type=83\ntype=5\nsize=2048,type=83\n' | sfdisk -q device
            """)
        guard let device = try LoopDevice("\(workspace.path)/device") else { return }
        try shell("partx -a '\(device.path)' && mke2fs -q -F '\(device.path)p1'")
        defer { _ = try? shell("partx -d '\(device.path)'") }
        let (small, refused) = try start(workspace.variables(disk: "\(device.path)p2"), in: workspace)
        #expect(small.faults.count == 1)
        #expect(small.faults.first?.contains("is a block device of 1024 bytes, too small to be a disk") == true)
        #expect(try refused.waitForExit(within: 60) == .exited(78))

        try shell("mount '\(device.path)p1' '\(workspace.path)/mount'")
        defer { _ = try? shell("umount '\(workspace.path)/mount'") }
        for path in [device.path, "\(device.path)p1"] {
            let (report, run) = try start(workspace.variables(disk: path), in: workspace)
            #expect(report.faults.count == 1 && report.faults.first?.contains("is mounted, or another program") == true)
            #expect(try run.waitForExit(within: 60) == .exited(75))
        }
        // Its other partition is nobody's.
        let (free, run) = try start(workspace.variables(disk: "\(device.path)p5"), in: workspace)
        #expect(free.faults == [])
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func noFileIsMadeWhereDevicesAre() throws {
        let workspace = try Workspace()
        let (report, run) = try start(
            workspace.variables(disk: "/dev/none", ["CREATE_DISK": "1", "DISK_SIZE": "1G"]), in: workspace)
        #expect(report.faults == [#"QEMU_DRIVE: "/dev/none" does not exist; compose: devices: ["/dev/none"]"#])
        #expect(try run.waitForExit(within: 60) == .exited(69))
        let importing = try shell(
            "QEMU_DRIVE=/dev/none '\(DroverRun.binary)' import --from /dev/null --format raw 2>&1; echo $?")
        #expect(
            importing.contains("does not exist; compose: devices:") && importing.hasSuffix("\n69\n"), "\(importing)")
        #expect(!FileManager.default.fileExists(atPath: "/dev/none"))
    }

    @Test func aDeviceThatIsNotThereNamesTheLine() throws {
        let workspace = try Workspace()
        let (report, run) = try start(
            workspace.variables(disk: "/dev/none", ["QEMU_DRIVE_FORMAT": "raw"]), in: workspace)
        #expect(report.faults == [#"QEMU_DRIVE: "/dev/none" does not exist; compose: devices: ["/dev/none"]"#])
        #expect(try run.waitForExit(within: 60) == .exited(69))
    }
}
