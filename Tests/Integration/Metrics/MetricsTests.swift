import Foundation
import Linux
import Operator
import QMP
import TestSupport
import Testing

/// `drover metrics` with real guests.
struct MetricsTests {
    private let workspace: Workspace
    private let port: UInt16
    private let sshPort: UInt16

    init() throws {
        workspace = try Workspace()
        (port, sshPort) = (try Listener.freePort(), try Listener.freePort())
    }

    private func start(_ guest: Guest, disk: String? = nil, _ more: [String: String] = [:]) throws -> DroverRun {
        let variables = workspace.variables(
            disk: try disk ?? workspace.disk(guest),
            ["METRICS_LISTEN": "127.0.0.1:\(port)", "READY_CHECK": "none"].merging(more) { $1 })
        let run = try DroverRun(["run"], variables)
        try run.wait(for: "metrics: serves", within: 60)
        return run
    }

    private func get(_ path: String, _ options: String = "") throws -> String {
        try shell("curl -sS -m 30 \(options) http://127.0.0.1:\(port)\(path)")
    }

    /// Series by name and labels, as `metrics.py` has them.
    private func series(_ format: String = "prometheus") throws -> [String: Double] {
        let accept = format == "openmetrics" ? "-H 'Accept: application/openmetrics-text; version=1.0.0'" : ""
        let file = "\(workspace.path)/\(format)"
        _ = try get("/metrics", "\(accept) -o '\(file)'")
        let client = "\(repository)/Tests/Integration/Clients/metrics.py"
        let lines = try shell("'\(prepared("DROVER_PYTHON"))' '\(client)' \(format) < '\(file)'")
        var found: [String: Double] = [:]
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 3 else { continue }
            found[words.dropLast(2).joined(separator: " ")] = Double(words[words.count - 2])
        }
        return found
    }

    private func server(_ run: DroverRun) throws -> Int32 { try child(of: run.pid, "drover\0metrics") }

    /// A figure of `/proc/PID/status`.
    private func status(_ name: String, of pid: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name):") })
        return try #require(Int(line.split(whereSeparator: { " \t".contains($0) })[1]))
    }

    // MARK: Figures

    @Test func figuresMoveWithTheGuestAndBothFormatsAreRead() throws {
        let disk = try workspace.disk(.micro)
        let written = 32 << 20
        try workspace.runAtBoot(
            """
            # By its size: which is found first differs.
            disk=/dev/$(basename "$(dirname "$(grep -lx 131072 /sys/block/*/size)")")
            dd if=/dev/zero of="$disk" bs=65536 count=\(written / 65536) conv=fsync
            dd if="$disk" of=/dev/null bs=65536 count=16
            echo all is written
            """, on: disk)
        let more = "\(workspace.path)/more.raw"
        try shell("truncate -s 64M '\(more)'")
        let run = try start(
            .micro, disk: disk,
            [
                "QEMU_DISKS": "\(more):raw", "QEMU_NET": "e1000", "QEMU_PORTS": "127.0.0.1:\(sshPort):22",
                "READY_CHECK": "auto",
            ])
        let before = try series()
        #expect(before["drover_ready{}"] == 0 && before["qemu_up{}"] == 1)
        try run.wait(for: "all is written", within: 300)
        try run.wait(for: "micro: ready", within: 300)

        let after = try series()
        let bytes = try #require(after["qemu_block_write_bytes_total{device=disk1}"])
        #expect(abs(bytes - Double(written)) <= 0.02 * Double(written), "\(bytes)")
        #expect(after["qemu_block_write_requests_total{device=disk1}"] ?? 0 > 0)
        #expect(after["qemu_block_flush_requests_total{device=disk1}"] ?? 0 > 0)
        #expect(after["qemu_block_write_seconds_total{device=disk1}"] ?? 0 > 0)
        #expect(after["qemu_block_read_bytes_total{device=disk1}"] ?? 0 >= Double(1 << 20))
        #expect(after["qemu_block_capacity_bytes{device=disk1}"] == Double(64 << 20))
        #expect(after["qemu_block_allocated_bytes{device=disk1}"] ?? 0 >= Double(written))
        #expect(after["qemu_block_errors_total{device=disk1}"] == 0)
        #expect(after["qemu_vm_state{state=running}"] == 1 && after["qemu_vm_state{state=paused}"] == 0)
        #expect(after["qemu_vcpus{}"] == 1 && after["qemu_memory_configured_bytes{}"] == Double(256 << 20))
        #expect(after["drover_ready{}"] == 1)
        for name in [
            "qemu_vcpu_seconds_total{vcpu=0}", "qemu_cpu_seconds_total{mode=user}",
            "drover_console_bytes_total{direction=out}",
        ] {
            #expect(after[name] ?? 0 > before[name] ?? 0, "\(name)")
        }
        #expect(after["qemu_memory_resident_bytes{}"] ?? 0 > Double(64 << 20))
        #expect(after["drover_disk_free_bytes{path=\(workspace.path)}"] ?? 0 > 0)
        #expect(after["drover_scrape_errors_total{}"] == 0)
        let start = try #require(after["drover_start_time_seconds{}"])
        #expect(abs(start - Date().timeIntervalSince1970) < 600)

        let openMetrics = try series("openmetrics")
        #expect(Set(openMetrics.keys) == Set(after.keys))
        let tool = try prepared("DROVER_PROMTOOL")
        #expect(try shell("'\(tool)' check metrics < '\(workspace.path)/prometheus' 2>&1").isEmpty)
        let once = try drover("metrics --once", workspace)
        #expect(once.status == 0 && once.output.contains("\nqemu_up 1\n"), "\(once.output)")

        // The guest may be paused, reset, and asked by clients.
        #expect(try drover("monitor stop", workspace).status == 0)
        #expect(try series()["qemu_vm_state{state=paused}"] == 1)
        #expect(try drover("monitor cont", workspace).status == 0)
        #expect(try series()["drover_qmp_commands_total{outcome=ok}"] ?? 0 > 2)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func aHungQEMUIsToldAtOnceAndHealthWithIt() throws {
        let run = try start(.mach)
        let qemu = try run.qemuPID()
        #expect(try get("/live", "-w '%{http_code}'") == "live: PID 1 answers, and QEMU says running\n200")
        #expect(try get("/ready", "-w '%{http_code}'").hasSuffix("200"))
        try send(.stop, to: qemu)
        for _ in 0..<3 {
            let hung = try series()
            #expect(hung["qemu_up{}"] == 0 && hung["drover_start_time_seconds{}"] ?? 0 > 0)
            #expect(hung["qemu_cpu_seconds_total{mode=user}"] ?? 0 > 0 && hung["qemu_vcpus{}"] == nil)
        }
        #expect(try series()["drover_scrape_errors_total{}"] == 4)
        let line = "not live: QEMU's main loop did not answer query-status within 5.0 s\n"
        #expect(try get("/live", "-w '%{http_code}'") == line + "503")
        #expect(try get("/ready", "-w '%{http_code}'") == line + "503")
        try send(.continue, to: qemu)
        // What it owed has come.
        let deadline = Instant.within(30)
        while try series()["qemu_up{}"] != 1 { try #require(Instant.now() < deadline) }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func aStopIsSeenAsLongAsItGoesOnAndTheNextRunKnowsItsEnd() throws {
        let run = try start(.mach, ["SHUTDOWN_TIMEOUT": "8"])
        #expect(try series()["drover_last_exit_code{}"] == nil)
        try run.signal(.terminate)
        try run.wait(for: "stopping the guest", within: 30)
        let stopping = try series()
        #expect(stopping.keys.contains { $0.hasPrefix("drover_stops_total{rung=") && $0.contains("under_way") })
        #expect(stopping["drover_ready{}"] == 0)
        #expect(try run.waitForExit(within: 60) == .exited(124))
        let next = try start(.mach)
        #expect(try series()["drover_last_exit_code{}"] == 124)
        try next.signal(.quit)
        try next.waitForExit(within: 60)
    }

    // MARK: Who serves them

    /// So many times; more by DROVER_KILLS, which takes up to a minute each.
    private static let kills = environment("DROVER_KILLS").flatMap { Int($0) } ?? 4

    @Test func aChildThatIsKilledComesBackAndTheGuestDoesNotNotice() throws {
        let run = try start(.mach)
        let qemu = try run.qemuPID()
        for count in 1...Self.kills {
            let seen = run.lines.count
            try send(.kill, to: try server(run))
            try run.wait(for: "metrics was killed by SIGKILL", after: seen, within: 30)
            try run.wait(for: "metrics: serves", after: seen, within: 180)
            #expect(try series()["drover_child_restarts_total{child=metrics}"] == Double(count))
        }
        #expect(try run.qemuPID() == qemu)
        #expect(try get("/live").hasPrefix("live: "))
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func aTakenPortIsToldAndTheGuestRuns() throws {
        let taken = try Listener(tcp: ())
        let variables = workspace.variables(
            disk: try workspace.disk(.mach), ["METRICS_LISTEN": "127.0.0.1:\(taken.port)"])
        let run = try DroverRun(["run"], variables)
        try run.wait(for: "cannot be listened on: Address already in use; somebody else has it", within: 60)
        try run.wait(for: "it is started again", within: 30)
        #expect(try drover("healthcheck --live", workspace).status == 0)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test(arguments: ["[::]", "unix:"]) func otherAddresses(kind: String) throws {
        let socket = "\(workspace.path)/metrics.sock"
        let run = try start(.mach, ["METRICS_LISTEN": kind == "unix:" ? "unix:\(socket)" : "[::]:\(port)"])
        if kind == "unix:" {
            #expect(try get("/live", "--unix-socket '\(socket)'").hasPrefix("live: "))
            #expect(try shell("stat -c %a '\(socket)'") == "600\n")
        } else {
            #expect(try get("/live").hasPrefix("live: "))
            #expect(try shell("curl -sS -m 30 -g 'http://[::1]:\(port)/live'").hasPrefix("live: "))
        }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func fromInsideNothingCanBeExecutedOpenedOrConnected() throws {
        let run = try start(.mach)
        let metrics = try server(run)
        let clients = "\(repository)/Tests/Integration/Clients"
        let lines = try shell("python3 '\(clients)/inside.py' \(metrics)").split(separator: "\n")
        #expect(lines.count > 30)
        for line in lines {
            // The first two show that calls are really made.
            let expected = line.hasPrefix("write:") ? "EBADF" : line.hasPrefix("mmap:") ? "done" : "EPERM"
            #expect(line.hasSuffix(": \(expected)"), "\(line)")
        }
        #expect(try status("Seccomp", of: metrics) == 2 && status("NoNewPrivs", of: metrics) == 1)
        // Nobody is hurt.
        #expect(try get("/live").hasPrefix("live: "))

        let borrowed = try shell("python3 '\(clients)/borrow.py' \(metrics) 3").split(separator: "\n")
        #expect(borrowed.first.flatMap { Int($0.dropFirst(6)) } ?? 0 > 100, "\(borrowed)")
        // Of the last two the arguments decide, which are tried by themselves.
        let readOnly: Set = [
            "qmp_capabilities", "qom-list", "qom-list-types", "qom-get", "drover-status", "drover-screen",
            "drover-agent", "human-monitor-command",
        ]
        for line in borrowed.dropFirst() { #expect(readOnly.contains(line.dropFirst(10).description), "\(line)") }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func attacksAreBorneWithinBounds() throws {
        let run = try start(.micro)
        let metrics = try server(run)
        // One beside it that nobody attacks: what the attack takes of the machine, it takes of both.
        let beside = try Workspace()
        let neighbour = try DroverRun(
            ["run"], beside.variables(disk: try beside.disk(.micro), ["READY_CHECK": "none"]))
        try neighbour.wait(for: "the guest runs", within: 60)
        let clients = try [workspace, beside].map {
            try QMPClient.connect(to: "\($0.path)/run/qmp.sock", until: .within(30))
        }
        func roundTrip(_ client: QMPClient) throws -> Double {
            let began = Instant.now()
            _ = try client.execute(QMPCommand("query-status"), until: began + .seconds(5))
            return Double((Instant.now() - began).nanoseconds) / 1e6
        }
        let script = "\(repository)/Tests/Integration/Clients/attack.py"
        let file = "\(workspace.path)/attack"
        let attack = try ChildProcess(
            "/bin/sh", ["-c", "python3 '\(script)' \(port) > '\(file)' 2>&1"], descriptors: [nil, nil, nil])
        var (most, attacked, spared): (Int, [Double], [Double]) = (0, [], [])
        func isOver() throws -> Bool {
            try shell("tail -n 1 '\(file)' 2>/dev/null || true") == "after the crowd: 200\n"
        }
        while try !isOver(), attacked.count < 100_000 {
            for _ in 0..<20 {
                attacked.append(try roundTrip(clients[0]))
                spared.append(try roundTrip(clients[1]))
            }
            most = max(most, try status("VmRSS", of: metrics))
        }
        #expect(try attack.waitForExit(within: 60) == .exited(0))
        let came = try String(contentsOfFile: file, encoding: .utf8)
        let expected = """
            good: 200
            long line: 414
            long header: 431
            many fields: 431
            dots: 404
            encoded dots: 404
            HTTP/0.9: 400
            no host: 400
            chunked: 405
            chunked get: 413
            both lengths: 400
            garbage: 414
            garbage in a row: 200
            byte by byte: 200
            slow header: ended
            beside slow readers: 200
            slow readers ended: 60
            after slow readers: 200
            crowd: 1000
            turned away: most
            after the crowd: 200

            """
        #expect(came == expected)
        attacked.sort()
        spared.sort()
        func words(_ times: [Double]) -> String {
            "median \(times[times.count / 2]) ms, 99 % \(times[times.count * 99 / 100]), most \(times[times.count - 1])"
        }
        print("attack: resident \(most) KiB at the most; query-status, attacked:", words(attacked))
        print("attack: query-status, beside it:", words(spared))
        #expect(most < 8 << 10)
        #expect(attacked[attacked.count / 2] < 3 * spared[spared.count / 2])
        #expect(try server(run) == metrics)
        for run in [run, neighbour] {
            try run.signal(.quit)
            try run.waitForExit(within: 60)
        }
    }
}
