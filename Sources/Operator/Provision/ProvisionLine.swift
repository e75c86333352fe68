import Linux
import QMP

/// How what `drover provision` types gets to the guest, and what the guest writes comes back.
protocol ProvisionLine: AnyObject {
    func type(_ bytes: [UInt8]) throws(ClientFailure)
    /// Not all of it has been typed. The dialogue has to wait.
    var isTyping: Bool { get }
    /// Waits for what comes next, until `deadline`, or until `signals` can be read.
    func wait(until deadline: Instant, or signals: Descriptor) throws(ClientFailure) -> [ProvisionDialogue.Event]
}

/// The guest's first serial port.
final class ProvisionSerialLine: ProvisionLine {
    private let connection: Descriptor
    private var toGuest: [UInt8] = []
    /// What lies in PID 1 and the guest's port is as good as typed.
    let isTyping = false

    init(_ sockets: RuntimeSockets) throws(ClientFailure) {
        connection = try RuntimeSockets.connect(to: sockets.console, until: .now() + .seconds(5))
    }

    func type(_ bytes: [UInt8]) { toGuest += bytes }

    func wait(until deadline: Instant, or signals: Descriptor) throws(ClientFailure) -> [ProvisionDialogue.Event] {
        do throws(Errno) {
            let ready = try poll(
                [
                    PollRequest(signals, readable: true),
                    PollRequest(connection, readable: true, writable: !toGuest.isEmpty),
                ], until: deadline)
            let events = ready[1].isReadable ? read() : []
            if ready[1].isWritable { send() }
            return events
        } catch {
            throw ClientFailure(.broken, "the console is lost: \(error)")
        }
    }

    private func read() -> [ProvisionDialogue.Event] {
        var buffer = [UInt8](repeating: 0, count: 16384)
        do throws(Errno) {
            let count = try connection.read(into: &buffer)
            return [count == 0 ? .consoleClosed : .output(Array(buffer[..<count]))]
        } catch .wouldBlock {
            return []
        } catch {
            return [.consoleClosed]
        }
    }

    private func send() {
        do throws(Errno) {
            toGuest.removeFirst(try connection.send(toGuest))
        } catch .wouldBlock {
        } catch {
            // The reading side sees the end of the stream as well, and tells.
            toGuest = []
        }
    }
}

/// The guest's text screen and keyboard.
final class ProvisionScreenLine: ProvisionLine {
    /// Often enough for a prompt that comes in pieces (`ProvisionDialogue.settling`).
    private static let interval = Duration.milliseconds(250)

    private let client: QMPClient
    private var presses: [KeyPress] = []
    private var stream = ScreenStream()
    private var nextLook = Instant.now()
    var isTyping: Bool { !presses.isEmpty }

    init(_ sockets: RuntimeSockets) throws(ClientFailure) {
        client = try QMPClient.connect(to: sockets.qmp, until: .now() + .seconds(5))
    }

    func type(_ bytes: [UInt8]) throws(ClientFailure) {
        try Typing.checkGuestHears(client)
        // Of what the dialogue types there is a key for everything (`ProvisionOptions.check`).
        presses += (try? KeyPress.typing(String(decoding: bytes, as: UTF8.self))) ?? []
    }

    func wait(until deadline: Instant, or signals: Descriptor) throws(ClientFailure) -> [ProvisionDialogue.Event] {
        if isTyping {
            try Typing.press(presses.removeFirst(), client)
            return isTyping ? [] : [.typed]
        }
        do throws(Errno) {
            let ready = try poll([PollRequest(signals, readable: true)], until: min(deadline, nextLook))
            if ready[0].isReadable { return [] }
        } catch {
            throw ClientFailure(.broken, "signals cannot be waited for: \(error)")
        }
        guard nextLook <= .now() else { return [] }
        let bytes = stream.bytes(of: try Screen.read(client, cursor: true, until: .now() + .seconds(30)))
        nextLook = .now() + Self.interval
        return bytes.isEmpty ? [] : [.output(bytes)]
    }
}
