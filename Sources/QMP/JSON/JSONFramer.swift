/// Cuts what a client sends into JSON values, as QEMU does: split anywhere, over several lines or several on one.
///
/// After an error the rest of the line is passed over. The byte 0xFF, which no JSON has, ends whatever is unfinished. Of a
/// value that is longer than the bound no more than the bound is kept, and what comes behind it is cut as ever.
public struct JSONFramer: Sendable {
    public enum Frame: Equatable, Sendable {
        /// Between its outermost brackets, on one line and without QEMU's single quotes; its inside is not checked.
        case value([UInt8])
        /// Nothing that can be answered but in QEMU's words.
        case malformed(desc: String)
        /// Longer than the bound: what is left of it, without the outermost members that did not fit, so that it can be
        /// answered.
        case tooLong([UInt8])
    }

    private enum State {
        case between, inside, inString, passingOver
    }

    private let limit: Int
    private var buffer: [UInt8] = []
    /// What comes before is not needed any more.
    private var frameStart = 0
    /// Behind the bracket or comma after which the outermost member under way began.
    private var memberStart = 0
    private var scanned = 0
    /// A value that is too long, as far as it is kept: the members that are over, each with the comma behind it.
    private var kept: [UInt8]?
    /// The member under way does not fit.
    private var isLeftOut = false
    private var state = State.between
    private var depth = 0
    private var quote: UInt8 = 0
    private var isEscaped = false
    /// The frame has line ends or single quotes.
    private var isUnusual = false

    /// - Parameter limit: bytes in a value at the most.
    public init(limit: Int) {
        self.limit = limit
    }

    /// Bytes held.
    public var count: Int { buffer.count + (kept?.count ?? 0) }

    public mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// The next frame that is complete.
    public mutating func next() -> Frame? {
        while scanned < buffer.count {
            let byte = buffer[scanned]
            scanned += 1
            if let frame = step(byte) {
                if scanned == buffer.count { forgetScanned() }
                return frame
            }
        }
        if state == .between || state == .passingOver { frameStart = scanned } else { boundMember() }
        forgetScanned()
        return nil
    }

    /// Only when all is scanned, so that a long buffer of short frames is not moved for each of them.
    private mutating func forgetScanned() {
        buffer.discard(first: frameStart)
        scanned -= frameStart
        memberStart -= frameStart
        frameStart = 0
    }

    /// A member that has no end yet, and that does not fit already, is not waited for.
    private mutating func boundMember() {
        if kept == nil, scanned - frameStart > limit { keepMembers() }
        guard let length = kept?.count, isLeftOut || length + scanned - memberStart > limit else { return }
        isLeftOut = true
        (memberStart, frameStart) = (scanned, scanned)
    }

    /// The value turns out to be too long: its members until now do fit.
    private mutating func keepMembers() {
        kept = Array(buffer[frameStart..<memberStart])
        frameStart = memberStart
    }

    /// A comma or the last bracket is behind an outermost member.
    private mutating func endMember() {
        if kept == nil, scanned - frameStart > limit { keepMembers() }
        defer { (memberStart, isLeftOut) = (scanned, false) }
        guard let length = kept?.count else { return }
        frameStart = scanned
        guard !isLeftOut, length + scanned - memberStart <= limit else { return }
        kept?.append(contentsOf: buffer[memberStart..<scanned])
    }

    private mutating func step(_ byte: UInt8) -> Frame? {
        if byte == 0xff { return reset("JSON parse error, stray '\u{fffd}'") }
        switch state {
        case .between: return begin(byte)
        case .inside: return goOn(byte)
        case .inString: return goOnInString(byte)
        case .passingOver:
            if byte == UInt8(ascii: "\n") { state = .between }
            return nil
        }
    }

    private mutating func begin(_ byte: UInt8) -> Frame? {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            return nil
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            (state, depth, isUnusual, frameStart, memberStart) = (.inside, 1, false, scanned - 1, scanned)
            return nil
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return fail("QMP input must be a JSON object", at: byte)
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return fail("JSON parse error, invalid keyword", at: byte)
        default:
            return fail("JSON parse error, expecting value", at: byte)
        }
    }

    private mutating func goOn(_ byte: UInt8) -> Frame? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            (state, quote) = (.inString, byte)
            if byte == UInt8(ascii: "'") { isUnusual = true }
        case UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            isUnusual = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            if depth > JSONParser.maximumDepth { return fail("JSON nesting depth limit exceeded", at: byte) }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth == 0 { return finish(with: byte) }
        case UInt8(ascii: ","):
            if depth == 1 { endMember() }
        default:
            break
        }
        return nil
    }

    private mutating func goOnInString(_ byte: UInt8) -> Frame? {
        if byte < 0x20 { return fail("JSON parse error, control character in string", at: byte) }
        if isEscaped {
            isEscaped = false
            if byte == UInt8(ascii: "'") { isUnusual = true }
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == quote {
            state = .inside
        }
        return nil
    }

    private mutating func finish(with bracket: UInt8) -> Frame {
        let start = frameStart
        endMember()
        defer { (state, frameStart, kept) = (.between, scanned, nil) }
        guard var kept else { return .value(plain(buffer[start..<scanned])) }
        if kept.last != bracket {
            if kept.last == UInt8(ascii: ",") { kept.removeLast() }
            kept.append(bracket)
        }
        return .tooLong(plain(kept[...]))
    }

    private mutating func fail(_ desc: String, at byte: UInt8) -> Frame {
        let frame = reset(desc)
        if byte != UInt8(ascii: "\n") { state = .passingOver }
        return frame
    }

    private mutating func reset(_ desc: String) -> Frame {
        (state, isEscaped, isLeftOut, kept, frameStart) = (.between, false, false, nil, scanned)
        return .malformed(desc: desc)
    }

    /// On one line, and with double quotes for QEMU's single ones (and `\'`, which it knows as well).
    private func plain(_ frame: ArraySlice<UInt8>) -> [UInt8] {
        guard isUnusual else { return Array(frame) }
        var text: [UInt8] = []
        text.reserveCapacity(frame.count)
        var quote: UInt8?
        var isEscaped = false
        for byte in frame {
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                    if byte != UInt8(ascii: "'") { text.append(UInt8(ascii: "\\")) }
                    text.append(byte)
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == open {
                    quote = nil
                    text.append(UInt8(ascii: "\""))
                } else {
                    if byte == UInt8(ascii: "\"") { text.append(UInt8(ascii: "\\")) }
                    text.append(byte)
                }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
                text.append(UInt8(ascii: "\""))
            } else if ![0x20, 0x09, 0x0d, 0x0a].contains(byte) {
                text.append(byte)
            } else if text.last != UInt8(ascii: " ") {
                text.append(UInt8(ascii: " "))
            }
        }
        return text
    }
}
