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

    @Test func aDeviceThatIsNotThereNamesTheLine() throws {
        let workspace = try Workspace()
        let (report, run) = try start(
            workspace.variables(disk: "/dev/none", ["QEMU_DRIVE_FORMAT": "raw"]), in: workspace)
        #expect(report.faults == [#"QEMU_DRIVE: "/dev/none" does not exist; compose: devices: ["/dev/none"]"#])
        #expect(try run.waitForExit(within: 60) == .exited(69))
    }
}
