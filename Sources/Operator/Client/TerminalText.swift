/// Text from QEMU or a guest, fit for a terminal: of the control characters only LF and tab are left, and nothing that
/// reorders what is read. A CRLF becomes LF.
func terminalText(_ text: some StringProtocol) -> String {
    var result = ""
    result.unicodeScalars.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars where isHarmless(scalar) { result.unicodeScalars.append(scalar) }
    return result
}

/// The same on one line: line ends and tabs become blanks.
func terminalLine(_ text: some StringProtocol) -> String {
    String(terminalText(text).map { $0 == "\n" || $0 == "\t" ? " " : $0 })
}

private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: true
    case 0..<0x20, 0x7F...0x9F: false
    case 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: false
    default: true
    }
}
