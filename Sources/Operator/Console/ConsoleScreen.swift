/// What a program that types on the guest's console has to know of what the guest wrote there: without escape sequences
/// and control characters, whatever pieces it came in, and bounded.
struct ConsoleScreen: Sendable {
    /// A screenful.
    static let lineLimit = 24
    /// Bytes of a line that are kept.
    static let widthLimit = 400
    static let heardLimit = 16 << 10

    /// All text since `forget`, or the last of it; a line ends in LF.
    private(set) var heard: [UInt8] = []
    /// Of the last line what came since `forget`.
    private var line: [UInt8] = []
    private var finishedLines: [[UInt8]] = []
    private var unfinishedLine: [UInt8] = []
    private var isConcealed = false
    private var escape = Escape.none

    /// Where in an escape sequence we are (ECMA-48 §5.4, §5.6).
    private enum Escape {
        case none
        case started
        /// Of one byte more, such as the choice of a character set.
        case intermediate
        case control
        /// Until BEL or ESC \, such as a window's title.
        case string
    }

    /// The last line as far as it is fresh, without the blanks that end a prompt.
    var prompt: String {
        let text = String(decoding: line, as: UTF8.self)
        return String(text.prefix(upTo: text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex))
    }

    /// The lines of `heard`.
    var heardLines: [String] {
        heard.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The last screenful.
    var lines: [String] {
        (finishedLines + [unfinishedLine]).filter { !$0.isEmpty }.suffix(Self.lineLimit)
            .map { terminalLine(String(decoding: $0, as: UTF8.self)) }
    }

    /// What has come so far is no answer to what is typed next.
    mutating func forget() {
        heard = []
        line = []
    }

    /// What comes until the end of the line may be the echo of a secret.
    mutating func concealLine() { isConcealed = true }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes where isText(byte) { append(byte) }
        if heard.count > Self.heardLimit { heard.removeFirst(heard.count - Self.heardLimit) }
    }

    private mutating func append(_ byte: UInt8) {
        // A carriage return alone starts the line again: what was on it is no prompt any more.
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
            isConcealed = false
            line = []
            heard.append(UInt8(ascii: "\n"))
            if !unfinishedLine.isEmpty { finishedLines.append(unfinishedLine) }
            unfinishedLine = []
            if finishedLines.count > Self.lineLimit { finishedLines.removeFirst() }
        } else if !isConcealed {
            heard.append(byte)
            // A prompt is at the end of a line, however long that is.
            if line.count == Self.widthLimit { line.removeFirst() }
            line.append(byte)
            if unfinishedLine.count < Self.widthLimit { unfinishedLine.append(byte) }
        }
    }

    /// Follows escape sequences, which are no text.
    private mutating func isText(_ byte: UInt8) -> Bool {
        switch (escape, byte) {
        case (.string, 0x07): escape = .none
        case (_, 0x1B): escape = .started
        // A line end inside a sequence is a sequence that was cut off.
        case (_, 0x0A), (_, 0x0D):
            escape = .none
            return true
        case (.none, _): return byte >= 0x20 && byte != 0x7F || byte == 0x09
        case (.started, UInt8(ascii: "[")): escape = .control
        case (.started, UInt8(ascii: "]")), (.started, UInt8(ascii: "P")): escape = .string
        case (.started, 0x20...0x2F): escape = .intermediate
        case (.started, _), (.intermediate, _): escape = .none
        case (.control, 0x40...0x7E): escape = .none
        case (.control, _), (.string, _): break
        }
        return false
    }
}
