import JSON
import QMP

/// Keys that are pressed together, by QEMU's names (QAPI, `QKeyCode`), on a keyboard whose layout is the US one.
public struct KeyPress: Equatable, Sendable {
    let keys: [String]

    /// What no key makes, or no key is called.
    public enum Unknown: Error, Equatable, Sendable {
        case character(Unicode.Scalar)
        case name(String)
    }

    private init(keys: [String]) { self.keys = keys }

    // MARK: By what they type

    /// - Parameter text: a line end is Return; other control characters are the keys that make them at a terminal.
    /// - Returns: as many as there are characters.
    /// - Throws: the first character that has no key.
    public static func typing(_ text: String) throws(Unknown) -> [KeyPress] {
        var presses: [KeyPress] = []
        for character in text.unicodeScalars {
            guard let press = KeyPress(character) else { throw .character(character) }
            presses.append(press)
        }
        return presses
    }

    private init?(_ character: Unicode.Scalar) {
        switch character {
        case "a"..."z", "0"..."9": keys = [String(character)]
        case "A"..."Z": keys = ["shift", Self.letter(character.value - 0x40)]
        case " ": keys = ["spc"]
        case "\n", "\r": keys = ["ret"]
        case "\t": keys = ["tab"]
        case "\u{8}", "\u{7F}": keys = ["backspace"]
        case "\u{1B}": keys = ["esc"]
        case "\u{1}"..."\u{1A}": keys = ["ctrl", Self.letter(character.value)]
        default:
            guard let sign = Self.signs.first(where: { $0.plain == character || $0.shifted == character }) else {
                return nil
            }
            keys = character == sign.plain ? [sign.key] : ["shift", sign.key]
        }
    }

    /// Of 1 to 26.
    private static func letter(_ number: UInt32) -> String {
        String(decoding: [UInt8(truncatingIfNeeded: 0x60 + number)], as: UTF8.self)
    }

    private static let signs: [(key: String, plain: Unicode.Scalar, shifted: Unicode.Scalar)] = [
        ("1", "1", "!"), ("2", "2", "@"), ("3", "3", "#"), ("4", "4", "$"), ("5", "5", "%"), ("6", "6", "^"),
        ("7", "7", "&"), ("8", "8", "*"), ("9", "9", "("), ("0", "0", ")"),
        ("grave_accent", "`", "~"), ("minus", "-", "_"), ("equal", "=", "+"), ("bracket_left", "[", "{"),
        ("bracket_right", "]", "}"), ("backslash", "\\", "|"), ("semicolon", ";", ":"), ("apostrophe", "'", "\""),
        ("comma", ",", "<"), ("dot", ".", ">"), ("slash", "/", "?"),
    ]

    // MARK: By their names

    /// - Parameter combinations: of names with hyphens between them, such as `ctrl-alt-delete`.
    /// - Throws: the first name that is no key's.
    public static func named(_ combinations: [String]) throws(Unknown) -> [KeyPress] {
        var presses: [KeyPress] = []
        for combination in combinations {
            let keys = combination.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            if let unknown = keys.first(where: { !names.contains($0) }) { throw .name(unknown) }
            presses.append(KeyPress(keys: keys))
        }
        return presses
    }

    /// Of a PC's keyboard, in every QEMU from 7.2 on.
    public static let names: [String] = """
        shift shift_r alt alt_r ctrl ctrl_r meta_l meta_r menu esc ret tab spc backspace \
        insert delete home end pgup pgdn left right up down caps_lock num_lock scroll_lock print sysrq pause \
        f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 1 2 3 4 5 6 7 8 9 0 a b c d e f g h i j k l m n o p q r s t u v w x y z \
        minus equal bracket_left bracket_right backslash semicolon apostrophe grave_accent comma dot slash less \
        kp_0 kp_1 kp_2 kp_3 kp_4 kp_5 kp_6 kp_7 kp_8 kp_9 kp_add kp_subtract kp_multiply kp_divide kp_decimal kp_enter
        """.split(separator: " ").map(String.init)

    // MARK: Pressing them

    /// In milliseconds, of a key, and from one to the next. A guest that is emulated on a busy machine keeps up with it; a
    /// keyboard has no room for more than five keys.
    private static let holdTime = 20

    /// QEMU presses them one after the other and releases them in the opposite order.
    var command: QMPCommand {
        let values = keys.map { key -> JSONValue in ["type": "qcode", "data": .string(key)] }
        return QMPCommand("send-key", ["keys": .array(values), "hold-time": .integer(Self.holdTime)])
    }

    /// How long QEMU is busy with them. It answers at once, and forgets what is too much to remember.
    var duration: Duration { .milliseconds(keys.count * 2 * Self.holdTime) }
}
