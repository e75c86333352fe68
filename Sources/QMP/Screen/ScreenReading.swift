import JSON

/// PID 1's reading of the guest's screen: what it asks QEMU for, in which order, and who gets the answer. No I/O and no clock.
///
/// One reading is under way at a time; who asks meanwhile gets the next. So a stop's own commands wait for one at the most.
public struct ScreenReading: Sendable {
    public enum Asker: Equatable, Sendable {
        case client(QMPServer.Ticket)
        /// The stop under way.
        case stop
    }

    public enum Action: Equatable, Sendable {
        case send(QMPCommand)
        case answer(QMPServer.Ticket, QMPServer.Answer)
        /// For the stop under way.
        case show(DroverScreen)
    }

    private enum State: Sendable {
        case idle
        /// Awaits the memory, and before it the register that the guest has selected.
        case looking(selected: UInt8?)
        /// The screen may begin anywhere: awaits the two bytes of its beginning, then the memory.
        case locating(start: [UInt8])
    }

    private var state = State.idle
    private var waiting: [Asker] = []
    private var askers: [Asker] = []

    public init() {}

    /// Of PID 1's own commands, no others are lines for the human monitor.
    public static func owns(_ command: QMPCommand) -> Bool { command.name == TextMemory.command.name }

    public mutating func ask(_ asker: Asker) -> [Action] {
        waiting.append(asker)
        return startIfIdle()
    }

    private mutating func startIfIdle() -> [Action] {
        guard case .idle = state, !waiting.isEmpty else { return [] }
        (askers, waiting, state) = (waiting, [], .looking(selected: nil))
        return [.send(Self.selected), .send(TextMemory.command)]
    }

    // The adapter's CRT controller has one port to select a register and one to read it, and `i /b PORT.REGISTER` does both at
    // once. That takes the selection away from the guest, which may be about to write; so it is done only where it must be,
    // for a guest that has scrolled by moving the screen (Linux, which selects and writes at once), and put back.
    private static let selected = QMPCommand.human("i /b 0x3d4")
    private static let startHigh = QMPCommand.human("i /b 0x3d4.0xc")
    private static let startLow = QMPCommand.human("i /b 0x3d4.0xd")

    public mutating func answered(_ command: QMPCommand, _ result: JSONValue) -> [Action] {
        switch state {
        case .idle:
            return []
        case .looking(let selected):
            if command == Self.selected { state = .looking(selected: Self.byte(result)) }
            guard command == TextMemory.command else { return [] }
            guard let memory = TextMemory(result) else { return fail(result) }
            guard !memory.isOnePage, let selected else { return deliver(memory.screen(at: 0)) }
            state = .locating(start: [])
            let restore = QMPCommand.human("o /b 0x3d4 \(selected)")
            return [.send(Self.startHigh), .send(Self.startLow), .send(restore), .send(TextMemory.command)]
        case .locating(var start):
            if command == Self.startHigh || command == Self.startLow, let byte = Self.byte(result) {
                start.append(byte)
                state = .locating(start: start)
            }
            guard command == TextMemory.command else { return [] }
            guard start.count == 2, let memory = TextMemory(result) else { return fail(result) }
            return deliver(memory.screen(at: Int(start[0]) << 8 | Int(start[1])))
        }
    }

    public mutating func refused(_ reason: String) -> [Action] {
        if case .idle = state { return [] }
        return finish(.failure(desc: "the guest's screen cannot be read: \(reason)"), nil)
    }

    private mutating func fail(_ answer: JSONValue) -> [Action] {
        let words = String(visible: (answer.string ?? []).prefix(200), limit: 200)
        return refused("QEMU's answer is not understood: \(words)")
    }

    private mutating func deliver(_ screen: DroverScreen) -> [Action] {
        finish(.success(screen.jsonValue.encoded()), screen)
    }

    private mutating func finish(_ answer: QMPServer.Answer, _ screen: DroverScreen?) -> [Action] {
        let asked = askers
        (askers, state) = ([], .idle)
        let actions = asked.map { asker -> Action in
            switch asker {
            case .client(let ticket): .answer(ticket, answer)
            case .stop: .show(screen ?? .none)
            }
        }
        return actions + startIfIdle()
    }

    /// Of `portb[0x03d5] = 0x0f`.
    private static func byte(_ answer: JSONValue) -> UInt8? {
        guard let text = answer.text, let mark = text.utf8.lastIndex(of: UInt8(ascii: "x")) else { return nil }
        return UInt8(text[text.index(after: mark)...].prefix { $0.isHexDigit }, radix: 16)
    }
}
