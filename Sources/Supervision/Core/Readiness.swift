/// Whether the guest has shown on its console that it is ready (`READY_CHECK=console:TEXT`), since its last reset.
struct Readiness: Equatable, Sendable {
    private enum State { case notAsked, awaited, seen }

    private var state: State

    /// - Parameter pattern: nil: readiness is not the console's business.
    init(pattern: String?) {
        state = pattern == nil ? .notAsked : .awaited
    }

    /// Lines are worth looking into.
    var isAwaited: Bool { state == .awaited }
    var isSeen: Bool { state == .seen }

    mutating func patternSeen() {
        if state == .awaited { state = .seen }
    }

    /// The machine was reset, or another was started: what was seen before does not count.
    mutating func reset() {
        if state == .seen { state = .awaited }
    }
}

extension Supervisor {
    /// As far as PID 1 can tell: what answers on the network, the health check finds out.
    var isReady: Bool { readiness.isSeen || agent?.isAnswering == true }

    /// What a line of the console could tell.
    var awaitedOnConsole: ConsoleWatch.Awaited {
        var awaited = ConsoleWatch.Awaited(readiness: readiness.isAwaited)
        if case .stopping(let stop) = state { awaited.shutdown = stop.instance.guest.shutdownLine == nil }
        return awaited
    }
}
