/// What a VGA adapter shows in a text mode: rows of cells, each of a character and an attribute, from the top left.
public struct TextScreen: Equatable, Sendable {
    /// Counted from 0.
    public struct Cursor: Equatable, Sendable {
        public let row: Int
        public let column: Int
        public let isVisible: Bool

        public init(row: Int, column: Int, isVisible: Bool) {
            (self.row, self.column, self.isVisible) = (row, column, isVisible)
        }
    }

    public let columns: Int
    public let rows: Int
    /// Two bytes a cell: the code in the adapter's font, and the attribute (low four bits foreground, high four background).
    public let cells: [UInt8]
    /// Nil when it was not asked for, or is outside the screen.
    public let cursor: Cursor?

    /// - Returns: nil when the cells are not that many, or more than the adapter has room for.
    public init?(columns: Int = 80, rows: Int = 25, cells: [UInt8], cursor: Cursor? = nil) {
        let sizes = 1...(TextMemory.size / 2)
        guard sizes.contains(columns), sizes.contains(rows), columns * rows * 2 == cells.count,
            cells.count <= TextMemory.size
        else { return nil }
        if let cursor, !(0..<rows).contains(cursor.row) || !(0..<columns).contains(cursor.column) { return nil }
        (self.columns, self.rows, self.cells, self.cursor) = (columns, rows, cells, cursor)
    }

    /// The text of each row, without the blanks that end it.
    public var lines: [String] {
        (0..<rows).map { row in
            var text = ""
            for column in 0..<width(ofRow: row, { code, _ in !CodePage437.isBlank(code) }) {
                text.unicodeScalars.append(CodePage437.scalar(cell(row, column).code))
            }
            return text
        }
    }

    /// The same with colours (ECMA-48 §8.3.117, SGR). A blank is kept where its background shows.
    public var colouredLines: [String] {
        (0..<rows).map { row in
            let width = width(ofRow: row) { code, attribute in !CodePage437.isBlank(code) || attribute >> 4 != 0 }
            guard width > 0 else { return "" }
            var text = ""
            var current: UInt8?
            for column in 0..<width {
                let (code, attribute) = cell(row, column)
                if attribute != current {
                    text += "\u{1B}[\(Self.parameter(attribute & 15, 30));\(Self.parameter(attribute >> 4, 40))m"
                    current = attribute
                }
                text.unicodeScalars.append(CodePage437.scalar(code))
            }
            return text + "\u{1B}[0m"
        }
    }

    private func cell(_ row: Int, _ column: Int) -> (code: UInt8, attribute: UInt8) {
        let place = (row * columns + column) * 2
        return (cells[place], cells[place + 1])
    }

    private func width(ofRow row: Int, _ shows: (UInt8, UInt8) -> Bool) -> Int {
        let last = (0..<columns).last {
            let (code, attribute) = cell(row, $0)
            return shows(code, attribute)
        }
        return last.map { $0 + 1 } ?? 0
    }

    /// The adapter counts blue, green, red; a terminal red, green, blue. Bright colours are 60 further.
    private static func parameter(_ colour: UInt8, _ base: Int) -> Int {
        let hue = Int(colour & 1) << 2 | Int(colour & 2) | Int(colour & 4) >> 2
        return base + hue + (colour & 8 == 0 ? 0 : 60)
    }
}
