import Basics

/// Text from QEMU or a guest, fit for a terminal: what is safe to show, LF and tab. A CRLF becomes LF.
func terminalText(_ text: some StringProtocol) -> String {
    var result = ""
    result.unicodeScalars.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars where scalar.isSafeToShow || scalar == "\n" || scalar == "\t" {
        result.unicodeScalars.append(scalar)
    }
    return result
}

/// The same on one line: line ends and tabs become blanks.
public func terminalLine(_ text: some StringProtocol) -> String {
    String(terminalText(text).map { $0 == "\n" || $0 == "\t" ? " " : $0 })
}
