import Basics

/// Turns what a guest writes into lines that are safe to log: no control or escape sequences, valid UTF-8, bounded.
///
/// CR, LF and CRLF end a line; a longer line is cut into several. Escape sequences are ECMA-48's: two-character
/// ones, control sequences (CSI) and control strings (OSC, DCS, SOS, PM, APC). A control string ends at its
/// terminator or at the end of the line, so that a guest cannot swallow its own output by opening one.
public struct ConsoleSanitizer: ~Copyable {
    private enum State {
        case text
        /// After ESC, intermediate characters included.
        case escape
        case controlSequence
        case controlString
        /// Inside a UTF-8 sequence: the scalar so far, the bytes to come, the smallest scalar this length may spell.
        case utf8(scalar: UInt32, left: Int, smallest: UInt32)
    }

    /// A line, or what there is of it.
    public struct Line {
        public let text: UnsafeRawBufferPointer
        /// The part of it that has not been handed over before, while the line was not finished; nil: all of it was.
        public let news: UnsafeRawBufferPointer?
    }

    /// Bytes in a line at the most.
    public static let lineLimit = 4096

    private let line: UnsafeMutablePointer<UInt8>
    private var count = 0
    /// How much of the line has been handed over, unfinished.
    private var shown = 0
    private var state = State.text
    /// The bytes right before are CRs, and one of them ended a line.
    private var lineEndedByCarriageReturn = false

    public init() {
        line = .allocate(capacity: Self.lineLimit)
    }

    deinit {
        line.deallocate()
    }

    /// Whether there is text that no line end has followed yet, such as a prompt, and that has not been handed over.
    public var hasPartialLine: Bool { count > shown }

    /// Takes the next bytes and calls `emit` for every line they end; the text is valid during the call only.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer, emit: (Line) -> Void) {
        var index = 0
        while index < bytes.count {
            if case .text = state {
                let start = index
                while index < bytes.count, isPlain(bytes[index]) { index += 1 }
                if index > start {
                    append(UnsafeRawBufferPointer(rebasing: bytes[start..<index]), emit)
                    lineEndedByCarriageReturn = false
                    continue
                }
            }
            // A byte that does not belong into a UTF-8 sequence ends it and is looked at again.
            if take(bytes[index], emit) { index += 1 }
        }
    }

    /// Hands over text that no line end has followed. The line goes on.
    public mutating func flush(emit: (Line) -> Void) {
        guard hasPartialLine else { return }
        emit(current)
        shown = count
    }

    private var current: Line {
        let text = UnsafeRawBufferPointer(start: line, count: count)
        let isShown = shown > 0 && shown == count
        return Line(text: text, news: isShown ? nil : UnsafeRawBufferPointer(rebasing: text[shown...]))
    }

    private mutating func end(_ emit: (Line) -> Void) {
        emit(current)
        (count, shown) = (0, 0)
    }

    @inline(__always)
    private func isPlain(_ byte: UInt8) -> Bool { byte &- 0x20 < 0x5f }

    private mutating func take(_ byte: UInt8, _ emit: (Line) -> Void) -> Bool {
        if case .utf8(let scalar, let left, let smallest) = state {
            return continueScalar(byte, scalar, left, smallest, emit)
        }
        switch byte {
        case 0x0a, 0x0d:
            state = .text
            // An empty line is a line, but neither the LF of a CRLF nor a CR that rewinds an empty line is one.
            let isLineFeed = byte == 0x0a
            if count > 0 || (isLineFeed && !lineEndedByCarriageReturn) {
                end(emit)
                lineEndedByCarriageReturn = !isLineFeed
            } else if isLineFeed {
                lineEndedByCarriageReturn = false
            }
            return true
        case 0x18, 0x1a:  // CAN and SUB end any sequence
            state = .text
        case 0x1b:
            state = .escape
        default:
            takeInState(byte, emit)
        }
        lineEndedByCarriageReturn = false
        return true
    }

    private mutating func takeInState(_ byte: UInt8, _ emit: (Line) -> Void) {
        switch state {
        case .text:
            switch byte {
            case 0x09, 0x20...0x7e: append(Unicode.Scalar(byte), emit)
            case 0xc2...0xdf: state = .utf8(scalar: UInt32(byte & 0x1f), left: 1, smallest: 0x80)
            case 0xe0...0xef: state = .utf8(scalar: UInt32(byte & 0x0f), left: 2, smallest: 0x800)
            case 0xf0...0xf4: state = .utf8(scalar: UInt32(byte & 0x07), left: 3, smallest: 0x10000)
            case 0x80...: append(Self.replacement, emit)
            default: break  // the other C0 controls and DEL
            }
        case .escape:
            switch byte {
            case UInt8(ascii: "["): state = .controlSequence
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
                state = .controlString
            case 0x20...0x2f: break  // intermediate
            default: state = .text
            }
        case .controlSequence:
            if byte >= 0x40 { state = .text }
        case .controlString:
            if byte == 0x07 { state = .text }  // BEL, xterm's terminator; ESC \ ends it through .escape
        case .utf8:
            break
        }
    }

    // MARK: UTF-8

    private mutating func continueScalar(
        _ byte: UInt8, _ scalar: UInt32, _ left: Int, _ smallest: UInt32, _ emit: (Line) -> Void
    ) -> Bool {
        guard byte & 0xc0 == 0x80 else {
            state = .text
            append(Self.replacement, emit)
            return false
        }
        let scalar = scalar << 6 | UInt32(byte & 0x3f)
        if left > 1 {
            state = .utf8(scalar: scalar, left: left - 1, smallest: smallest)
            return true
        }
        state = .text
        // Unicode.Scalar refuses surrogates and what lies beyond U+10FFFF.
        guard scalar >= smallest, let valid = Unicode.Scalar(scalar), valid.isSafeToShow else {
            if !(0x80...0x9f).contains(scalar) { append(Self.replacement, emit) }  // C1 controls simply go
            return true
        }
        append(valid, emit)
        return true
    }

    private static let replacement: Unicode.Scalar = "\u{FFFD}"

    private mutating func append(_ scalar: Unicode.Scalar, _ emit: (Line) -> Void) {
        guard let encoded = Unicode.UTF8.encode(scalar) else { return }
        if count + encoded.count > Self.lineLimit { end(emit) }
        for byte in encoded {
            line[count] = byte
            count += 1
        }
    }

    // MARK: Runs of plain bytes

    private mutating func append(_ bytes: UnsafeRawBufferPointer, _ emit: (Line) -> Void) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            if count == Self.lineLimit { end(emit) }
            let taken = min(rest.count, Self.lineLimit - count)
            UnsafeMutableRawPointer(line + count).copyMemory(from: start, byteCount: taken)
            count += taken
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
        }
    }
}
