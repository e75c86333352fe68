import TestSupport
import Testing

/// What a guest reads from its hardware clock, asked of the real QEMU.
@Suite struct ClockTests {
    /// The clock's hour and minute, as minutes of a day.
    private func clock(_ variables: [String: String]) throws -> Int {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/empty.qcow2"
        try shell("qemu-img create -q -f qcow2 '\(disk)' 64M")
        let run = try DroverRun(["run"], workspace.variables(disk: disk, variables))
        try run.wait(for: "the guest runs", within: 60)
        let (status, output) = try drover(
            "monitor --qmp", workspace,
            input: #"{"execute": "qom-get", "arguments": {"path": "/machine", "property": "rtc-time"}}"# + "\n")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        #expect(status == 0)
        func number(_ name: String) throws -> Int {
            let place = try #require(output.range(of: "\"\(name)\": "), "\(output)")
            return try #require(Int(output[place.upperBound...].prefix { $0.isNumber }), "\(output)")
        }
        return try number("tm_hour") * 60 + number("tm_min")
    }

    /// Nine hours from UTC, whatever the time is, and whether midnight lies between the two.
    @Test func theZoneIsHonoured() throws {
        let utc = try clock(["TZ": "JST-9"])
        for zone in ["JST-9", "Asia/Tokyo"] {
            let local = try clock(["QEMU_RTC": "localtime", "TZ": zone])
            let hours = (local - utc + 24 * 60) % (24 * 60)
            #expect((9 * 60...9 * 60 + 5).contains(hours), "\(zone): \(local) \(utc)")
        }
    }

    @Test func anUnknownZoneIsAFault() throws {
        let workspace = try Workspace()
        let variables = try workspace.standInVariables(["QEMU_RTC": "localtime", "TZ": "Asia/Tokio"])
        let run = try DroverRun(["check"], variables, path: workspace.standInPath())
        #expect(try run.waitForExit(within: 20) == .exited(78))
        #expect(run.lines.contains { $0.hasPrefix("drover: TZ: \"Asia/Tokio\" is no rule") }, "\(run.lines)")
    }
}
