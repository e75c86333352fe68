import Linux
import TestSupport
import Testing

/// A kernel that refuses PID 1 what it lives by: strace makes the calls fail, for good. It is told once, nothing spins, and
/// the guest is brought down by the ladder.
@Suite struct ShellFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let call: String
        let error: String
        /// From this call on, of those on `path`.
        let first: Int
        var path: String?
        /// The guest runs by then, and a stop makes the call come.
        var isInStop = false
        let message: String
        let exit: Int32

        var testDescription: String { call }
    }

    static let cases = [
        Case(
            call: "epoll_wait", error: "EBADF", first: 4,
            message: "events cannot be waited for: Bad file descriptor; the run ends", exit: 70),
        Case(
            call: "timerfd_settime", error: "EINVAL", first: 2,
            message: "events cannot be waited for: Invalid argument; the run ends", exit: 70),
        Case(
            call: "read", error: "EIO", first: 1, path: "anon_inode:[signalfd]", isInStop: true,
            message: "signals cannot be read: Input/output error; the run ends", exit: 70),
        // That QEMU has ended cannot be learnt then.
        Case(
            call: "wait4", error: "EINVAL", first: 1, isInStop: true,
            message: "ended children cannot be collected: Invalid argument; the run ends", exit: 124),
    ]

    @Test(arguments: cases) func theRunEndsByTheLadder(_ testCase: Case) throws {
        let workspace = try Workspace()
        let calls = "\(workspace.path)/calls"
        let strace =
            ["/usr/bin/strace", "-D", "-qq", "-o", calls, "-e", "signal=none", "-e", "trace=\(testCase.call)"]
            + (testCase.path.map { ["-P", $0] } ?? [])
            + ["-e", "inject=\(testCase.call):error=\(testCase.error):when=\(testCase.first)+"]
        let run = try DroverRun(
            ["run"], workspace.standInVariables(["SHUTDOWN_TIMEOUT": "5"]), path: workspace.standInPath(), by: strace)
        if testCase.isInStop {
            try run.wait(for: "the guest runs", within: 60)
            try run.signal(.terminate)
        }
        #expect(try run.waitForExit(within: 120) == .exited(testCase.exit), "\(run.lines.suffix(10))")
        #expect(run.lines.filter { $0.contains(testCase.message) }.count == 1, "\(run.lines.suffix(10))")
        // Twenty looks a second for a quarter of a minute, and what went before; a loop that spins makes as many in a moment.
        let count = try String(decoding: readFile(calls, limit: 1 << 20), as: UTF8.self).split(separator: "\n").count
        #expect(count < 3000)
    }
}
