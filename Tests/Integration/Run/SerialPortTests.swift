import Foundation
import Linux
import TestSupport
import Testing

/// Whoever listens on the second serial port and is no guest agent: drover types nothing there.
@Suite struct SerialPortTests {
    /// As long as it takes for what is typed every 10 s to be seen.
    private static let whileNothingComes = 25

    /// The firmware's shell takes both serial ports for its keyboard.
    @Test func theUEFIShellIsLeftAlone() throws {
        let workspace = try Workspace()
        let firmware = "/usr/share/OVMF/OVMF"
        try shell(
            "cd '\(workspace.path)' && qemu-img create -q -f qcow2 empty.qcow2 64M && cp \(firmware)_VARS_4M.fd vars.fd"
        )
        let flash = "-drive if=pflash,format=raw"
        let run = try DroverRun(
            ["run"],
            workspace.variables(
                disk: "\(workspace.path)/empty.qcow2",
                [
                    "SHUTDOWN_TIMEOUT": "8",
                    "QEMU_EXTRA_ARGS":
                        "\(flash),readonly=on,file=\(firmware)_CODE_4M.fd \(flash),file='\(workspace.path)/vars.fd'",
                ]))
        try run.wait(for: "Shell>", within: 200)
        try stays(run, without: "execute", for: Self.whileNothingComes)
        try run.signal(.terminate)
        // Once, ahead of the power button: a qemu-ga that listens here says nothing unasked.
        try run.wait(for: #"{"execute":"guest-sync-delimited","arguments":{"id":1}}"#, within: 20)
        try run.waitForExit(within: 60)
        #expect(run.lines.count(where: { $0.contains("execute") }) == 1, "\(run.lines)")
    }

    /// It takes the first letter for a command, and its default entry is never booted.
    @Test func grubOnTheSecondPortBoots() throws {
        let workspace = try Workspace()
        _ = try workspace.disk(.micro)
        try shell(
            """
            cd '\(workspace.path)'
            cat >early.cfg <<'EOT'
            serial --unit=1 --speed=115200
            terminal_input serial
            terminal_output serial
            normal (memdisk)/grub.cfg
            EOT
            { echo 'set timeout=\(Self.whileNothingComes)'; echo 'menuentry micro {'; echo 'set root=(hd0,msdos1)'
              cat '\(repository)/Tests/Guests/micro.d/grub.cfg'; echo '}'; } >grub.cfg
            tar -cf memdisk.tar grub.cfg
            grub-mkimage -O i386-pc -p '(memdisk)/' -c early.cfg -m memdisk.tar -o core.img \\
              biosdisk part_msdos ext2 linux normal serial terminal memdisk tar
            qemu-img convert -O raw disk.qcow2 disk.raw
            dd if=core.img of=disk.raw bs=512 seek=1 conv=notrunc status=none
            """, within: 120)
        let run = try DroverRun(
            ["run"], workspace.variables(disk: "\(workspace.path)/disk.raw", ["QEMU_DRIVE_FORMAT": "raw"]))
        try run.wait(for: "micro: ready", within: 200)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
    }

    /// What a login, a shell or anything else on the port would hear.
    @Test func nothingIsHeardOnThePortUntilTheStop() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: try microThatListens(workspace)))
        try run.wait(for: "micro: ready", within: 200)
        try stays(run, without: "heard", for: Self.whileNothingComes)
        #expect(try drover("healthcheck --live", workspace).status == 0)
        #expect(!run.lines.contains { $0.contains("heard") })

        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
        #expect(run.lines.count(where: { $0.contains("heard") }) == 1, "\(run.lines)")
        #expect(run.lines.last?.contains("stopped cleanly by rung 2 (ACPI power button)") == true, "\(run.lines)")
    }

    @Test func anOperatorsCommandIsHeardAndSoIsAllWhenTheOwnerWantsIt() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: try microThatListens(workspace)))
        try run.wait(for: "micro: ready", within: 200)
        let ping = try drover("guest ping", workspace)
        #expect(ping.status == 1 && ping.output.contains("the guest agent does not answer"), "\(ping)")
        try run.wait(for: "heard: ", within: 20)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))

        let asked = try DroverRun(
            ["run"], workspace.variables(disk: "\(workspace.path)/disk.qcow2", ["GUEST_AGENT": "serial"]))
        try asked.wait(for: "micro: ready", within: 200)
        try asked.wait(for: "heard: ", within: 30)
        try asked.signal(.terminate)
        #expect(try asked.waitForExit(within: 120) == .exited(0))
    }

    /// Nobody has opened the port: the question waits in it, which is seen at once, and costs the stop no time.
    @Test func whereThePortIsClosedTheButtonIsPressedAtOnce() throws {
        let workspace = try Workspace()
        let run = try DroverRun(
            ["run"], workspace.variables(disk: try workspace.disk(.micro), ["LOG_LEVEL": "debug"]))
        try run.wait(for: "micro: ready", within: 200)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
        #expect(run.lines.contains("drover: debug: nobody reads the second serial port"), "\(run.lines)")
    }

    /// A `micro` that writes to its console what it hears on the second port.
    private func microThatListens(_ workspace: Workspace) throws -> String {
        let disk = try workspace.disk(.micro)
        try workspace.runAtBoot(
            """
            #!/bin/sh
            stty -F /dev/ttyS1 raw -echo
            (while read -r line; do echo "heard: $line"; done </dev/ttyS1) &
            """, on: disk)
        return disk
    }

    private func stays(_ run: DroverRun, without text: String, for seconds: Int) throws {
        let deadline = Instant.now() + .seconds(seconds)
        while Instant.now() < deadline {
            let line = try? run.wait(for: text, within: 1)
            #expect(line == nil)
            if line != nil { return }
        }
    }
}
