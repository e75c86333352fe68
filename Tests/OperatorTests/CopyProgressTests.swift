import Linux
import Testing

@testable import Operator

/// What qemu-img says, in pieces, becomes a line now and then.
@Test func aCopyTellsNowAndThenHowFarItIs() {
    let start = Instant.now()
    var progress = CopyProgress(from: start)
    func take(_ text: String, _ seconds: Int64) -> Int? {
        progress.take(Array(text.utf8)[...], at: start + .seconds(seconds))
    }
    #expect(take("    (0.00/100%)\r    (1.00/100%)\r", 1) == nil)
    #expect(take("    (12.3", 6) == 1)
    #expect(take("4/100%)\r    (13.99/100%)\r", 7) == nil)
    #expect(take("", 11) == 13)
    #expect(take("    (100.00/100%)\r\n", 16) == 100)
    #expect(take(String(repeating: "x", count: 500), 60) == nil)
}
