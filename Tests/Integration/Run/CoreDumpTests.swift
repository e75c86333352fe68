import Glibc
import Linux
import TestSupport
import Testing

/// Passwords pass through PID 1's memory, hashes lie in QEMU's: whatever crashes, and whenever, nothing writes them down.
@Suite(.serialized) struct CoreDumpTests {
    enum Phase: String, CaseIterable, Sendable { case starting, running, stopping }

    private let workspace: Workspace
    private let secrets: [String: String]

    init() throws {
        workspace = try Workspace()
        secrets = try Credentials(workspace).variables(only: ["root", "user"])
    }

    /// Drover in the test's folder, where cores of any size may be written.
    private func start(_ phase: Phase, seed: Bool, asPID1: Bool) throws -> DroverRun {
        let variables = try workspace.standInVariables(
            ["SEED": seed ? "on" : "off"].merging(seed ? secrets : [:]) { $1 })
        // unshare ends by the signal that has ended its child, and is not to dump core for it.
        let unshare = [
            "/bin/sh", "-c", "ulimit -S -c 0; exec \"$@\"", "sh", "unshare", "--pid", "--fork", "--mount-proc",
        ]
        let words =
            (asPID1 ? unshare + ["--kill-child"] : []) + [
                "/bin/sh", "-c", "ulimit -c unlimited; cd '\(workspace.path)'; exec \"$@\"", "sh",
            ]
        // The real QEMU greets too soon; without a system on its disk it heeds no power button.
        let isStarting = phase == .starting
        let run = try DroverRun(
            ["run"] + (isStarting ? ["--", "--mute"] : []), variables,
            path: isStarting ? "\(workspace.standInPath()):\(systemPath)" : systemPath, by: words)
        try run.wait(for: phase == .starting ? "starting QEMU" : "the guest runs", within: 60)
        if phase == .stopping {
            try send(.terminate, to: drover(run, asPID1))
            try run.wait(for: "SIGTERM: stopping the guest", within: 30)
        }
        return run
    }

    private func drover(_ run: DroverRun, _ asPID1: Bool) throws -> Int32 {
        try asPID1 ? #require(children(of: run.pid).first) : run.pid
    }

    /// A real one: the kernel lets no signal end a PID 1, whoever sends it. Instruction by instruction: where it comes back to
    /// from its wait stands one that there is none of (ud2).
    private func fault(_ pid: Int32) throws {
        var call = ""
        let deadline = Instant.within(30)
        while !call.contains("0x"), Instant.now() < deadline {
            call = String(decoding: try readFile("/proc/\(pid)/syscall", limit: 4096), as: UTF8.self)
        }
        let word: Substring = try #require(call.split(whereSeparator: \.isWhitespace).last)
        let address: Int = try #require(Int(word.dropFirst(2), radix: 16))
        let memory = try Descriptor.open("/proc/\(pid)/mem", .readWrite)
        var instruction: [UInt8] = [0x0f, 0x0b]
        try retryingInterrupts { pwrite(memory.rawValue, &instruction, 2, off_t(address)) }
        try send(Signal(rawValue: SIGWINCH), to: pid)
    }

    private func cores() throws -> String {
        try shell("cd '\(workspace.path)'; find . -name '*core*' -o -size +900k ! -name empty.raw")
    }

    /// The machine's way of writing cores, or the tests below would see none.
    private func coresComeHere() throws -> Bool {
        try shell("cd '\(workspace.path)'; (ulimit -c unlimited; exec sh -c 'kill -SEGV $$') || true")
        defer { _ = try? shell("cd '\(workspace.path)'; rm -f *core*") }
        return try !cores().isEmpty
    }

    @Test(arguments: Phase.allCases) func aCrashLeavesNoFile(_ phase: Phase) throws {
        guard try coresComeHere() else { return }
        for seed in [true, false] {
            for asPID1 in [true, false] where !asPID1 || getuid() == 0 {
                for victim in ["drover", "qemu"] {
                    // The stand-in has Swift's handler for the first two.
                    for signal in (victim == "qemu" ? [SIGSYS, SIGXFSZ] : [SIGSEGV, SIGABRT]).map(Signal.init) {
                        let run = try start(phase, seed: seed, asPID1: asPID1)
                        let drover = try drover(run, asPID1)
                        let qemu = try #require(children(of: drover).first)
                        if victim == "drover", asPID1 {
                            try fault(drover)
                        } else {
                            try send(signal, to: victim == "qemu" ? qemu : drover)
                        }
                        try run.waitForExit(within: 60)
                        try waitForEnd(of: qemu)
                        let found = try cores()
                        #expect(found == "", "\(victim), \(signal), seed \(seed), PID 1 \(asPID1)")
                    }
                }
            }
        }
    }

