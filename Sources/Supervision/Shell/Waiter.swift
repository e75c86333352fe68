import Linux

/// What the loop waits with: the descriptors that may be ready, the time, signals, and ended children.
///
/// Should the kernel refuse one of these for good, nothing is waited for any more: everything is looked at twenty times a
/// second, so that the guest can still be brought down.
final class Waiter {
    /// Between two looks at everything.
    private static let blindPause = Duration.milliseconds(50)

    let epoll: Epoll
    private let signals: SignalDescriptor
    private let timer: TimerDescriptor
    private var armedDeadline: Instant?
    private var sight = Sight.clear
    private var codeMemory = CodeMemory()

    private enum Sight {
        case clear
        /// Something has failed for good.
        case lost(reason: String, isTold: Bool)
    }

    /// - Parameter signals: made first thing in the process, so that no signal takes its default action.
    init(_ signals: SignalDescriptor) throws(Errno) {
        self.signals = signals
        epoll = try Epoll()
        timer = try TimerDescriptor()
        try epoll.add(signals.descriptor, token: Source.signals.token, .readable)
        try epoll.add(timer.descriptor, token: Source.timer.token, .readable)
    }

    /// Waits until something is ready, or until `deadline`; nil: for ever.
    ///
    /// - Returns: how many are ready, for `epoll`'s subscript; nil: everything is to be looked at.
    func wait(until deadline: Instant?) -> Int? {
        if case .clear = sight {
            do throws(Errno) {
                try arm(at: [deadline, codeMemory.release(at: .now())].compactMap { $0 }.min())
                return try epoll.wait()
            } catch {
                fail("events cannot be waited for: \(error)")
            }
        }
        let next = Instant.now() + Self.blindPause
        // It fails only when memory is short, and then the next look just comes sooner.
        _ = try? poll([], until: deadline.map { min($0, next) } ?? next)
        return nil
    }

    private func arm(at deadline: Instant?) throws(Errno) {
        guard deadline != armedDeadline else { return }
        try timer.arm(at: deadline)
        armedDeadline = deadline
    }

    /// The deadline has come: the timer is not readable any more.
    func disarm() {
        do throws(Errno) {
            try timer.arm(at: nil)
            armedDeadline = nil
        } catch {
            fail("the timer cannot be set: \(error)")
        }
    }

    func readSignals() -> [(signal: Signal, sender: Int32)] {
        do throws(Errno) {
            return try signals.read()
        } catch .wouldBlock {
            return []
        } catch {
            fail("signals cannot be read: \(error)")
            return []
        }
    }

    /// One ended child; nil when there is none.
    func reap() -> (pid: Int32, status: WaitStatus)? {
        do throws(Errno) {
            return try reapChild()
        } catch {
            fail("ended children cannot be collected: \(error)")
            return nil
        }
    }

    private func fail(_ reason: String) {
        if case .clear = sight { sight = .lost(reason: reason, isTold: false) }
    }

    /// What has failed for good, once.
    func untoldFailure() -> String? {
        guard case .lost(let reason, false) = sight else { return nil }
        sight = .lost(reason: reason, isTold: true)
        return reason
    }
}
