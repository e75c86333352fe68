import Linux

/// A descriptor in the event loop's epoll set, and what is waited for on it.
final class Connection {
    let descriptor: Descriptor
    private let token: UInt64
    private let epoll: Epoll
    private var interest: Epoll.Interest
    /// The other end takes no more for now; epoll says when it does.
    private var isBlocked = false
    /// The other end sends no more.
    var isInputOver = false

    /// Closing the descriptor takes it out of the set.
    init(_ descriptor: Descriptor, _ source: Source, in epoll: Epoll) throws(Errno) {
        (self.descriptor, self.token, self.epoll, self.interest) = (descriptor, source.token, epoll, .readable)
        try epoll.add(descriptor, token: token, interest)
    }

    /// - Parameter input: whether what comes can be taken. What is to be written is waited for by itself.
    func wait(forInput input: Bool) {
        let reading: Epoll.Interest = input && !isInputOver ? .readable : []
        let wanted = isBlocked ? reading.union(.writable) : reading
        guard wanted != interest else { return }
        interest = wanted
        // It is in the set: this fails only when memory is short, and at worst the old interest wakes us too often.
        try? epoll.modify(descriptor, token: token, wanted)
    }

    func canWrite() {
        isBlocked = false
    }

    /// Writes `bytes` from `start` as far as they are taken.
    ///
    /// - Returns: how many were; none when the other end has gone, too: epoll reports that by itself.
    func write(_ bytes: [UInt8], from start: Int) -> Int {
        guard !isBlocked, start < bytes.count else { return 0 }
        let count = (try? descriptor.write(bytes, from: start)) ?? 0
        isBlocked = start + count < bytes.count
        return count
    }

    func leave() {
        try? epoll.remove(descriptor)
    }
}
