import Linux
import TestSupport
import Testing

/// What `drover help signals` promises for each signal.
@Suite struct SignalTests {
    @Test(arguments: [1, 2, 15, 30, 37] as [Int32])
    func aStopSignalStopsTheGuest(number: Int32) throws {
        let run = try running()
        try run.signal(Signal(rawValue: number))
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    @Test func sigquitGoesToRung3() throws {
        let run = try running()
        try run.signal(.quit)
        #expect(try run.waitForExit(within: 30) == .exited(124))
    }

    @Test func theOthersChangeNothing() throws {
        let run = try running(["LOG_LEVEL": "debug"])
        for number in [10, 12, 13, 14, 16, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 34, 64] as [Int32] {
            let signal = Signal(rawValue: number)
            try run.signal(signal)
            try run.wait(for: "\(signal) from pid", within: 30)
        }
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    @Test(arguments: [4, 5, 6, 7, 8, 11, 31] as [Int32])
    func aFaultOfItsOwnEndsItAndQEMUToo(number: Int32) throws {
        let run = try running()
        let qemu = try run.qemuPID()
        try run.signal(Signal(rawValue: number))
        guard case .killed(let signal, _) = try run.waitForExit(within: 30) else {
            Issue.record("it has handled the signal")
            return
        }
        #expect(signal.rawValue == number)
        // The kernel has sent QEMU SIGKILL.
        try waitForEnd(of: qemu)
    }

    private func running(_ variables: [String: String] = [:]) throws -> DroverRun {
        let workspace = try Workspace()
        let run = try workspace.standInRun([], variables)
        try run.wait(for: "the guest runs", within: 30)
        return run
    }
}
