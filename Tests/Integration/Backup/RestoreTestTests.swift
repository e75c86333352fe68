import Foundation
import JSON
import Linux
import TestSupport
import Testing

/// `drover backup test`: a second guest from a backup, on the real QEMU.
@Suite struct RestoreTestTests {
    @Test func aGoodOnePassesAndIsLeftAsItIs() throws {
        let guest = try TestedGuest(["QEMU_NET": "e1000", "QEMU_PORTS": "", "QEMU_NICS": "virtio"])
        try guest.start()
        // A chain that is deeper than a disk of its owner's may be.
        var id = ""
        for _ in 0..<11 { id = try guest.backup() }
        let before = try guest.sums()
        let command = try DroverRun(["backup", "test"], guest.variables)
        let qemu = try guest.waitForTest(by: guest.servicePID())
        let words = try String(decoding: readFile("/proc/\(qemu)/cmdline", limit: 1 << 20), as: UTF8.self)
            .split(separator: "\0")
        #expect(words.contains("pc,dump-guest-core=off") && words.contains { $0.hasPrefix("ide-hd") }, "\(words)")
        for network in ["-net", "-nic", "netdev", "e1000", "virtio-net"] {
            #expect(!words.contains { $0.contains(network) }, "\(words)")
        }
        // It yields to the guest.
        #expect(try readFile("/proc/\(qemu)/oom_score_adj", limit: 64) == Array("1000\n".utf8))
        // QEMU itself says the same.
        let second = ["DROVER_RUNTIME_DIR": "\(guest.workspace.path)/run/test"]
        let deadline = Instant.within(60)
        var pci = ""
        while !pci.contains("IDE controller"), Instant.now() < deadline {
            pci = try guest.drover("monitor", "info pci", with: second).output
        }
        #expect(pci.contains("IDE controller") && !pci.contains("Ethernet"), "\(pci)")
        #expect(try !guest.drover("monitor", "info network", with: second).output.contains("model="))
        #expect(try command.waitForExit(within: 300) == .exited(0), "\(command.lines)")
        #expect(command.lines.last?.hasPrefix("\(id) has passed its test: the console has shown \"login:\"") == true)
        try waitForEnd(of: qemu, within: 20)
        #expect(!FileManager.default.fileExists(atPath: "\(guest.workspace.path)/run/test"))

        #expect(try guest.sums() == before)
        let result = try guest.result(id)
        #expect(result["result"]?.text == "passed" && result["lastSeen"]?.elements == [], "\(result)")
        let list = try JSONParser.parse(Array(guest.drover("backup", "list", "--json").output.utf8))
        #expect(list["backups"]?.elements?.last?["test"] == result)
        #expect(try guest.drover("backup", "verify").status == .exited(0))
        // Nothing but the disks tells the guest that it was there: it goes on, and the next backup is an increment.
        #expect(try guest.drover("backup", "now").output.contains("an increment of \(id)"))
        try guest.stop()

        // Without a run too, with a text that the guest shows.
        let alone = try guest.drover("backup", "test", id, with: ["READY_CHECK": "console:micro: ready"])
        #expect(alone.status == .exited(0) && alone.output.contains(#"has shown "micro: ready""#), "\(alone)")
        #expect(try guest.drover("backup", "test", "20200101T000000Z").status == .exited(1))
        #expect(try guest.drover("backup", "test", "--timeout", "5").status == .exited(64))
    }

    @Test func oneWithoutABootLoaderFails() throws {
        let guest = try TestedGuest()
        try guest.start()
        // Its boot sector, and what GRUB has behind it.
        #expect(try guest.drover("monitor", #"qemu-io -d drive0 "write -P 0 0 1M""#).status == .exited(0))
        let bad = try guest.backup()
        let before = try guest.sums()
        let failed = try guest.drover("backup", "test", "--timeout", "15")
        #expect(failed.status == .exited(1), "\(failed)")
        for text in ["\(bad) has failed its test", "within 15 s", "last seen of it:", "No bootable device"] {
            #expect(failed.output.contains(text), "\(text): \(failed)")
        }
        #expect(try guest.sums() == before)
        let result = try guest.result(bad)
        #expect(result["result"]?.text == "failed" && result["seconds"]?.double ?? 0 >= 15, "\(result)")
        #expect(result["lastSeen"]?.elements?.contains { $0.text?.contains("No bootable device") ?? false } == true)
        #expect(try guest.drover("backup", "list").output.contains("disk0  failed"))
        #expect(try guest.drover("backup", "verify").status == .exited(0))
        try guest.run?.wait(for: "backup: \(bad) has failed its test", within: 10)
        try guest.stop()
    }

