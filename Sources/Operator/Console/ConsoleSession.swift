import Linux

/// `drover console`: a terminal, or a pair of pipes, attached to the guest's first serial port.
public final class ConsoleSession {
    public enum End: Equatable, Sendable {
        /// Ctrl-].
        case detached
        /// PID 1 has closed the console: the run has ended.
        case closed
        /// Nobody reads our output, or types, any more.
        case abandoned
        case signal(Signal)
    }

    private let connection: Descriptor
    private let input: StandardStream
    private let output: StandardStream
    private let signals: SignalDescriptor
    private let isTerminal: Bool
    private var pump: ConsolePump
    private var inputHasEnded = false
    private var connectionHasEnded = false
    private var takesInput = true

    public init(
        _ connection: Descriptor, input: StandardStream, output: StandardStream, signals: SignalDescriptor
    ) {
        self.connection = connection
        self.input = input
        self.output = output
        self.signals = signals
        isTerminal = input.descriptor.isTerminal
        pump = ConsolePump(isTerminal: isTerminal)
    }

    /// Stays until one of `End` has come; the terminal is then as it was.
    public func run() throws(ClientFailure) -> End {
        let terminal = isTerminal ? try TerminalSession(input.descriptor, { $0.raw }) : nil
        defer {
            terminal?.restore()
            if output.descriptor.isTerminal { _ = output.write(TerminalSession.reset, patience: .seconds(1)) }
        }
        do throws(Errno) {
            while true {
                if let end = try turn(terminal) { return end }
            }
        } catch {
            throw ClientFailure(.broken, "the console is lost: \(error)")
        }
    }

    /// Waits once, and moves what can be moved.
    private func turn(_ terminal: TerminalSession?) throws(Errno) -> End? {
        if connectionHasEnded, pump.toScreen.isEmpty { return .closed }
        let ready = try poll(
            [
                PollRequest(signals.descriptor, readable: true),
                PollRequest(input.descriptor, readable: !inputHasEnded && pump.wantsInput),
                PollRequest(
                    connection, readable: !connectionHasEnded && pump.wantsOutput,
                    writable: !connectionHasEnded && takesInput && !pump.toGuest.isEmpty),
                PollRequest(output.descriptor, writable: !pump.toScreen.isEmpty),
            ], until: nil)

        if ready[0].isReadable {
            for (signal, _) in try signals.read() {
                if signal.endsSession { return .signal(signal) }
                if signal == .continue { terminal?.resume() }
            }
        }
        if ready[1].isReadable, let end = readInput() { return end }
        if ready[2].isWritable { sendToGuest() }
        if ready[2].isReadable { readGuest() }
        if ready[3].isWritable { return writeScreen() }
        return nil
    }

    private func readInput() -> End? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        do throws(Errno) {
            let count = try input.descriptor.read(into: &buffer)
            if count == 0 { return endOfInput() }
            // With the last keys still on their way: one try is what a terminal gets.
            guard pump.typed(buffer[..<count]) else { return nil }
            sendToGuest()
            return .detached
        } catch .wouldBlock {
            return nil
        } catch {
            return endOfInput()
        }
    }

    /// A terminal that has gone ends it. A pipe that has ended does not: the guest's answer is still to come.
    private func endOfInput() -> End? {
        inputHasEnded = true
        return isTerminal ? .abandoned : nil
    }

    private func sendToGuest() {
        do throws(Errno) {
            pump.sentToGuest(try connection.send(pump.toGuest))
        } catch .wouldBlock {
        } catch {
            // The end of the stream, which the reading side will see, says it all.
            takesInput = false
            pump.dropToGuest()
        }
    }

    private func readGuest() {
        var buffer = [UInt8](repeating: 0, count: 16384)
        do throws(Errno) {
            let count = try connection.read(into: &buffer)
            if count == 0 { connectionHasEnded = true }
            pump.shown(buffer[..<count])
        } catch .wouldBlock {
        } catch {
            connectionHasEnded = true
        }
    }

    private func writeScreen() -> End? {
        do throws(Errno) {
            pump.writtenToScreen(try output.descriptor.write(pump.toScreen))
        } catch .wouldBlock {
        } catch {
            return .abandoned
        }
        return nil
    }
}
