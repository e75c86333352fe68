import Basics
import Glibc
import Linux
import Machine

/// A password from standard input: from a terminal twice and not shown, from a pipe or a file as one line.
public enum PasswordInput {
    /// In bytes.
    static let limit = 1024

    /// - Parameter prompt: writes to the person at the terminal.
    public static func read(from input: Descriptor, prompt: (String) -> Void) throws(ClientFailure) -> [UInt8] {
        guard input.isTerminal else { return try checked(withoutLineEnd(try readInput(input, limit: limit + 2))) }
        // A signal that would end us must not leave the terminal without echo.
        return try holdingSignals { () throws(ClientFailure) in try typedTwice(at: input, prompt) }
    }

    private static func typedTwice(
        at input: Descriptor, _ prompt: (String) -> Void
    ) throws(ClientFailure) -> [UInt8] {
        let signals: SignalDescriptor
        do throws(Errno) {
            signals = try SignalDescriptor()
        } catch {
            throw ClientFailure(.broken, "signals cannot be read: \(error)")
        }
        let terminal = try TerminalSession(input) { $0.withoutEcho }
        defer { terminal.restore() }
        prompt("new password: ")
        var first = try line(from: input, signals, prompt)
        prompt("\nonce more: ")
        var second = try line(from: input, signals, prompt)
        defer { wipe(&second) }
        prompt("\n")
        guard first == second else {
            wipe(&first)
            throw ClientFailure(.no, "the two passwords differ; nothing was changed")
        }
        return try checked(first)
    }

    private static func line(
        from input: Descriptor, _ signals: SignalDescriptor, _ prompt: (String) -> Void
    ) throws(ClientFailure) -> [UInt8] {
        do throws(Errno) {
            while true {
                let ready = try poll(
                    [PollRequest(signals.descriptor, readable: true), PollRequest(input, readable: true)], until: nil)
                if ready[0].isReadable, try signals.read().contains(where: { $0.signal.endsSession }) {
                    prompt("\n")
                    throw .interrupted
                }
                if ready[1].isReadable {
                    // A terminal gives a line at a time.
                    var bytes = [UInt8](repeating: 0, count: 4096)
                    let count = try input.read(into: &bytes)
                    bytes.removeSubrange(count...)
                    return withoutLineEnd(bytes)
                }
            }
        } catch .interrupted {
            throw ClientFailure(.no, "nothing was changed")
        } catch {
            throw ClientFailure(.broken, "the terminal cannot be read: \(error)")
        }
    }

    /// The password that is the one line of a file.
    public static func read(file path: String) throws(ClientFailure) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try readFile(path, limit: limit + 2)
        } catch .tooLarge {
            throw ClientFailure(.usage, "\(quoted(path)) is longer than \(limit) bytes; name a file with a password")
        } catch {
            let exit: ClientExit = error == .permissionDenied ? .notPermitted : .absent
            throw ClientFailure(exit, "\(quoted(path)) cannot be read: \(error); name a file with a password")
        }
        return try checked(withoutLineEnd(bytes), source: "in \(quoted(path))")
    }

    static func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes
    }

    static func checked(
        _ password: [UInt8], source: String = "on standard input"
    ) throws(ClientFailure) -> [UInt8] {
        let fault: String? =
            if password.isEmpty {
                "is empty"
            } else if password.count > limit {
                "is longer than \(limit) bytes"
            } else if password.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) {
                "holds a line break or a NUL byte"
            } else {
                nil
            }
        if let fault {
            throw ClientFailure(.usage, "the password \(source) \(fault); give it as one line of text")
        }
        return password
    }
}
