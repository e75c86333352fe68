/// What a person at a terminal presses, as far as a line editor cares.
enum Key: Equatable, Sendable {
    case text(Unicode.Scalar)
    case enter, tab, backspace, delete
    case left, right, up, down, home, end
    case killToEnd, killToStart, killWord
    /// Ctrl-C.
    case cancel
    /// Ctrl-D: leaves on an empty line, else deletes.
    case endOfInput
    /// Ctrl-L.
    case redraw
}

/// Turns the bytes of a terminal in raw mode into keys, wherever they are split (ECMA-48 control sequences, xterm's keys).
struct KeyDecoder: Sendable {
    private enum State {
        case plain
        case escape
        /// After ESC [ or ESC O, with the parameters so far.
        case sequence([UInt8])
        case utf8([UInt8], left: Int)
    }

    private var state = State.plain

    mutating func feed(_ byte: UInt8) -> Key? {
        switch state {
        case .plain:
            return plain(byte)
        case .escape:
            // ESC alone means nothing here, nor does Alt with a key.
            state = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") ? .sequence([]) : .plain
            return nil
        case .sequence(let parameters):
            guard byte >= 0x40 else {
                // Longer than any key sends: not a key.
                state = byte >= 0x20 && parameters.count < 16 ? .sequence(parameters + [byte]) : .plain
                return nil
            }
            state = .plain
            return Self.key(final: byte, parameters)
        case .utf8(let bytes, let left):
            guard byte & 0xC0 == 0x80 else {
                state = .plain
                return plain(byte)
            }
            if left > 1 {
                state = .utf8(bytes + [byte], left: left - 1)
                return nil
            }
            state = .plain
            guard let text = String(validating: bytes + [byte], as: UTF8.self), let scalar = text.unicodeScalars.first,
                terminalText(text) == text
            else { return nil }
            return .text(scalar)
        }
    }

    private mutating func plain(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x01: return .home
        case 0x02: return .left
        case 0x03: return .cancel
        case 0x04: return .endOfInput
        case 0x05: return .end
        case 0x06: return .right
        case 0x08, 0x7F: return .backspace
        case 0x09: return .tab
        case 0x0A, 0x0D: return .enter
        case 0x0B: return .killToEnd
        case 0x0C: return .redraw
        case 0x0E: return .down
        case 0x10: return .up
        case 0x15: return .killToStart
        case 0x17: return .killWord
        case 0x1B: state = .escape
        case 0x20...0x7E: return .text(Unicode.Scalar(byte))
        case 0xC2...0xDF: state = .utf8([byte], left: 1)
        case 0xE0...0xEF: state = .utf8([byte], left: 2)
        case 0xF0...0xF4: state = .utf8([byte], left: 3)
        default: break
        }
        return nil
    }

    private static func key(final: UInt8, _ parameters: [UInt8]) -> Key? {
        switch Unicode.Scalar(final) {
        case "A": .up
        case "B": .down
        case "C": .right
        case "D": .left
        case "H": .home
        case "F": .end
        case "~":
            switch String(decoding: parameters, as: UTF8.self) {
            case "1", "7": .home
            case "4", "8": .end
            case "3": .delete
            default: nil
            }
        default: nil
        }
    }
}
