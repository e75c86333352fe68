import Basics
import Testing

@testable import Machine

/// Which zones QEMU's C library will know; everything else it would take for UTC.
@Suite struct TimeZoneTests {
    private static let files = [
        "/usr/share/zoneinfo/Asia/Tokyo": "TZif2…", "/etc/localtime": "TZif2…", "/zones/here": "TZif2…",
        "/usr/share/zoneinfo/tzdata.zi": "# version 2026a",
    ]

    @Test(arguments: [
        "JST-9", "UTC0", "EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0330>-3:30", "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
        "EST5EDT4,J60/2:30:15,300", "IST-2IDT,M3.4.4/26,M10.5.0", "ABC+167",
    ])
    func aRuleNeedsNoFile(_ zone: String) {
        #expect(TimeZone.fault(zone) { _ in nil } == nil)
    }

    @Test(arguments: ["Asia/Tokyo", ":Asia/Tokyo", "/zones/here", ":/etc/localtime"])
    func aNameNeedsItsFile(_ zone: String) {
        #expect(TimeZone.fault(zone) { Self.files[$0] } == nil)
        let fault = TimeZone.fault(zone) { _ in nil }
        #expect(fault?.source == "TZ" && fault?.kind == .configuration)
        #expect(fault?.message.contains("such as TZ=JST-9") == true, "\(String(describing: fault))")
    }

    @Test(arguments: [
        "Asia/Tokio", "JST", "JST-", "JS-9", "JST-168", "JST-9:60", "<+09-9", "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M1.1.1", "CET-1CEST,M3.5.0,M10.5.0/3x", "tzdata.zi", "", ":",
    ])
    func whatNobodyKnowsIsAFault(_ zone: String) {
        #expect(TimeZone.fault(zone) { Self.files[$0] } != nil)
    }

    @Test func withoutTZItIsTheZoneOfTheMachine() {
        #expect(TimeZone.fault(nil) { Self.files[$0] } == nil)
        #expect(TimeZone.fault(nil) { _ in nil }?.source == "QEMU_RTC")
    }

    @Test func theZoneGoesToQEMUForLocalTimeAlone() throws {
        var machine = VirtualMachine(ram: MiB(64), translationBuffer: MiB(32), drives: [])
        machine.timeZone = "JST-9"
        #expect(machine.environment == QEMUEnvironment.variables)
        machine.clock = .localtime
        #expect(machine.environment == QEMUEnvironment.variables + ["TZ=JST-9"])
        machine.timeZone = nil
        #expect(machine.environment == QEMUEnvironment.variables)
    }
}
