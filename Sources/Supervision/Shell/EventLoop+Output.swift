import Linux

// The log on its way to stdout.
extension EventLoop {
    func writeOutput() {
        guard !outputIsAwaited, !outputIsClosed else { return }
        switch output.write(from: log, limit: output.isAlwaysReady ? .max : Self.turn) {
        case .drained: break
        case .closed: outputIsClosed = true
        case .full: awaitOutput()
        }
    }

    /// The descriptor is in the epoll set only while it is waited for: one without a reader is always reported.
    private func awaitOutput() {
        do throws(Errno) {
            try epoll.add(output.descriptor, token: Source.output.token, .writable)
            outputIsAwaited = true
        } catch {
            outputIsClosed = true
        }
    }

    func outputIsReady() {
        outputIsAwaited = false
        try? epoll.remove(output.descriptor)
    }
}
