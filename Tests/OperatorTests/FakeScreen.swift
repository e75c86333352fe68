import QMP

/// A text screen as a guest's console draws on it: 80 × 25 cells, a cursor, and no more of a terminal than a shell needs.
struct FakeScreen {
    private static let (columns, rows) = (80, 25)

    private var cells = [UInt8](repeating: 0x20, count: columns * rows)
    private var row = 0
    private var column = 0
    private var escape: Escape?

    private enum Escape { case started, control, string }

    mutating func write(_ bytes: some Sequence<UInt8>) {
        for byte in bytes where isText(byte) { draw(byte) }
    }

    mutating func write(_ text: String) { write(text.utf8) }

    private mutating func draw(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\n"): feedLine()
        case UInt8(ascii: "\r"): column = 0
        case 8: column = max(column - 1, 0)
        case 12: self = FakeScreen()
        case 0..<0x20: break
        default:
            // It wraps when there is something to wrap.
            if column == Self.columns {
                column = 0
                feedLine()
            }
            cells[row * Self.columns + column] = byte
            column += 1
        }
    }

    private mutating func feedLine() {
        row += 1
        guard row == Self.rows else { return }
        row -= 1
        cells.removeFirst(Self.columns)
        cells += [UInt8](repeating: 0x20, count: Self.columns)
    }

    private mutating func isText(_ byte: UInt8) -> Bool {
        switch (escape, byte) {
        case (nil, 0x1B): escape = .started
        case (nil, _): return true
        case (.started, UInt8(ascii: "[")): escape = .control
        case (.started, UInt8(ascii: "]")): escape = .string
        case (.started, _), (.control, 0x40...0x7E), (.string, 7): escape = nil
        case (.control, _), (.string, _): break
        }
        return false
    }

    var picture: DroverScreen {
        let cursor = TextScreen.Cursor(row: row, column: min(column, Self.columns - 1), isVisible: true)
        return TextScreen(cells: cells.flatMap { [$0, 7] }, cursor: cursor).map { .text($0) } ?? .none
    }
}
