import Basics
import Linux

/// The clients of console.sock, wherever it is served.
final class ConsolePort {
    private let listeners: [(source: Source, listener: Listener)]
    private let epoll: Epoll
    private let reader: Reader
    private let log: Log
    private var hub = ConsoleHub()
    private var connections: [ConsoleHub.ViewerID: Connection] = [:]

    init(_ sockets: ControlSockets, epoll: Epoll, reader: Reader, log: Log) {
        var served: [(Source, ListeningSocket)] = [(.consoleListener, sockets.console)]
        if let socket = sockets.screenConsole { served.append((.screenConsoleListener, socket)) }
        listeners = served.map { ($0, Listener($1, $0, epoll: epoll, log: log)) }
        self.epoll = epoll
        self.reader = reader
        self.log = log
    }

    var deadline: Instant? { listeners.compactMap(\.listener.deadline).min() }

    func listen() {
        for (_, listener) in listeners { listener.listen() }
    }

    func deadlineReached(at now: Instant) {
        for (_, listener) in listeners { listener.deadlineReached(at: now) }
    }

    /// - Parameter source: where somebody has connected.
    func accept(at source: Source) {
        listeners.first { $0.source == source }?.listener.accept { descriptor, _ throws(Errno) in
            let (viewer, leaving) = hub.attach()
            if let leaving {
                let limit = "there are \(ConsoleHub.viewerLimit) viewers"
                drop(leaving, reason: "\(limit), and it has been idle for longest")
            }
            do throws(Errno) {
                connections[viewer] = try Connection(descriptor, .viewer(viewer), in: epoll)
            } catch {
                hub.detach(viewer)
                throw error
            }
            return nil
        }
    }

    /// What was typed is to be written to the guest afterwards.
    func isReady(_ viewer: ConsoleHub.ViewerID, _ ready: Epoll.Interest) {
        guard let connection = connections[viewer] else { return }
        if ready.contains(.writable) { connection.canWrite() }
        if ready.contains(.readable) {
            switch reader.read(connection.descriptor) {
            case .bytes(let bytes):
                hub.typed(bytes, by: viewer)
                return
            case .end:
                // It may go on watching.
                connection.isInputOver = true
                connection.wait(forInput: false)
            case .nothing:
                break
            }
        }
        if !ready.isDisjoint(with: .hungUp) { drop(viewer, reason: nil) }
    }

    func guestWrote(_ bytes: UnsafeRawBufferPointer) {
        for viewer in hub.guestWrote(bytes) { drop(viewer, reason: "it does not read") }
    }

    /// Hands what was typed to `write`, which says how many bytes the guest took; the viewers are heard again when there is
    /// room.
    func writeInput(_ write: ([UInt8], Int) -> Int) {
        hub.writeInput(write)
        for connection in connections.values { connection.wait(forInput: hub.takesInput) }
    }

    /// What was typed for a QEMU that has gone is not for the next.
    func forgetInput() {
        hub.forgetInput()
    }

    func writeOutput() {
        for (viewer, connection) in connections {
            hub.writeOutput(for: viewer) { connection.write($0, from: $1) }
            connection.wait(forInput: hub.takesInput)
        }
    }

    var sources: [Source] { listeners.map(\.source) + connections.keys.map { .viewer($0) } }

    private func drop(_ viewer: ConsoleHub.ViewerID, reason: String?) {
        connections[viewer] = nil
        hub.detach(viewer)
        if let reason { log.write("a viewer of the console was dropped: \(reason)", provoked: .clientDropped) }
    }
}
