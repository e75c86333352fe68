import QMP

/// Looks at a text screen, as the bytes that a serial line would have brought meanwhile.
///
/// What stands above the cursor has been written; what stands below it is somebody else's.
struct ScreenStream {
    /// Down to the cursor's row, each without the blanks at its end. The last may grow.
    private var before = [""]

    mutating func bytes(of screen: DroverScreen) -> [UInt8] {
        guard let text = screen.text else { return [] }
        let lines = Array(Self.written(on: text))
        defer { before = lines }
        guard let change = Self.change(from: before, to: lines) else { return [] }
        var bytes = Array(change.text.utf8)
        for row in lines.indices.dropFirst(change.row + 1) {
            // A row that is full goes on in the next.
            if lines[row - 1].count < text.columns { bytes.append(UInt8(ascii: "\n")) }
            bytes += lines[row].utf8
        }
        return bytes
    }

    private static func written(on screen: TextScreen) -> ArraySlice<String> {
        let last = screen.cursor?.row ?? screen.lines.lastIndex { !$0.isEmpty } ?? 0
        return screen.lines[...last]
    }

    /// - Returns: the first row that is another, and what has come to it; nil: none is.
    private static func change(from before: [String], to lines: [String]) -> (row: Int, text: String)? {
        let last = before.count - 1
        // Rows scroll up, and the last one may have grown.
        let places = before.indices.reversed().filter { kept in
            kept < lines.count && lines[..<kept].elementsEqual(before[(last - kept)..<last])
        }
        if let row = places.first(where: { lines[$0].hasPrefix(before[last]) }) {
            let grown = lines[row].dropFirst(before[last].count)
            return grown.isEmpty && row == lines.count - 1 ? nil : (row, String(grown))
        }
        // Or it has been written anew. With no row above it that is as it was, all has.
        if let row = places.first, row > 0 { return (row, "\r" + lines[row]) }
        return (0, "\n" + lines[0])
    }
}
