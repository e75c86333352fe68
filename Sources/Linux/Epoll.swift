import CLinux
import Glibc

/// Waits for many descriptors at once (epoll(7), level-triggered).
public final class Epoll {
    public struct Interest: OptionSet, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let readable = Interest(rawValue: EPOLLIN.rawValue)
        public static let writable = Interest(rawValue: EPOLLOUT.rawValue)
        /// The other end is gone altogether, or the descriptor failed; reported whether asked for or not.
        public static let hungUp = Interest(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    }

    /// Reported by one wait at the most; the others are reported by the next.
    private static let capacity = 32

    private let descriptor: Descriptor
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)

    public init() throws(Errno) {
        descriptor = Descriptor(owning: try retryingInterrupts { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    /// - Throws: `.notPermitted` for a regular file, which is always ready.
    public func add(_ target: Descriptor, token: UInt64, _ interest: Interest) throws(Errno) {
        try control(EPOLL_CTL_ADD, target, token, interest)
    }

    public func modify(_ target: Descriptor, token: UInt64, _ interest: Interest) throws(Errno) {
        try control(EPOLL_CTL_MOD, target, token, interest)
    }

    public func remove(_ target: Descriptor) throws(Errno) {
        try control(EPOLL_CTL_DEL, target, 0, [])
    }

    private func control(
        _ operation: Int32, _ target: Descriptor, _ token: UInt64, _ interest: Interest
    ) throws(Errno) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        try retryingInterrupts { epoll_ctl(descriptor.rawValue, operation, target.rawValue, &event) }
    }

    deinit {
        events.deallocate()
    }

    /// Waits without a time limit (a timer is a descriptor too).
    ///
    /// - Returns: how many descriptors are ready: `self[0]`, `self[1]` …, until the next wait.
    public func wait() throws(Errno) -> Int {
        Int(
            try retryingInterrupts {
                epoll_wait(descriptor.rawValue, events, Int32(Self.capacity), -1)
            })
    }

    /// A descriptor that the last wait has found ready.
    public subscript(index: Int) -> (token: UInt64, ready: Interest) {
        (events[index].data.u64, Interest(rawValue: events[index].events))
    }
}
