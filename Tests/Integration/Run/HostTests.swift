import Foundation
import Linux
import TestSupport
import Testing

/// What is found on this host, through the real binary.
@Suite struct HostTests {
    /// A host's KVM may be absent, fast, or slow; whatever it is, the guest boots and the log says what was found.
    @Test func autoBootsTheGuestAndSaysWhy() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.micro), ["QEMU_ACCEL": "auto"]))
        let found = try run.wait(for: "drover: KVM is ", within: 30)
        let started = try run.wait(for: "drover: starting QEMU: ", within: 30)
        if found.contains("KVM is fast") {
            #expect(started.contains("kvm with CPU host"))
        } else {
            #expect(started.contains("tcg with CPU max"))
            #expect(found.hasSuffix(": using TCG"))
        }
        if found.contains("present but slow") { #expect(found.contains("million instructions/s")) }
        try run.wait(for: "console: micro: ready", within: 120)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
    }

    @Test func kvmThatIsDemandedAndNotPermittedNamesTheRemedy() throws {
        let workspace = try Workspace(isOpen: true)
        try shell("truncate -s 1M '\(workspace.path)/empty.raw'")
        // In a mount namespace of its own, /dev/kvm is a device node that nobody may open.
        let output = try shell(
            """
            cp '\(DroverRun.binary)' '\(workspace.path)/drover'; chmod 755 '\(workspace.path)'
            chmod 666 '\(workspace.path)/empty.raw'
            unshare --mount sh -c '
              mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 660 /dev/kvm c 10 232 && chown 0:104 /dev/kvm
              setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH=/usr/bin QEMU_ACCEL=kvm \\
                QEMU_DRIVE="$1/empty.raw" QEMU_DRIVE_FORMAT=raw DROVER_RUNTIME_DIR=/tmp/drover-none "$1/drover" run 2>&1
              echo "code $?"' sh '\(workspace.path)'
            """)
        #expect(output.contains("code 77"), "\(output)")
        #expect(output.contains("compose: group_add: [\"104\"]"), "\(output)")
        #expect(output.contains("this process is 65534:65534"), "\(output)")
    }

    /// The disk belongs to the host's root, whom the namespace does not map.
    @Test func inAUserNamespaceTheRemediesAreThoseThatWorkThere() throws {
        let workspace = try Workspace(isOpen: true)
        let output = try shell(
            """
            cd '\(workspace.path)'; chmod 755 .; cp '\(DroverRun.binary)' drover; mkfifo -m 666 unshared mapped
            truncate -s 1M empty.raw; chmod 600 empty.raw
            unshare --user --keep-caps sh -c '
              echo >unshared; read -r _ <mapped
              exec setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all --ambient-caps=-all \\
                env -i PATH=/usr/bin QEMU_ACCEL=tcg QEMU_DRIVE="$PWD/empty.raw" QEMU_DRIVE_FORMAT=raw \\
                DROVER_RUNTIME_DIR=/tmp/drover-none ./drover check' >output 2>&1 &
            read -r _ <unshared
            for ids in uid gid; do echo 0 100000 65536 >/proc/$!/${ids}_map; done
            echo >mapped; wait $!; echo "code $?"; grep '^drover: QEMU_DRIVE' output
            """)
        #expect(output.contains("code 77"), "\(output)")
        #expect(output.contains("this process is 10001:10001 in a user namespace, "), "\(output)")
        #expect(output.contains("podman unshare chown 10001:10001 "), "\(output)")
        #expect(output.contains("else as root: chown 110001:110001 "), "\(output)")
        #expect(!output.contains("65534:65534\""), "\(output)")
    }

    /// The kernel says no although owner and mode say yes, as under SELinux.
    @Test func aDenialByASecurityModuleIsToldAsOne() throws {
        let workspace = try Workspace(isOpen: true)
        let output = try shell(
            """
            cd '\(workspace.path)'; mkdir open closed; cp '\(DroverRun.binary)' open/drover
            echo correct-horse >closed/secret; chmod 444 closed/secret
            ROOT_PASSWORD_FILE="$PWD/closed/secret" \
              python3 '\(repository)/Tests/Integration/Clients/landlock.py' "$PWD/open" open/drover seed --list 2>&1
            echo "code $?"
            """)
        #expect(output.contains("code 77"), "\(output)")
        #expect(output.contains("with mode 0444, which permits it; so another rule denies it: SELinux"), "\(output)")
        #expect(!output.contains("chown") && !output.contains("correct-horse"), "\(output)")
    }

    @Test func aRuntimeDirectoryThatCannotBeMadeNamesTheRemedy() throws {
        let workspace = try Workspace(isOpen: true)
        let output = try shell(
            """
            cp '\(DroverRun.binary)' '\(workspace.path)/drover'; chmod 755 '\(workspace.path)'
            truncate -s 1M '\(workspace.path)/empty.raw'; chmod 666 '\(workspace.path)/empty.raw'
            setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH=/usr/bin QEMU_ACCEL=tcg \\
              QEMU_DRIVE='\(workspace.path)/empty.raw' QEMU_DRIVE_FORMAT=raw \\
              DROVER_RUNTIME_DIR='\(workspace.path)/deep/er' '\(workspace.path)/drover' run 2>&1; echo "code $?"
            """)
        #expect(output.contains("code 77"), "\(output)")
        #expect(output.contains("DROVER_RUNTIME_DIR: ") && output.contains("tmpfs: ["), "\(output)")
    }

    /// Needs a memory cgroup that this process may make children in: root, or a delegated one.
    @Test func aContainersLimitIsHeeded() throws {
        let workspace = try Workspace()
        let variables = try workspace.standInEnvironment(["QEMU_RAM": "1G"])
        let automatic = try workspace.standInEnvironment(["QEMU_RAM": "0"])
        let check = "'\(DroverRun.binary)' check"
        let output = try shell(
            """
            v1=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
            if [ -n "$v1" ]; then
              group=/sys/fs/cgroup/memory$v1/drover-$$; limit=memory.limit_in_bytes
            else
              group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/drover-$$; limit=memory.max
            fi
            mkdir "$group" && echo 536870912 > "$group/$limit" || { echo "no memory cgroup can be made here"; exit 1; }
            (sh -c 'echo $PPID' > "$group/cgroup.procs"; exec \(variables) \(check) 2>&1 >&-); echo "code $?"
            (sh -c 'echo $PPID' > "$group/cgroup.procs"; exec \(automatic) \(check) 2>&1) | grep QEMU_RAM
            rmdir "$group"
            """)
        #expect(output.contains("code 78"), "\(output)")
        #expect(output.contains("QEMU_RAM: 1024 MiB and "), "\(output)")
        #expect(output.contains("over the container's limit of 512 MiB"), "\(output)")
        #expect(output.contains("QEMU_RAM             256M"), "\(output)")
    }

    /// Of the address space: a program that is refused memory can do nothing but crash.
    @Test func aLimitThatQEMUCannotLiveWithIsAFault() throws {
        let workspace = try Workspace()
        for (limit, option) in [("RLIMIT_AS", "--as"), ("RLIMIT_DATA", "--data")] {
            for command in ["check", "run"] {
                let run = try DroverRun(
                    [command], workspace.standInVariables(), path: workspace.standInPath(),
                    by: ["/usr/bin/prlimit", "\(option)=\(100 << 20)"])
                #expect(try run.waitForExit(within: 30) == .exited(78), "\(run.lines)")
                let words =
                    "drover: \(limit): a process may have 100 MiB of memory, and QEMU takes 256 MiB for the guest and "
                #expect(run.lines.contains { $0.hasPrefix(words) }, "\(run.lines)")
            }
            // Down to what drover itself is executed with.
            for mebibytes in option == "--as" ? [13, 16, 24] : [8, 16] {
                for command in ["run", "check", "status", "--version"] {
                    let run = try DroverRun(
                        [command], workspace.standInVariables(), path: workspace.standInPath(),
                        by: ["/usr/bin/prlimit", "\(option)=\(mebibytes << 20)"])
                    #expect(try run.waitForExit(within: 30) == .exited(78), "\(mebibytes) \(command): \(run.lines)")
                    #expect(run.lines.count == 1 && run.lines[0].contains("less than 32 MiB"), "\(run.lines)")
                }
            }
        }
    }

    @Test func anAddressOfAnotherMachineIsAFault() throws {
        let workspace = try Workspace()
        // RFC 5737, for documentation.
        for ports in ["192.0.2.7:2222:22", "192.0.2.7:5353:53/udp"] {
            for command in ["check", "run"] {
                let run = try DroverRun(
                    [command], workspace.standInVariables(["QEMU_NET": "e1000", "QEMU_PORTS": ports]),
                    path: workspace.standInPath())
                #expect(try run.waitForExit(within: 30) == .exited(78), "\(run.lines)")
                let words = "drover: QEMU_PORTS: 192.0.2.7 is no address of this machine"
                #expect(run.lines.contains { $0.hasPrefix(words) }, "\(run.lines)")
            }
        }
    }

    @Test func aDiskIsCreatedOnceAndGrown() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/new, disk.qcow2"
        func size() throws -> String {
            try shell("qemu-img info -U --output=json '\(disk)' | grep -m1 virtual-size | tr -dc 0-9")
        }
        func run(_ size: String) throws -> DroverRun {
            try DroverRun(["run"], workspace.variables(disk: disk, ["CREATE_DISK": "1", "DISK_SIZE": size]))
        }
        let first = try run("1G")
        try first.wait(for: "the guest runs", within: 60)
        #expect(try size() == "1073741824")
        try first.signal(.quit)
        try first.waitForExit(within: 30)

        let second = try run("2G")
        try second.wait(for: "the guest runs", within: 60)
        #expect(try size() == "2147483648")
        try second.signal(.quit)
        try second.waitForExit(within: 30)

        let before = try shell("sha256sum < '\(disk)'")
        let third = try run("1G")
        #expect(try third.waitForExit(within: 30) == .exited(78))
        #expect(third.lines.contains { $0.contains("shrinking destroys data") })
        #expect(try shell("sha256sum < '\(disk)'") == before)
        #expect(try shell("ls '\(workspace.path)'") == "new, disk.qcow2\nrun\n")
    }

    @Test func checkPrintsThePlanAndChangesNothing() throws {
        let workspace = try Workspace()
        let environment = try workspace.standInEnvironment()
        let before = try shell("ls '\(workspace.path)'")
        let text = try shell("\(environment) '\(DroverRun.binary)' check")
        #expect(text.contains("QEMU_RAM             256M                             set"))
        #expect(text.contains("-blockdev "))
        #expect(try shell("ls '\(workspace.path)'") == before)

        struct Report: Decodable {
            struct Variable: Decodable {
                let name: String
                let value: String
                let origin: String
            }
            struct Step: Decodable { let arguments: [String] }
            let variables: [Variable]
            let steps: [Step]
            let faults: [String]
        }
        let json = try shell("\(environment) '\(DroverRun.binary)' check --json")
        let report = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
        #expect(report.faults == [])
        #expect(report.variables.first { $0.name == "QEMU_RAM" }?.origin == "set")
        #expect(report.steps.first?.arguments.contains("-sandbox") == true)
    }
}
