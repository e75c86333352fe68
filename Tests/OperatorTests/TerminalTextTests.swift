import Basics
import Testing

@testable import Operator

@Test func aTerminalGetsWhatIsSafeToShowAndLineFeedAndTab() {
    for scalar in (0...UInt32(0x10FFFF)).lazy.compactMap(Unicode.Scalar.init) {
        let isShown = scalar.isSafeToShow || scalar == "\n" || scalar == "\t"
        let shown = terminalText("[\(scalar)]")
        guard !shown.unicodeScalars.elementsEqual((isShown ? "[\(scalar)]" : "[]").unicodeScalars) else { continue }
        Issue.record("U+\(String(scalar.value, radix: 16)): \(shown.debugDescription)")
        break
    }
}
