import Linux
import TestSupport
import Testing

/// What is found out before QEMU is started: a clear line on stderr, the right code, and nothing changed.
@Suite struct FaultTests {
    private struct Refusal {
        /// Makes `$disk`, in a shell.
        let setup: String
        let code: Int32
        let words: String
    }

    private static let refusals: [Refusal] = [
        Refusal(setup: "true", code: 69, words: "does not exist"),
        Refusal(setup: "mkdir \"$disk\"", code: 78, words: "is a directory"),
        Refusal(setup: "mkfifo \"$disk\"", code: 78, words: "is a FIFO"),
        Refusal(setup: "ln -s nowhere \"$disk\"", code: 69, words: "does not exist"),
        Refusal(setup: "printf x > \"$disk\"", code: 78, words: "has no qcow2 header"),
        Refusal(
            setup: "qemu-img create -q -f qcow2 \"$disk\" 64M && truncate -s 66000 \"$disk\"", code: 78,
            words: "is cut off"),
        Refusal(
            setup: "qemu-img create -q -f qcow2 -b /etc/passwd -F raw \"$disk\" 64M", code: 78, words: "/etc/passwd"),
        Refusal(
            setup:
                "qemu-img create -q -f qcow2 ../base-$$.qcow2 64M; qemu-img create -q -f qcow2 -b ../base-$$.qcow2 -F qcow2 "
                + "\"$disk\"; rm -f ../base-$$.qcow2",
            code: 78, words: "../base-"),
    ]

    @Test func anUnusableDiskIsRefused() throws {
        for refusal in Self.refusals {
            let workspace = try Workspace()
            let disk = "\(workspace.path)/disk.qcow2"
            try shell("cd '\(workspace.path)'; disk='\(disk)'; \(refusal.setup)")
            let run = try DroverRun(["run"], workspace.variables(disk: disk))
            #expect(try run.waitForExit(within: 30) == .exited(refusal.code), "\(refusal.setup): \(run.lines)")
            let faults = run.lines.filter { $0.hasPrefix("drover: QEMU_DRIVE: ") }
            #expect(faults.count == 1 && faults.allSatisfy { $0.contains(refusal.words) }, "\(run.lines)")
            #expect(!run.lines.contains { $0.contains("starting QEMU") })
        }
    }

    @Test func aDiskOfSomebodyElseIsNotPermitted() throws {
        let workspace = try Workspace(isOpen: true)
        let disk = "\(workspace.path)/disk.qcow2"
        try shell("qemu-img create -q -f qcow2 '\(disk)' 64M; chmod 600 '\(disk)'; chmod 777 '\(workspace.path)'")
        let assignments = workspace.variables(disk: disk).map { "\($0)='\($1)'" }.joined(separator: " ")
        // Root may read everything; so be nobody.
        let output = try shell(
            "cp '\(DroverRun.binary)' '\(workspace.path)/drover'; "
                + "setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH=/usr/bin \(assignments) "
                + "'\(workspace.path)/drover' run 2>&1; echo \"code $?\"")
        #expect(output.contains("code 77"), "\(output)")
        #expect(output.contains("this process is 65534:65534") && output.contains("belongs to 0:0 with mode 0600"))
    }

    @Test func twentyBrokenVariablesAreTwentyLines() throws {
        let workspace = try Workspace()
        let broken = [
            "QEMU_DRIVE": "relative.qcow2", "QEMU_DRIVE_FORMAT": "vmdk", "CREATE_DISK": "perhaps", "DISK_SIZE": "many",
            "QEMU_DISKS": "x", "QEMU_CDROM": "cd.iso", "QEMU_BOOT": "floppy", "QEMU_RAM": "4X", "QEMU_SMP": "65",
            "QEMU_ACCEL": "hvf", "QEMU_CPU": "a b", "QEMU_MACHINE": "isapc", "QEMU_STORAGE": "scsi",
            "QEMU_NET": "ne2k", "QEMU_MAC": "01:00", "QEMU_NET_RESTRICT": "maybe", "QEMU_PORTS": "70000:22",
            "QEMU_CACHE": "fast", "QEMU_AIO": "posix", "SHUTDOWN_TIMEOUT": "4",
        ]
        let run = try DroverRun(["run"], broken.merging(["DROVER_RUNTIME_DIR": "\(workspace.path)/run"]) { $1 })
        #expect(try run.waitForExit(within: 30) == .exited(78))
        #expect(run.lines.count == 20, "\(run.lines.joined(separator: "\n"))")
        for name in broken.keys {
            #expect(run.lines.filter { $0.hasPrefix("drover: \(name): ") }.count == 1, "\(name)")
        }
        #expect(try shell("ls '\(workspace.path)'").isEmpty)
    }

    @Test func aMissingQEMUIsSaid() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.standInVariables(), path: "\(workspace.path)")
        #expect(try run.waitForExit(within: 30) == .exited(69))
        #expect(run.lines.contains { $0.contains("qemu-system-x86_64") })
    }

    @Test func anUnknownSubcommandIsAUsageError() throws {
        let run = try DroverRun(["chekc"])
        #expect(try run.waitForExit(within: 30) == .exited(64))
        #expect(run.lines == [#"drover: unknown subcommand "chekc"; did you mean check?"#])
    }
}
