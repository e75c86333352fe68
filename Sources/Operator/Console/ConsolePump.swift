/// What is on its way between a person, or a pipe, and the guest's console; bounded both ways.
struct ConsolePump: Sendable {
    /// Bytes that wait in one direction, at the most.
    static let limit = 64 << 10
    /// Ctrl-].
    static let detachKey: UInt8 = 0x1D

    private(set) var toGuest: [UInt8] = []
    private(set) var toScreen: [UInt8] = []
    /// At a terminal Ctrl-] must be seen even when the guest takes nothing: what is over the bound is dropped. A pipe waits.
    private let isTerminal: Bool

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    var wantsInput: Bool { isTerminal || toGuest.count < Self.limit }
    var wantsOutput: Bool { toScreen.count < Self.limit }

    /// Takes what was typed.
    ///
    /// - Returns: whether the detach key is in it; what comes before it is taken, what follows is not.
    mutating func typed(_ bytes: ArraySlice<UInt8>) -> Bool {
        let end = isTerminal ? bytes.firstIndex(of: Self.detachKey) : nil
        let taken = bytes[..<(end ?? bytes.endIndex)]
        toGuest += isTerminal ? taken.prefix(max(Self.limit - toGuest.count, 0)) : taken
        return end != nil
    }

    /// Takes what the guest has written.
    mutating func shown(_ bytes: ArraySlice<UInt8>) { toScreen += bytes }

    mutating func sentToGuest(_ count: Int) { toGuest.removeFirst(count) }
    mutating func writtenToScreen(_ count: Int) { toScreen.removeFirst(count) }
    mutating func dropToGuest() { toGuest = [] }
}
