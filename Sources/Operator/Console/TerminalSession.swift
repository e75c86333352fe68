import Glibc
import Linux

/// A terminal in another mode, for as long as a subcommand talks to a person; `restore` brings back what was.
final class TerminalSession {
    let terminal: Descriptor
    private let original: TerminalMode
    private let mode: TerminalMode

    /// - Parameter change: from the mode the terminal has to the one it gets.
    init(_ terminal: Descriptor, _ change: (TerminalMode) -> TerminalMode) throws(ClientFailure) {
        do throws(Errno) {
            self.terminal = terminal
            original = try TerminalMode(of: terminal)
            mode = change(original)
            try mode.apply(to: terminal)
        } catch {
            throw ClientFailure(.broken, "the terminal cannot be set up: \(error)")
        }
    }

    /// After a shell has had the terminal while we were stopped.
    func resume() {
        try? mode.apply(to: terminal)
    }

    func restore() {
        try? original.apply(to: terminal)
    }

    /// What a guest may have left a terminal in, undone: the alternate screen, a hidden cursor, colours, a scroll
    /// region, application keys, mouse reports, bracketed paste, line drawing. Where a sequence would move the cursor,
    /// its place is saved before and restored after (xterm: ?1049l and the scroll region).
    static let reset =
        "\u{1B}7\u{1B}[?1049l\u{1B}7\u{1B}[r\u{1B}8\u{1B}[0m\u{1B}[?25h\u{1B}[?1l\u{1B}>\u{1B}[?7h"
        + "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1003l\u{1B}[?1006l\u{1B}[?2004l\u{1B}(B\u{F}\r\n"
}

extension Signal {
    /// SIGHUP, SIGINT, SIGQUIT and SIGTERM end a client; others do nothing while it holds a terminal.
    var endsSession: Bool { [SIGHUP, SIGINT, SIGQUIT, SIGTERM].contains(rawValue) }

    /// The exit code by which a shell knows that a signal ended a program.
    public var shellExitCode: Int32 { 128 + rawValue }
}
