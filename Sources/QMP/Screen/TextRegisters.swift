/// Where a VGA adapter has its text, in cells, and how much of it there is.
struct TextLayout: Equatable, Sendable {
    /// What a BIOS sets up, and what the others of its kind leave.
    static let usual = TextLayout()

    var start = 0
    var columns = 80
    var rows = 25
    /// In lines of pixels.
    var cellHeight = 16

    var cells: Int { columns * rows }
}

/// What has been read of the adapter's CRT controller, by number of the register (QEMU, `vga_get_text_resolution` and
/// `vga_draw_text`).
struct TextRegisters: Equatable, Sendable {
    /// Start of the text; columns, overflow bits, height of a cell, lines of pixels.
    static let ofLayout: [UInt8] = [0x0C, 0x0D, 0x01, 0x07, 0x09, 0x12]
    /// The lines of a cell where the cursor begins and ends; its cell.
    static let ofCursor: [UInt8] = [0x0A, 0x0B, 0x0E, 0x0F]

    var values: [UInt8: UInt8] = [:]

    /// The usual one as far as nothing has been read, or nothing that can be.
    var layout: TextLayout {
        guard let start = word(at: 0x0C), let width = values[0x01], let overflow = values[0x07],
            let cell = values[0x09], let low = values[0x12]
        else { return .usual }
        let height = 1 + (Int(low) | Int(overflow & 0x02) << 7 | Int(overflow & 0x40) << 3)
        let cellHeight = 1 + Int(cell & 0x1F)
        let (columns, rows) = (1 + Int(width), height / cellHeight)
        guard rows > 0, columns * rows * 2 <= TextMemory.size else { return TextLayout(start: start) }
        return TextLayout(start: start, columns: columns, rows: rows, cellHeight: cellHeight)
    }

    /// Nil when it has not been read, or is outside the screen.
    func cursor(in layout: TextLayout) -> TextScreen.Cursor? {
        guard let place = word(at: 0x0E), let first = values[0x0A], let last = values[0x0B] else { return nil }
        let cell = (place - layout.start) & (TextMemory.size / 2 - 1)
        guard cell < layout.cells else { return nil }
        let isOff = first & 0x20 != 0 || Int(first & 0x1F) > min(Int(last & 0x1F), layout.cellHeight - 1)
        return TextScreen.Cursor(row: cell / layout.columns, column: cell % layout.columns, isVisible: !isOff)
    }

    private func word(at register: UInt8) -> Int? {
        guard let high = values[register], let low = values[register + 1] else { return nil }
        return Int(high) << 8 | Int(low)
    }
}
