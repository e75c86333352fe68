import JSON
import Linux
import TestSupport
import Testing

/// `drover backup now`, on a real QEMU.
@Suite struct LiveBackupTests {
    @Test(arguments: [1, 3]) func everyPointOfAChainIsWhatTheDisksHeld(disks: Int) throws {
        let machine = try BackedUpMachine(disks: disks)
        try machine.start()
        var kinds: [String] = []
        for point in 1...10 {
            for disk in 0..<disks {
                // One of them crosses the bounds of clusters, one is written at each point.
                try machine.write(point, at: (point * 5 + disk) << 20, 96 << 10, on: disk)
                try machine.write(100 + point, at: 60 << 20 + disk * 512, 200 << 10 + 512, on: disk)
            }
            kinds.append(try machine.backup()["kind"]?.text ?? "")
            // The bitmaps outlive QEMU.
            if point == 4 || point == 7 {
                try machine.stop()
                try machine.start()
            }
        }
        #expect(kinds == ["full"] + Array(repeating: "increment", count: 9))
        #expect(try machine.leftovers() == [])
        try machine.checkPoints()
        try machine.stop()
        for disk in 0..<disks {
            let result = try shell(
                "cd '\(machine.workspace.path)' && qemu-img compare -f raw -F qcow2 expected\(disk) disk\(disk).qcow2")
            #expect(result.contains("Images are identical"))
        }
    }

    @Test func whatIsWrittenDuringTheCopyIsNotInIt() throws {
        // Four seconds for what is there.
        let machine = try BackedUpMachine(disks: 2, ["BACKUP_RATE": "8M"])
        try machine.start()
        for disk in 0..<2 {
            for place in 0..<16 { try machine.write(place + 1, at: place << 20, 1 << 20, on: disk) }
        }
        try machine.whileCopying {
            for disk in 0..<2 {
                // Backwards: what has not been copied yet.
                for place in (0..<16).reversed() { try machine.write(200 + disk, at: place << 20, 1 << 20, on: disk) }
            }
        }
        try machine.backup()
        #expect(try machine.leftovers() == [])
        try machine.checkPoints()
        try machine.stop()
    }

    @Test func aBackupThatIsGivenUpCostsNothing() throws {
        let machine = try BackedUpMachine(["BACKUP_RATE": "4M"])
        try machine.start()
        try machine.write(1, at: 0, 32 << 20)
        let command = try DroverRun(["backup", "now"], machine.variables)
        try machine.waitForCopy()
        let second = try machine.drover("backup", "now")
        #expect(second.status == .exited(1) && second.output.contains("a backup is under way"), "\(second)")
        #expect(try machine.drover("backup", "cancel").status == .exited(0))
        #expect(try command.waitForExit(within: 60) == .exited(1))
        #expect(command.lines.last?.contains("it was cancelled") == true, "\(command.lines)")
        #expect(try machine.leftovers() == [])
        try machine.write(2, at: 4 << 20, 1 << 20)
        #expect(try machine.backup()["kind"]?.text == "full")
        try machine.write(3, at: 8 << 20, 24 << 20)
        // An increment that is given up loses no bit.
        try machine.whileCopying(isGivenUp: true) { try machine.write(4, at: 9 << 20, 1 << 20) }
        #expect(try machine.backup()["kind"]?.text == "increment")
        try machine.checkPoints()
        try machine.stop()
    }

    @Test func aTargetThatStallsHoldsNobodyUp() throws {
        let machine = try BackedUpMachine(["BACKUP_RATE": "4M"])
        let run = try machine.start()
        try machine.write(1, at: 0, 48 << 20)
        let command = try DroverRun(["backup", "now"], machine.variables)
        try machine.waitForCopy()
        let server = try #require(try children(of: machine.servicePID()).first)
        try send(Signal(rawValue: 19), to: server)  // SIGSTOP
        let slowest = try machine.slowestWrite()
        print("slowest write while the target is stalled: \(slowest.brief)")
        #expect(slowest < .seconds(5))
        #expect(try command.waitForExit(within: 120) == .exited(1))
        #expect(command.lines.last?.contains("nothing has been written for") == true, "\(command.lines)")
        #expect(try machine.leftovers() == [])
        // The next one, which stalls too, does not hold up a stop.
        let again = try DroverRun(["backup", "now"], machine.variables)
        try machine.waitForCopy()
        try send(Signal(rawValue: 19), to: try #require(try children(of: machine.servicePID()).first))
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        try again.waitForExit(within: 30)
    }

    @Test func aRevertMakesTheNextOneFull() throws {
        let machine = try BackedUpMachine()
        try machine.start()
        try machine.write(1, at: 0, 1 << 20)
        try machine.backup()
        #expect(try machine.drover("snapshot", "create", "before").status == .exited(0))
        try machine.io("write -P 2 0 1M")
        let reverted = try machine.drover("snapshot", "revert", "before", "--yes")
        #expect(
            reverted.status == .exited(0) && reverted.output.contains("next backup will be a full one"), "\(reverted)")
        #expect(try machine.backup()["kind"]?.text == "full")
        try machine.write(3, at: 2 << 20, 1 << 20)
        #expect(try machine.backup()["kind"]?.text == "increment")
        try machine.stop()
        // The same of a machine that does not run.
        let stopped = try machine.drover("snapshot", "revert", "before", "--yes")
        #expect(stopped.status == .exited(0) && stopped.output.contains("next backup will be a full one"), "\(stopped)")
        try shell("cd '\(machine.workspace.path)' && qemu-img convert -O raw disk0.qcow2 expected0")
        try machine.start()
        #expect(try machine.backup()["kind"]?.text == "full")
        try machine.checkPoints()
        try machine.stop()
    }

