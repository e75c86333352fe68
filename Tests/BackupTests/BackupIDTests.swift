import Testing

@testable import Backup

@Suite struct BackupIDTests {
    @Test func namesThePointInTime() throws {
        let first = BackupID(atSecond: noon, existing: [])
        #expect(first.text == "20261127T120000Z" && first.timeText == "2026-11-27T12:00:00Z")
        let second = BackupID(atSecond: noon, existing: [first])
        #expect(second.text == "20261127T120000Z-2")
        // The first one has been pruned: its name is not used again.
        #expect(BackupID(atSecond: noon, existing: [second]).text == "20261127T120000Z-3")
        #expect(BackupID(atSecond: noon + 1, existing: [first, second]).text == "20261127T120001Z")
        #expect([BackupID(atSecond: noon + 1, existing: []), second, first].sorted()[0] == first)
    }

    @Test(arguments: ["20261127T120000Z", "20261127T120000Z-2", "20240229T235959Z-10", "19700101T000000Z"])
    func whatIsWrittenIsRead(text: String) {
        #expect(BackupID(text)?.text == text)
    }

    @Test(arguments: [
        "", "lock", "guest", "fleece", "lost+found", "20261127T120000Z.partial", "20261127T120000", "20261127t120000Z",
        "20260229T120000Z", "20261127T240000Z", "20261127T126000Z", "20261127T120060Z", "20261127T120000Z-1",
        "20261127T120000Z-0", "20261127T120000Z-02", "20261127T120000Z-", "20261127T120000Z-2-3", "20261127T120000Z--2",
        "-20261127T120000Z", "2026112７T12000Z", "+0261127T120000Z",
    ]) func whatIsNot(text: String) {
        #expect(BackupID(text) == nil)
    }
}
