/// Lines of at most `width` columns, broken at white space. A word that is longer has a line of its own.
///
/// - Parameters:
///   - indent: how many blanks each line starts with.
///   - first: what the first line starts with instead; of the same length.
public func wrapped(_ text: String, indent: Int, first: String? = nil, width: Int = 80) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = first ?? margin
    var isEmpty = true
    for word in text.split(whereSeparator: \.isWhitespace) {
        if !isEmpty, line.count + 1 + word.count > width {
            lines.append(line)
            line = margin
            isEmpty = true
        }
        line += (isEmpty ? "" : " ") + word
        isEmpty = false
    }
    lines.append(line)
    return lines
}

/// Text in a column of a table, which is `width` characters wide; a longer text is left as it is.
public func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

/// The rows of a table, two blanks between its columns; the last column is as wide as each row has it.
public func aligned(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
        rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
        var line = zip(row, widths).map(padded).joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }
}
