import JSON

/// The 32 KiB at 0xB8000 in which a VGA adapter has its text.
struct TextMemory: Equatable, Sendable {
    static let size = 32 << 10

    /// 3 ms of QEMU's time, in words of eight bytes.
    static let command = QMPCommand.human("xp /\(size / 8)xg 0xb8000")

    let bytes: [UInt8]

    /// - Parameter answer: what `command` returned.
    init?(_ answer: JSONValue) {
        guard let bytes = [UInt8](dump: answer), bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// In a graphics mode the adapter answers elsewhere, and what nobody answers reads as ones.
    var isGraphics: Bool { bytes.allSatisfy { $0 == 0xFF } }
    /// Without an adapter there is memory, which nobody has written to.
    var isUnwritten: Bool { bytes.allSatisfy { $0 == 0 } }

    func screen(_ layout: TextLayout, cursor: TextScreen.Cursor?) -> DroverScreen {
        if isGraphics { return .graphics }
        if isUnwritten { return .none }
        let count = layout.columns * layout.rows * 2
        let cells = (0..<count).map { bytes[(layout.start * 2 + $0) % bytes.count] }
        return TextScreen(columns: layout.columns, rows: layout.rows, cells: cells, cursor: cursor)
            .map { .text($0) } ?? .none
    }

    /// Nothing is written but the first page, so the screen begins with it.
    ///
    /// Linux scrolls by moving the screen's beginning through the memory, a line at a time. GRUB, SeaBIOS and GNU Mach move the
    /// text instead.
    var isOnePage: Bool {
        stride(from: TextLayout.usual.cells * 2, to: bytes.count, by: 2).allSatisfy { CodePage437.isBlank(bytes[$0]) }
    }
}

extension [UInt8] {
    /// - Parameter answer: lines of `ADDRESS: 0xWORD 0xWORD`, as `xp /…xg` prints them.
    init?(dump answer: JSONValue) {
        guard let text = answer.string else { return nil }
        self = []
        reserveCapacity(text.count)
        for line in text.split(separator: UInt8(ascii: "\n")) where line != [13] {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            for field in line[(colon + 1)...].split(whereSeparator: { $0 == 0x20 || $0 == 0x0D }) {
                guard let word = UInt64(hexadecimal: field) else { return nil }
                Swift.withUnsafeBytes(of: word.littleEndian) { self += $0 }
            }
        }
    }
}

extension UInt64 {
    /// Such as `0x07200720`.
    fileprivate init?(hexadecimal text: ArraySlice<UInt8>) {
        guard text.count > 2, text.count <= 18, text.starts(with: "0x".utf8) else { return nil }
        self = 0
        for byte in text.dropFirst(2) {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            self = self << 4 | UInt64(digit)
        }
    }
}

extension QMPCommand {
    /// A line for QEMU's human monitor.
    static func human(_ line: String) -> QMPCommand {
        QMPCommand("human-monitor-command", ["command-line": .string(line)])
    }
}