    /// While files are read, passwords hashed, the disk made: from the first millisecond to the launch of QEMU.
    @Test func aCrashBeforeQEMULeavesNoFile() throws {
        guard try coresComeHere() else { return }
        let variables = try workspace.standInVariables(
            secrets.merging(["SEED": "on"]) { $1 })
        let assignments = variables.map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
        let output = try shell(
            """
            cd '\(workspace.path)'; ulimit -c unlimited
            for delay in 0.004 0.006 0.008 0.01 0.015 0.02 0.03 0.04 0.05 0.06 0.08 0.1 0.12; do
              env -i PATH='\(try workspace.standInPath())' \(assignments) '\(DroverRun.binary)' run -- --mute >/dev/null 2>&1 &
              # Before that it is another program, with nothing in it.
              until [ "$(readlink /proc/$!/exe)" = "$(readlink -f '\(DroverRun.binary)')" ]; do :; done
              sleep $delay; kill -SEGV $!; wait $!; echo $?
            done
            """)
        // 128 and SIGSEGV.
        #expect(Set(output.split(separator: "\n")) == ["139"], "\(output)")
        #expect(try cores() == "")
    }

    /// A client that a password is given to.
    @Test func aCrashOfAClientLeavesNoFile() throws {
        guard try coresComeHere() else { return }
        let output = try shell(
            """
            cd '\(workspace.path)'; ulimit -c unlimited; mkfifo input; sleep 60 >input & writer=$!
            for command in 'guest set-password root' 'provision' monitor console; do
              DROVER_RUNTIME_DIR=/nowhere '\(DroverRun.binary)' $command <input >/dev/null 2>&1 &
              sleep 0.3; kill -SEGV $! 2>/dev/null; wait $!; echo $?
            done
            kill $writer
            """)
        #expect(output.hasPrefix("139\n"), "\(output)")
        #expect(try cores() == "")
    }

    /// What `core_pattern` names behind a `|` is started by the kernel, as root, whatever the limit of a core's size.
    @Test(.enabled(if: getuid() == 0)) func aHandlerGetsNothing() throws {
        let disk = try workspace.disk(.mach)
        func start(_ name: String) throws -> DroverRun {
            let run = try DroverRun(
                ["run"], workspace.variables(disk: disk, ["DROVER_RUNTIME_DIR": "\(workspace.path)/\(name)"]),
                by: ["/bin/sh", "-c", "ulimit -c unlimited; exec \"$@\"", "sh"])
            try run.wait(for: "the guest runs", within: 60)
            return run
        }
        let first = try start("run1")
        let qemu = try first.qemuPID()
        let programs = try workspace.programs(["handler": "echo \"$1 $(wc -c)\" >>'\(workspace.path)/dumped'"])
        // The pattern is the machine's: for a moment only. The last one that crashes shows that a handler would have come.
        let output = try shell(
            """
            pattern=$(cat /proc/sys/kernel/core_pattern); trap 'echo "$pattern" >/proc/sys/kernel/core_pattern' EXIT
            echo '|\(programs)/handler %p' >/proc/sys/kernel/core_pattern
            kill -SEGV \(qemu); sleep 0.2; kill -SEGV \(first.pid) 2>/dev/null
            sh -c 'ulimit -c unlimited; echo "control $$"; kill -SEGV $$'
            for attempt in 1 2 3 4 5 6 7 8 9 10; do [ -s '\(workspace.path)/dumped' ] && break; sleep 0.2; done
            cat '\(workspace.path)/dumped'
            """)
        let control: Substring = try #require(output.split(separator: "\n").first).dropFirst("control ".count)
        #expect(output.contains("\n\(control) "), "no handler came at all: \(output)")
        #expect(!output.contains("\n\(qemu) ") && !output.contains("\n\(first.pid) "), "\(output)")
        try first.waitForExit(within: 60)

        let second = try start("run2")
        for pid in [second.pid, try second.qemuPID()] {
            let limits = String(decoding: try readFile("/proc/\(pid)/limits", limit: 1 << 16), as: UTF8.self)
            let line = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(line?.split(separator: " ").suffix(3) == ["1", "1", "bytes"], "\(limits)")
            #expect(try readFile("/proc/\(pid)/coredump_filter", limit: 64) == Array("00000000\n".utf8))
        }
        try second.signal(.quit)
        try second.waitForExit(within: 30)
    }
}
