extension Unicode.Scalar {
    /// Whether a terminal and a reader of logs take it for text and nothing else. Not so:
    ///
    /// - controls (C0, DEL, C1): they end lines, move the cursor and begin escape sequences;
    /// - U+2028 and U+2029, which end a line for some readers, so that one record becomes two;
    /// - the marks of bidirectional text (Unicode's Bidi_Control): they reorder what is read.
    ///
    /// All the rest is text. Joiners, variation selectors and tags make up words and emoji. Private and unassigned code
    /// points are an empty box at the worst, and next year's emoji are unassigned today: hence ranges that no table of
    /// Unicode's decides, which also keeps the console fast.
    @inlinable public var isSafeToShow: Bool {
        if value < 0x7F { return value >= 0x20 }
        switch value {
        case 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return false
        default: return true
        }
    }

    /// Itself; or `\u{…}` when it is not safe to show, or when it cannot be seen: two names that differ must not look the
    /// same.
    public var legible: String {
        let isVisible = value < 0x7F || !properties.isDefaultIgnorableCodePoint
        return isSafeToShow && isVisible ? String(self) : "\\u{\(String(value, radix: 16))}"
    }
}
