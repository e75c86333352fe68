import Glibc

/// One descriptor to wait for, and for what (poll(2)).
public struct PollRequest {
    public let descriptor: Descriptor
    public var readable: Bool
    public var writable: Bool

    public init(_ descriptor: Descriptor, readable: Bool = false, writable: Bool = false) {
        self.descriptor = descriptor
        self.readable = readable
        self.writable = writable
    }
}

/// What poll(2) has found of a descriptor. The other end's going makes it both, so that the next call tells.
public struct PollResult: Equatable, Sendable {
    public let isReadable: Bool
    public let isWritable: Bool

    public init(isReadable: Bool, isWritable: Bool) {
        self.isReadable = isReadable
        self.isWritable = isWritable
    }
}

/// Waits until one of the descriptors is ready or `deadline` has come (nil: for ever).
///
/// A descriptor that is asked for nothing is left out, so that a hang-up on it does not end every wait at once.
///
/// - Returns: one result for each request, all of them false at the deadline.
public func poll(_ requests: [PollRequest], until deadline: Instant?) throws(Errno) -> [PollResult] {
    var entries = requests.map { request in
        let events = (request.readable ? POLLIN : 0) | (request.writable ? POLLOUT : 0)
        return pollfd(fd: events == 0 ? -1 : request.descriptor.rawValue, events: Int16(events), revents: 0)
    }
    try retryingInterrupts {
        // Rounded up, or the last millisecond would be spent in a busy loop; computed again after each interrupt.
        let left = deadline.map { max((($0 - .now()).nanoseconds + 999_999) / 1_000_000, 0) } ?? -1
        return Glibc.poll(&entries, nfds_t(entries.count), Int32(clamping: left))
    }
    return zip(requests, entries).map { request, entry in
        let hasEnded = Int32(entry.revents) & (POLLERR | POLLHUP | POLLNVAL) != 0
        return PollResult(
            isReadable: request.readable && (hasEnded || Int32(entry.revents) & POLLIN != 0),
            isWritable: request.writable && (hasEnded || Int32(entry.revents) & POLLOUT != 0))
    }
}
