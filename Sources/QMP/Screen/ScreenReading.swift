import JSON

/// PID 1's reading of the guest's screen: what it asks QEMU for, in which order, and who gets the answer. No I/O and no clock.
///
/// One reading is under way at a time; who asks meanwhile gets the next. So a stop's own commands wait for one at the most.
public struct ScreenReading: Sendable {
    public enum Asker: Equatable, Sendable {
        case client(QMPServer.Ticket, wantsCursor: Bool)
        /// PID 1 itself.
        case supervisor

        fileprivate var wantsCursor: Bool { if case .client(_, true) = self { true } else { false } }
    }

    public enum Action: Equatable, Sendable {
        case send(QMPCommand)
        case answer(QMPServer.Ticket, QMPServer.Answer)
        /// For PID 1 itself.
        case show(DroverScreen)
    }

    /// What QEMU has answered so far.
    private struct Known: Sendable {
        var isUsualMode = true
        /// The register that the guest has selected.
        var selected: UInt8?
        var registers = TextRegisters()
    }

    /// Nil: no reading is under way.
    private var known: Known?
    private var waiting: [Asker] = []
    private var askers: [Asker] = []

    public init() {}

    /// Of PID 1's own lines for the human monitor, all but one are a reading's.
    public static func owns(_ command: QMPCommand) -> Bool {
        command.name == TextMemory.command.name && command != CPURegisters.command
    }

    public mutating func ask(_ asker: Asker) -> [Action] {
        waiting.append(asker)
        return startIfIdle()
    }

    private mutating func startIfIdle() -> [Action] {
        guard known == nil, !waiting.isEmpty else { return [] }
        (askers, waiting, known) = (waiting, [], Known())
        return [.send(BIOSMode.command), .send(Self.selected), .send(TextMemory.command)]
    }

    // The adapter's CRT controller has one port to select a register and one to read it, and `i /b PORT.REGISTER` does both at
    // once. That takes the selection away from a guest that is about to write there (GNU Mach and GRUB select and write in two
    // steps, Linux in one), so no register is read that is not needed, and the selection is put back. Of those of the cursor
    // a guest sets the place with the next character.
    private static let selected = QMPCommand.human("i /b 0x3d4")

    private static func reading(_ register: UInt8) -> QMPCommand {
        .human("i /b 0x3d4.0x\(String(register, radix: 16))")
    }

    public mutating func answered(_ command: QMPCommand, _ result: JSONValue) -> [Action] {
        guard known != nil else { return [] }
        switch command {
        case BIOSMode.command:
            known?.isUsualMode = BIOSMode(result).isUsual
        case Self.selected:
            known?.selected = Self.byte(result)
        case TextMemory.command:
            guard let memory = TextMemory(result) else { return fail(result) }
            return read(memory)
        default:
            let all = TextRegisters.ofLayout + TextRegisters.ofCursor
            guard let register = all.first(where: { Self.reading($0) == command }) else { return [] }
            guard let value = Self.byte(result) else { return fail(result) }
            known?.registers.values[register] = value
        }
        return []
    }

    /// The text that is shown, or nothing of it until more registers are read; and then it is read again.
    private mutating func read(_ memory: TextMemory) -> [Action] {
        guard let known else { return [] }
        let layout = known.registers.layout
        let cursor = known.registers.cursor(in: layout)
        let missing = self.missing(for: memory, known).filter { known.registers.values[$0] == nil }
        guard !missing.isEmpty, let selected = known.selected else {
            return deliver(memory.screen(layout, cursor: cursor))
        }
        let restore = QMPCommand.human("o /b 0x3d4 \(selected)")
        return (missing.map(Self.reading) + [restore, TextMemory.command]).map { .send($0) }
    }

    private func missing(for memory: TextMemory, _ known: Known) -> [UInt8] {
        if memory.isGraphics || memory.isUnwritten { return [] }
        let cursor = askers.contains { $0.wantsCursor } ? TextRegisters.ofCursor : []
        return known.isUsualMode && memory.isOnePage ? cursor : cursor + TextRegisters.ofLayout
    }

    public mutating func refused(_ reason: String) -> [Action] {
        if known == nil { return [] }
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
        (askers, known) = ([], nil)
        let actions = asked.map { asker -> Action in
            switch asker {
            case .client(let ticket, _): .answer(ticket, answer)
            case .supervisor: .show(screen ?? .none)
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
