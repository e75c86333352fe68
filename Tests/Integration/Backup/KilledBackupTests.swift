import Glibc
import JSON
import Linux
import TestSupport
import Testing

/// Whoever is killed while a backup is made, whenever that is: the guest goes on if it can, nothing is left behind, and the next
/// backup is right.
@Suite struct KilledBackupTests {
    /// At so many moments of a backup of two seconds; more by DROVER_KILLS.
    private static let rounds = environment("DROVER_KILLS").flatMap { Int($0) } ?? 3

    enum Victim: CaseIterable {
        case service, client, qemu, pid1
    }

    @Test(arguments: Victim.allCases) func nothingIsLostOrLeft(_ victim: Victim) throws {
        let machine = try BackedUpMachine(disks: 2, ["BACKUP_RATE": "8M"])
        try machine.start()
        for disk in 0..<2 { try machine.write(1, at: 0, 6 << 20, on: disk) }
        var moments: [String] = []
        for round in 1...Self.rounds {
            for disk in 0..<2 { try machine.write(round + 1, at: (round % 20) << 20, 3 << 20, on: disk) }
            let command = try DroverRun(["backup", "now", "--json"], machine.variables)
            // The moment is what is tried: any will do.
            let moment = Int.random(in: 0..<1500)
            try machine.pass(milliseconds: moment)
            moments.append("\(moment) ms")
            let run = try #require(machine.run)
            switch victim {
            case .service:
                let count = run.lines.count
                try send(.kill, to: machine.servicePID())
                try command.waitForExit(within: 60)
                try run.wait(for: "backup was killed by SIGKILL", after: count, within: 30)
                try machine.waitForService()
            case .client:
                try command.signal(.kill)
                try command.waitForExit(within: 60)
                // Its order may only now be taken up: this one waits for it.
                try machine.backup()
            case .qemu:
                try send(.kill, to: machine.qemuPID())
                try command.waitForExit(within: 60)
                try run.waitForExit(within: 60)
                try machine.restart()
            case .pid1:
                try run.signal(.kill)
                try command.waitForExit(within: 60)
                try run.waitForExit(within: 60)
                try machine.restart()
            }
            let left = try machine.leftovers()
            #expect(left == [], "\(victim), \(moments)")
            let state = try machine.qmp("query-status").result?["status"]?.text
            #expect(state == "running", "\(victim), \(moments)")
            try machine.write(200, at: 40 << 20 + round << 16, 64 << 10)
            try machine.backup()
        }
        try machine.checkPoints()
        try machine.stop()
        for disk in 0..<2 {
            // Clusters that belong to nobody are what a killed QEMU may leave (3).
            let result = try shell("qemu-img check '\(machine.workspace.path)/disk\(disk).qcow2' >&2; echo $?")
            #expect(result.hasSuffix("0\n") || victim != .service && victim != .client && result.hasSuffix("3\n"))
        }
    }
}

extension BackedUpMachine {
    func pass(milliseconds: Int) throws {
        try #require(client).pause(until: .now() + .milliseconds(milliseconds))
    }

    func waitForIdleService() throws {
        let deadline = Instant.within(60)
        while Instant.now() < deadline {
            let report = try qmp("drover-backup-status").result
            if report?["state"]?.text == "idle" { return }
            try pass(milliseconds: 20)
        }
        throw TestFailure("the backup does not end")
    }

    func qemuPID() throws -> Int32 {
        for child in try children(of: try #require(run).pid) {
            let command = try readFile("/proc/\(child)/comm", limit: 64)
            if String(decoding: command, as: UTF8.self).hasPrefix("qemu-system") { return child }
        }
        throw TestFailure("there is no QEMU")
    }

    /// After QEMU was killed: what it had not written is not what the disks hold.
    func restart() throws {
        let deadline = Instant.within(30)
        // Its lock goes when it has ended.
        while try shell("cd '\(workspace.path)' && qemu-img info disk0.qcow2 >/dev/null 2>&1; echo $?") != "0\n",
            Instant.now() < deadline
        {}
        for disk in 0..<disks {
            try shell("cd '\(workspace.path)' && qemu-img convert -O raw disk\(disk).qcow2 expected\(disk)")
        }
        try start()
    }
}
