import Linux

/// The log on its way to stdout, whose reader is never waited for.
final class LogOutput {
    /// How long the reader may take for the last lines.
    private static let drainTime = Duration.seconds(2)

    private enum State {
        case open
        /// The reader is behind; epoll says when it takes more.
        case awaited
        /// The reader has gone; there will be no other.
        case closed
    }

    private let log: Log
    private let sink: OutputSink
    private let epoll: Epoll
    private var state = State.open

    init(_ log: Log, epoll: Epoll) throws(Errno) {
        self.log = log
        self.epoll = epoll
        sink = try OutputSink()
    }

    func write() {
        guard state == .open else { return }
        switch sink.write(from: log, limit: sink.isAlwaysReady ? .max : Reader.turn) {
        case .drained: break
        case .closed: state = .closed
        case .full: waitForReader()
        }
    }

    /// The descriptor is in the epoll set only while it is waited for: one without a reader is always reported.
    private func waitForReader() {
        do throws(Errno) {
            try epoll.add(sink.descriptor, token: Source.output.token, .writable)
            state = .awaited
        } catch {
            state = .closed
        }
    }

    func isReady() {
        guard state == .awaited else { return }
        state = .open
        try? epoll.remove(sink.descriptor)
    }

    /// Writes what is left, for as long as the reader takes it.
    func finish() {
        log.tellAll()
        sink.drain(log, until: .now() + Self.drainTime)
    }
}