    @Test func whatWasMissedIsMadeAtTheStartAndWhatIsNotKeptGoes() throws {
        let machine = try BackedUpMachine(["BACKUP_SCHEDULE": "every 1d", "BACKUP_KEEP": "last=1"])
        let run = try machine.start()
        try run.wait(for: "is complete: a full one (it is the first)", within: 60)
        try machine.waitForIdleService()
        let report = try machine.qmp("drover-backup-status").result
        #expect(report?["next"]?.text?.hasSuffix("Z") == true)
        #expect(try machine.drover("backup", "now", "--full").status == .exited(0))
        try run.wait(for: "removed by BACKUP_KEEP", within: 60)
        #expect(try shell("ls -d '\(machine.workspace.path)'/backups/2* | wc -l") == "1\n")
        try machine.stop()
    }

    @Test func aFloorOfFreeSpaceIsKept() throws {
        let machine = try BackedUpMachine(["BACKUP_FLOOR": "64T"])
        try machine.start()
        let refused = try machine.drover("backup", "now")
        #expect(refused.status == .exited(1) && refused.output.contains("BACKUP_FLOOR"), "\(refused)")
        #expect(try machine.leftovers() == [])
        try machine.stop()
    }

    /// The fleece lies beside the disk.
    @Test(arguments: ["backups", "disks"]) func aFullVolumeFailsTheBackupAlone(folder: String) throws {
        let machine = try BackedUpMachine([
            "BACKUP_RATE": "8M", "BACKUP_FLOOR": "1M",
        ])
        let place = "\(machine.workspace.path)/disks"
        machine.more["QEMU_DRIVE"] = "\(place)/disk0.qcow2"
        try shell("mkdir '\(place)'")
        try machine.start(by: [
            "/usr/bin/unshare", "--mount", "sh", "-c",
            """
            mount -t tmpfs -o size=\(folder == "disks" ? 22 : 100)M tmpfs '\(place)'
            mount -t tmpfs -o size=\(folder == "disks" ? 100 : 12)M tmpfs '\(machine.workspace.path)/backups'
            cp '\(machine.workspace.path)/disk0.qcow2' '\(place)' && exec "$@"
            """, "sh",
        ])
        try machine.write(1, at: 0, 16 << 20)
        let command = try DroverRun(["backup", "now"], machine.variables)
        try machine.waitForCopy()
        // From the end on: each has to be kept before it is overwritten.
        for place in (0..<16).reversed() { try machine.write(2, at: place << 20, 1 << 20) }
        #expect(try command.waitForExit(within: 60) == .exited(1), "\(command.lines)")
        #expect(try machine.qmp("query-status").result?["status"]?.text == "running")
        #expect(try machine.leftovers() == [])
        try machine.stop()
    }

    @Test func onlyTheChildReportsAndNobodyTouchesABackupsNodes() throws {
        let machine = try BackedUpMachine(["QMP_POLICY": "operator"])
        try machine.start()
        let report = try machine.qmp("drover-backup-report", ["number": 1, "state": "idle"])
        #expect(
            report.kind == .failure(class: "GenericError", description: "drover-backup-report is for PID 1's own child")
        )
        let id = try machine.backup()["id"]?.text ?? ""
        for (command, arguments) in [
            ("block-dirty-bitmap-remove", ["node": "disk0", "name": .string("drover-backup-\(id)")] as JSONValue),
            ("blockdev-del", ["node-name": "drover-backup-filter-disk0"]),
        ] {
            guard case .failure(_, let description) = try machine.qmp(command, arguments).kind else {
                Issue.record("\(command) was carried out")
                continue
            }
            #expect(description.contains("is a backup's"), "\(description)")
        }
        try machine.stop()
    }

    @Test func withoutADirectoryBackupsAreOff() throws {
        let machine = try BackedUpMachine()
        var variables = machine.variables
        variables["BACKUP_DIR"] = nil
        variables["BACKUP_KEEP"] = nil
        let run = try DroverRun(["run"], variables)
        try run.wait(for: "the guest runs", within: 60)
        let refused = try machine.drover("backup", "now")
        #expect(refused.status == .exited(1) && refused.output.contains("BACKUP_DIR is not set"), "\(refused)")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }
}

extension BackedUpMachine {
    /// Waits until a backup copies.
    func waitForCopy() throws {
        let deadline = Instant.within(60)
        while Instant.now() < deadline {
            let report = try qmp("drover-backup-status").result
            if let done = report?["backup"]?["done"]?.integer(as: Int.self), done > 0 { return }
        }
        throw TestFailure("no backup has come to copy")
    }

    /// Makes a backup of what the disks hold now, and does something while it copies.
    func whileCopying(isGivenUp: Bool = false, _ work: () throws -> Void) throws {
        let command = try DroverRun(["backup", "now", "--json"], variables)
        try waitForCopy()
        let report = try qmp("drover-backup-status").result
        let id = try #require(report?["backup"]?["id"]?.text)
        if !isGivenUp { note(id) }
        try work()
        if isGivenUp { #expect(try drover("backup", "cancel").status == .exited(0)) }
        #expect(try command.waitForExit(within: 120) == .exited(isGivenUp ? 1 : 0), "\(command.lines)")
    }
}
