import Glibc
import Linux

/// drover on a terminal of its own, driven as a person would.
package final class PseudoTerminal {
    /// As the build of the tests leaves it, or what DROVER_BINARY names.
    package static let binary = environment("DROVER_BINARY") ?? "\(repository)/.build/debug/drover"

    /// nil after `hangUp`, as `output` is.
    private var terminal: TerminalPair?
    private var output: Transcript?
    private let before: [UInt8]
    private let process: ChildProcess

    package init(_ arguments: [String], directory: String) throws {
        let terminal = try TerminalPair()
        before = try Self.mode(terminal.slave)
        self.terminal = terminal
        output = Transcript(of: terminal.master, named: "drover's terminal")
        process = try ChildProcess(
            Self.binary, arguments, environment: ["DROVER_RUNTIME_DIR=\(directory)"],
            descriptors: [terminal.slave, terminal.slave, terminal.slave])
    }

    private static func mode(_ terminal: Descriptor) throws -> [UInt8] {
        var settings = termios()
        try retryingInterrupts { tcgetattr(terminal.rawValue, &settings) }
        return withUnsafeBytes(of: &settings) { Array($0) }
    }

    /// Whether the terminal is in the mode it had before drover came.
    package var isAsBefore: Bool { (try? terminal.map { try Self.mode($0.slave) }) == before }

    package func type(_ text: String) throws {
        try terminal?.master.deliver(Array(text.utf8))
    }

    /// Reads until `text` has come, and forgets what came up to its end.
    ///
    /// - Returns: what came before it.
    @discardableResult
    package func wait(for text: String) throws -> String {
        guard let output else { throw TestFailure("the window is closed") }
        return try output.wait(for: text)
    }

    package func signal(_ number: Int32) throws {
        try process.signal(Signal(rawValue: number))
    }

    /// The window is closed.
    package func hangUp() {
        terminal = nil
        output = nil
    }

    package func waitForExit() throws -> WaitStatus {
        try process.waitForExit(seen: output?.text ?? "the window is closed")
    }
}