    /// What is known to be good outlives what is not.
    @Test func whatHasPassedIsKept() throws {
        let guest = try TestedGuest(["BACKUP_KEEP": "last=1"])
        try guest.start()
        let good = try guest.backup()
        #expect(try guest.drover("backup", "test").status == .exited(0))
        let next = try guest.backup("--full")
        let last = try guest.backup("--full")
        let names = Set(try shell("ls '\(guest.backups)'").split(separator: "\n").map(String.init))
        #expect(names.isSuperset(of: [good, last]) && !names.contains(next), "\(names)")
        try guest.stop()
    }

    @Test func itIsCancelledOrKilledAndAStopDoesNotWaitForIt() throws {
        let guest = try TestedGuest()
        let run = try guest.start()
        let id = try guest.backup()
        var service = try guest.servicePID()

        let cancelled = try DroverRun(["backup", "test"], guest.variables)
        var qemu = try guest.waitForTest(by: service)
        let busy = try guest.drover("backup", "now")
        #expect(busy.status == .exited(1) && busy.output.contains("or a test of one"), "\(busy)")
        #expect(try guest.drover("backup", "prune").output.contains("in use by a test of a backup"))
        #expect(try guest.drover("backup", "cancel").status == .exited(0))
        #expect(try cancelled.waitForExit(within: 30) == .exited(1))
        #expect(cancelled.lines.last?.contains("the test was cancelled") == true, "\(cancelled.lines)")
        try waitForEnd(of: qemu, within: 20)

        let killed = try DroverRun(["backup", "test"], guest.variables)
        qemu = try guest.waitForTest(by: service)
        try send(.kill, to: service)
        try waitForEnd(of: qemu, within: 20)
        try killed.waitForExit(within: 60)
        try run.wait(for: "it is started again in", within: 30)
        _ = try guest.backup()

        service = try guest.servicePID()
        let stopped = try DroverRun(["backup", "test"], guest.variables)
        qemu = try guest.waitForTest(by: service)
        let began = Instant.now()
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        print("a stop in the midst of a test: \((Instant.now() - began).brief)")
        #expect(run.lines.contains { $0.contains("stopped cleanly by rung 2") })
        try waitForEnd(of: qemu, within: 20)
        try stopped.waitForExit(within: 60)
        // None of them has found anything out.
        #expect(!FileManager.default.fileExists(atPath: "\(guest.backups)/\(id)/test.json"))
        // What is left of them is in nobody's way.
        #expect(try guest.drover("backup", "test", id).status == .exited(0))
    }

    @Test func itIsMadeBySchedule() throws {
        let guest = try TestedGuest(["BACKUP_SCHEDULE": "every 1d", "BACKUP_TEST": "every 1d"])
        let run = try guest.start(waitingFor: "is complete: a full one (it is the first)")
        try run.wait(for: "has passed its test", within: 300)
        #expect(run.lines.filter { $0.contains("booting a second guest") }.count == 1)
        try guest.stop()
        // A restart is no reason to test again.
        let again = try guest.start()
        _ = try guest.backup()
        #expect(!again.lines.contains { $0.contains("booting a second guest") })
        try guest.stop()
    }

    @Test func tooLittleMemoryForTwoIsSaid() throws {
        let guest = try TestedGuest()
        let meminfo = "\(guest.workspace.path)/meminfo"
        try "MemTotal: 716800 kB\nMemAvailable: 716800 kB\n".write(toFile: meminfo, atomically: true, encoding: .utf8)
        try guest.start(by: [
            "/usr/bin/unshare", "--mount", "sh", "-c", "mount --bind '\(meminfo)' /proc/meminfo && exec \"$@\"", "sh",
        ])
        let id = try guest.backup()
        let refused = try guest.drover("backup", "test")
        #expect(refused.status == .exited(1), "\(refused)")
        #expect(refused.output.contains("for a second guest of 256 MiB, and the host's 700 MiB leaves"), "\(refused)")
        #expect(!FileManager.default.fileExists(atPath: "\(guest.backups)/\(id)/test.json"))
        try guest.stop()
    }
}
