import Glibc
import Linux

/// A process that a test has started, in a session of its own; that session is killed when this goes.
///
/// Not by Foundation's `Process`, whose children inherit the blocked signals of the thread they come from.
package final class ChildProcess {
    package let pid: Int32
    private let name: String
    private var status: WaitStatus?

    /// - Parameters:
    ///   - path: absolute.
    ///   - arguments: without argv[0], which is `path`.
    ///   - descriptors: the child's 0, 1, 2 …; nil leaves a number closed.
    package init(
        _ path: String, _ arguments: [String], environment: [String] = ["PATH=\(systemPath)"],
        descriptors: [Descriptor?]
    ) throws {
        name = ([path] + arguments).joined(separator: " ")
        pid = try Spawn(
            path: path, arguments: [path] + arguments, environment: environment, descriptors: descriptors,
            parentDeathSignal: .kill
        ).start()
    }

    /// - Parameter seen: for the message of a wait that fails: what the process has said.
    @discardableResult
    package func waitForExit(
        within seconds: Int = 30, seen: @autoclosure () -> String = "its output is not kept"
    ) throws -> WaitStatus {
        if let status { return status }
        guard try hasEnded(pid, within: seconds) else { throw TestFailure.missing("the end of \(name)", seen: seen()) }
        let status = try waitForChild(pid)
        self.status = status
        return status
    }

    package func signal(_ signal: Signal) throws {
        // The number may be another process's by now.
        guard status == nil else { throw TestFailure("\(name) has ended") }
        try Linux.send(signal, to: pid)
    }

    deinit {
        guard status == nil else { return }
        kill(-pid, SIGKILL)
        kill(pid, SIGKILL)
        // What SIGKILL does not end, nobody can wait for.
        if (try? hasEnded(pid, within: 30)) == true { _ = try? waitForChild(pid) }
    }
}

/// Waits until the process `pid` has ended, a child of ours or not (pidfd_open(2)).
package func waitForEnd(of pid: Int32, within seconds: Int = 30) throws {
    guard try hasEnded(pid, within: seconds) else {
        let state = try? String(decoding: readFile("/proc/\(pid)/status", limit: 1 << 16), as: UTF8.self)
        throw TestFailure.missing("the end of process \(pid)", seen: state ?? "")
    }
}

private func hasEnded(_ pid: Int32, within seconds: Int) throws -> Bool {
    let open = try hiddenFunction("pidfd_open", as: (@convention(c) (pid_t, UInt32) -> Int32).self)
    do throws(Errno) {
        let process = Descriptor(owning: try retryingInterrupts { open(pid, 0) })
        return try process.wait(until: .readable, .within(seconds))
    } catch {
        guard error.rawValue == ESRCH else { throw error }
        return true
    }
}

/// The children of a process, read off `/proc`.
package func children(of pid: Int32) throws -> [Int32] {
    let list = try readFile("/proc/\(pid)/task/\(pid)/children", limit: 65536)
    return String(decoding: list, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
}

/// The child of a process whose command line has `words`, which NULs part.
package func child(of pid: Int32, _ words: String) throws -> Int32 {
    for child in try children(of: pid) {
        guard let line = try? readFile("/proc/\(child)/cmdline", limit: 1 << 20) else { continue }
        if String(decoding: line, as: UTF8.self).contains(words) { return child }
    }
    throw TestFailure("process \(pid) has no child \(words.replacing("\0", with: " "))")
}
