import Glibc
import Linux
import TestSupport
import Testing

/// Signals that are meant for the container as a whole reach QEMU as well: systemd's for a control group, `kill -1`.
@Suite struct SharedSignalTests {
    private let workspace: Workspace
    private let disk: String

    init() throws {
        workspace = try Workspace()
        disk = try workspace.disk(.micro)
    }

    private func start() throws -> DroverRun {
        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: "console: micro: ready", within: 120)
        return run
    }

    private func checkDisk() throws {
        try shell("'\(repository)/Tests/Guests/state' '\(disk)' check >&2")
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func aStopOfEveryProcessIsACleanStop(_ number: Int32) throws {
        let run = try start()
        let qemu = try run.qemuPID()
        // To PID 1 first, and twice: who signals the group signals its main process too.
        for pid in [run.pid, qemu, run.pid, qemu] { try send(Signal(rawValue: number), to: pid) }
        #expect(try run.waitForExit(within: 60) == .exited(0), "\(run.lines.suffix(5))")
        #expect(run.lines.contains { $0.contains("stopped cleanly by rung 2") }, "\(run.lines.suffix(5))")
        try checkDisk()
    }

    @Test func whatEndsQEMUElsewhereDoesNotHere() throws {
        let run = try start()
        for signal in Signal.endings { try send(signal, to: run.qemuPID()) }
        #expect(try drover("healthcheck --live", workspace).status == 0)
        try run.signal(.halt)
        #expect(try run.waitForExit(within: 60) == .exited(0), "\(run.lines.suffix(5))")
        #expect(run.lines.contains { $0.contains("SIGRTMIN+3: stopping the guest") }, "\(run.lines.suffix(5))")
        try checkDisk()
    }

    /// It is told by its channel, as it is deaf to SIGTERM; before it greets there is nobody to tell.
    @Test func aStopBeforeTheGuestRunsEndsIt() throws {
        for arguments in [["--mute"], []] {
            let run = try workspace.standInRun(arguments, ["DROVER_RUNTIME_DIR": "\(workspace.path)/run"])
            try run.wait(for: "starting QEMU", within: 30)
            let qemu = try? run.qemuPID()
            try run.signal(.terminate)
            #expect(try run.waitForExit(within: 30) == .exited(0), "\(run.lines)")
            if let qemu { try waitForEnd(of: qemu) }
        }
    }

    @Test func qemuDoesNotOutlivePID1() throws {
        let run = try start()
        let qemu = try run.qemuPID()
        try run.signal(.kill)
        try waitForEnd(of: qemu)
        // A power cut, after which nothing but the guest's journal is to be replayed.
        try shell("qemu-img check -q '\(disk)'")
    }

    /// qemu-img as well, which leaves nothing behind.
    @Test func aStopWhileTheDiskIsMadeIsNoFailure() throws {
        let programs = try workspace.programs(["qemu-img": "exec sleep 60"])
        let variables = workspace.variables(
            disk: "\(workspace.path)/new.qcow2", ["CREATE_DISK": "1", "DISK_SIZE": "1G"])
        let run = try DroverRun(["run"], variables, path: "\(programs):\(systemPath)")
        let deadline = Instant.within(30)
        var child: Int32?
        while child == nil, Instant.now() < deadline { child = try children(of: run.pid).first }
        for pid in [try #require(child), run.pid] { try send(.terminate, to: pid) }
        #expect(try run.waitForExit(within: 30) == .exited(0), "\(run.lines)")
        #expect(run.lines.contains { $0.contains("stopped before QEMU was started") }, "\(run.lines)")
    }
}
