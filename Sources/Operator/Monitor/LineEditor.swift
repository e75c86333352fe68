/// A line that is being typed, with its history: keys in, outcomes out, no terminal in sight.
struct LineEditor: Sendable {
    enum Outcome: Equatable, Sendable {
        /// The line, or the place in it, has changed.
        case changed
        /// Nothing can be done; a bell is in order.
        case refused
        case submitted(String)
        /// Ctrl-C: the line is gone.
        case cancelled
        /// Ctrl-D on an empty line.
        case left
        /// Tab, with these to choose from.
        case choices([String])
    }

    /// Scalars in a line and lines in the history, at the most.
    static let lineLimit = 4096
    static let historyLimit = 500

    private(set) var line: [Unicode.Scalar] = []
    /// The place in the line, 0 to its end.
    private(set) var cursor = 0
    private var history: [String] = []
    /// What is shown of the history; its end is the line that was being typed.
    private var position = 0
    private var draft: [Unicode.Scalar] = []
    /// The names that Tab completes, sorted.
    var names: [String] = []

    var text: String { Self.string(line[...]) }

    mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .text(let scalar):
            guard line.count < Self.lineLimit else { return .refused }
            line.insert(scalar, at: cursor)
            cursor += 1
        case .enter: return submit()
        case .tab: return complete()
        case .backspace: return delete(from: cursor - 1, to: cursor)
        case .delete: return delete(from: cursor, to: cursor + 1)
        case .endOfInput: return line.isEmpty ? .left : delete(from: cursor, to: cursor + 1)
        case .left: return move(to: cursor - 1)
        case .right: return move(to: cursor + 1)
        case .home: cursor = 0
        case .end: cursor = line.count
        case .up: return recall(position - 1)
        case .down: return recall(position + 1)
        case .killToEnd: return delete(from: cursor, to: line.count)
        case .killToStart: return delete(from: 0, to: cursor)
        case .killWord: return delete(from: startOfWord, to: cursor)
        case .cancel:
            start(with: [])
            return .cancelled
        case .redraw: break
        }
        return .changed
    }

    private mutating func start(with scalars: [Unicode.Scalar]) {
        line = scalars
        cursor = line.count
        position = history.count
        draft = []
    }

    private mutating func submit() -> Outcome {
        let submitted = text
        if submitted.contains(where: { $0 != " " }), history.last != submitted {
            history.append(submitted)
            if history.count > Self.historyLimit { history.removeFirst() }
        }
        start(with: [])
        return .submitted(submitted)
    }

    private mutating func move(to place: Int) -> Outcome {
        guard (0...line.count).contains(place) else { return .refused }
        cursor = place
        return .changed
    }

    private mutating func delete(from start: Int, to end: Int) -> Outcome {
        guard start >= 0, end <= line.count, start < end else { return .refused }
        line.removeSubrange(start..<end)
        cursor = start
        return .changed
    }

    /// Of the word left of the cursor, with the blanks after it.
    private var startOfWord: Int {
        var start = cursor
        while start > 0, line[start - 1] == " " { start -= 1 }
        while start > 0, line[start - 1] != " " { start -= 1 }
        return start
    }

    private mutating func recall(_ wanted: Int) -> Outcome {
        guard (0...history.count).contains(wanted) else { return .refused }
        if position == history.count { draft = line }
        position = wanted
        line = wanted == history.count ? draft : Array(history[wanted].unicodeScalars)
        cursor = line.count
        return .changed
    }

    // MARK: Completion

    /// Completes what stands before the cursor as far as all names that begin so agree.
    private mutating func complete() -> Outcome {
        let typed = Self.string(line[..<cursor])
        let matches = names.filter { $0.hasPrefix(typed) }
        guard var common = matches.first else { return .refused }
        for match in matches.dropFirst() {
            common = String(zip(common, match).prefix { $0 == $1 }.map(\.0))
        }
        var addition = Array(common.unicodeScalars.dropFirst(cursor))
        // A name that is the only one is complete.
        if matches.count == 1, cursor == line.count { addition.append(" ") }
        guard !addition.isEmpty else { return matches.count == 1 ? .refused : .choices(matches) }
        guard line.count + addition.count <= Self.lineLimit else { return .refused }
        line.insert(contentsOf: addition, at: cursor)
        cursor += addition.count
        return .changed
    }

    // MARK: Display

    /// What redraws prompt and line in place on a terminal of `columns`: a window of the line around the cursor, then
    /// the part before the cursor again, which puts the cursor there whatever the width of the characters.
    func display(prompt: String, columns: Int) -> String {
        let room = max(columns - prompt.count - 1, 8)
        let start = max(cursor - room, 0)
        let window = Self.string(line[start..<min(start + room, line.count)])
        return "\r\(prompt)\(window)\u{1B}[K\r\(prompt)\(Self.string(line[start..<cursor]))"
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }
}
