import JSON

/// The text mode that the VGA's BIOS was asked for last, as it notes it in its data area from 0x400 on. What sets the adapter up
/// by itself, such as a font of Linux's, does not show here.
struct BIOSMode: Equatable, Sendable {
    private static let place = 0x440
    static let command = QMPCommand.human("xp /9xg 0x440")

    let columns: Int
    let rows: Int

    init(_ answer: JSONValue) {
        let bytes = [UInt8](dump: answer) ?? []
        func byte(_ address: Int) -> Int { Int(bytes.dropFirst(address - Self.place).first ?? 0) }
        columns = byte(0x44A) | byte(0x44B) << 8
        rows = byte(0x484) + 1
    }

    /// Or nobody has asked it for any.
    var isUsual: Bool { columns == 0 || columns == TextLayout.usual.columns && rows == TextLayout.usual.rows }
}
