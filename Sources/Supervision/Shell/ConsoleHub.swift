import QMP

/// The guest's first serial port for any number of viewers: the last of what it wrote, what each viewer has still to get,
/// and what they typed that the guest has still to take.
struct ConsoleHub: Sendable {
    typealias ViewerID = UInt32

    /// A screenful of long lines.
    static let replaySize = 16 << 10
    /// What a viewer may be behind.
    static let backlogLimit = 1 << 20
    static let viewerLimit = 16
    /// What may wait to be taken by QEMU; more is left with the viewers.
    static let inputLimit = 16 << 10

    private var recent: [UInt8] = []
    private var outboxes: [ViewerID: Outbox] = [:]
    /// The one that has typed nothing for longest comes first.
    private var order: [ViewerID] = []
    private var lastID: ViewerID = 0
    /// What the viewers typed and the guest has not taken.
    private var input = Outbox()

    /// Takes a viewer in. When there are as many as can be, the one that has typed nothing for longest goes: a console
    /// that somebody has left behind must not keep others out.
    mutating func attach() -> (viewer: ViewerID, leaving: ViewerID?) {
        let leaving = outboxes.count < Self.viewerLimit ? nil : order.first
        if let leaving { detach(leaving) }
        lastID += 1
        order.append(lastID)
        var outbox = Outbox()
        outbox.append(replay)
        outboxes[lastID] = outbox
        return (lastID, leaving)
    }

    mutating func detach(_ viewer: ViewerID) {
        outboxes[viewer] = nil
        order.removeAll { $0 == viewer }
    }

    /// The last of what the guest wrote, from the beginning of a line when there was more.
    private var replay: ArraySlice<UInt8> {
        let last = recent.suffix(Self.replaySize)
        guard recent.count > Self.replaySize, let lineEnd = last.firstIndex(of: UInt8(ascii: "\n")) else { return last }
        return last[(lineEnd + 1)...]
    }

    /// - Returns: the viewers who are too far behind to be kept.
    mutating func guestWrote(_ bytes: UnsafeRawBufferPointer) -> [ViewerID] {
        // Rebased, which is copied in one go; a slice goes byte by byte.
        recent += UnsafeRawBufferPointer(rebasing: bytes.suffix(Self.replaySize + 1))
        // Moved now and then, not at every line.
        if recent.count > 4 * Self.replaySize { recent.removeFirst(recent.count - Self.replaySize - 1) }
        var behind: [ViewerID] = []
        for viewer in outboxes.keys {
            outboxes[viewer]?.append(bytes)
            if outboxes[viewer]?.count ?? 0 > Self.backlogLimit { behind.append(viewer) }
        }
        return behind
    }

    /// Hands what `viewer` has still to get to `write`, which says how many bytes it took.
    mutating func writeOutput(for viewer: ViewerID, _ write: ([UInt8], Int) -> Int) {
        // Taken out, or discarding would copy what another still holds.
        guard var outbox = outboxes.removeValue(forKey: viewer) else { return }
        if !outbox.isEmpty { outbox.discard(first: write(outbox.bytes, outbox.start)) }
        outboxes[viewer] = outbox
    }

    var takesInput: Bool { input.count < Self.inputLimit }

    mutating func typed(_ bytes: UnsafeRawBufferPointer, by viewer: ViewerID) {
        input.append(bytes)
        order.removeAll { $0 == viewer }
        order.append(viewer)
    }

    /// What was typed for a QEMU that has gone is not for the next.
    mutating func forgetInput() {
        input = Outbox()
    }

    /// Hands what was typed to `write`, which says how many bytes the guest took.
    mutating func writeInput(_ write: ([UInt8], Int) -> Int) {
        if !input.isEmpty { input.discard(first: write(input.bytes, input.start)) }
    }
}
