import CLinux
import Glibc

/// How a terminal treats what is typed (termios(3)).
public struct TerminalMode {
    private var settings: termios

    /// The mode the terminal has now.
    ///
    /// - Throws: `.notTerminal`
    public init(of terminal: Descriptor) throws(Errno) {
        var settings = termios()
        try retryingInterrupts { tcgetattr(terminal.rawValue, &settings) }
        self.settings = settings
    }

    /// Every byte comes as it is typed and goes as it is written (cfmakeraw(3)).
    public var raw: TerminalMode {
        var mode = self
        cfmakeraw(&mode.settings)
        return mode
    }

    /// Every byte comes as it is typed; what is written is treated as before.
    public var keyByKey: TerminalMode {
        var mode = raw
        mode.settings.c_oflag = settings.c_oflag
        return mode
    }

    /// Lines as before, but not shown, and their end neither.
    public var withoutEcho: TerminalMode {
        var mode = self
        mode.settings.c_lflag &= ~tcflag_t(ECHO | ECHONL)
        return mode
    }

    /// tcsetattr(3), at once: to wait for the output to drain would be to wait for whoever reads the terminal.
    public func apply(to terminal: Descriptor) throws(Errno) {
        var settings = settings
        try retryingInterrupts { tcsetattr(terminal.rawValue, TCSANOW, &settings) }
    }
}

extension Descriptor {
    /// isatty(3).
    public var isTerminal: Bool { isatty(rawValue) == 1 }

    /// The columns of the terminal's window; nil when it is none, or does not say.
    public var terminalColumns: Int? {
        let columns = clinux_terminal_columns(rawValue)
        return columns > 0 ? Int(columns) : nil
    }
}
