import JSON
import Linux
import Operator
import QMP
import Testing

@testable import Metrics

/// Scrapes and health checks in simulated time; PID 1 and QEMU are what the tests say.
struct MetricsDeskTests {
    private var desk = MetricsDesk(Readings.Setting(version: "1", machine: "pc", folders: [])) { _ in true }
    /// Commands that have been sent, by their ids.
    private var sent: [(id: Int, name: String)] = []
    private var answers: [Int: HTTPAnswer] = [:]
    private var checks: [HealthCheck.Depth] = []

    private static func at(_ seconds: Double) -> Instant {
        Instant(nanoseconds: 1_000_000_000) + .milliseconds(Int(seconds * 1000))
    }

    private mutating func perform(_ actions: [MetricsDesk.Action]) {
        for action in actions {
            switch action {
            case .sendToPID1(let bytes):
                for line in bytes.split(separator: 10) {
                    let command = try? JSONParser.parse(Array(line.dropLast()))
                    sent.append((command?["id"]?.integer() ?? -1, command?["execute"]?.text ?? "?"))
                }
            case .check(let depth, _): checks.append(depth)
            case .answer(let client, let answer): answers[client] = answer
            }
        }
    }

    private mutating func get(
        _ path: String, _ client: Int, _ format: ExpositionFormat = .prometheus, at seconds: Double
    ) {
        let request = HTTPRequest(isHead: false, path: path, format: format, isKeptAlive: true)
        perform(desk.request(request, of: client, at: Self.at(seconds)))
    }

    /// PID 1, or QEMU, answers all that it was sent and has not answered.
    private mutating func answer(ofPID1: Bool, at seconds: Double) throws {
        let isAnswered = { (name: String) in name.hasPrefix("drover-") == ofPID1 }
        var text = ""
        for command in sent where isAnswered(command.name) {
            text += #"{"return": \#(Self.result(of: command.name)), "id": \#(command.id)}"# + "\r\n"
        }
        sent.removeAll { isAnswered($0.name) }
        perform(try desk.received(Array(text.utf8), at: Self.at(seconds)))
    }

    private static func result(of command: String) -> String {
        switch command {
        case "drover-status":
            DroverStatus(
                state: .running, since: "", accelerator: "tcg, CPU max", acceleratorReason: "", guestResets: 2,
                qemu: DroverStatus.QEMU(pid: 7, version: "7.2.22"), forwards: [], readyCheck: .none, agent: .silent,
                stop: nil, lastStop: nil
            ).jsonValue.encodedText()
        case "drover-backup-status":
            #"{"figures": {"failed": 1, "good": 2, "newest": {"bytes": 4096, "second": 99, "seconds": 1.5}, "points": 3, "verifiedAt": 98, "verifiedGood": false}, "backup": {"fleece": 65536}}"#
        case "query-status": #"{"status": "running", "running": true}"#
        case "query-memory-size-summary": #"{"base-memory": 1024}"#
        case "query-blockstats": #"[{"node-name": "disk0", "stats": {"wr_bytes": 9, "wr_total_time_ns": 1500000000}}]"#
        case "query-balloon": #"{"actual": 512}"#
        case "qom-get":
            #"{"last-update": 9, "stats": {"stat-total-memory": 500, "stat-free-memory": 18446744073709551615, "stat-available-memory": 300}}"#
        default: "[]"
        }
    }

    private mutating func checked(_ depth: HealthCheck.Depth, _ isHealthy: Bool) {
        checks.removeAll { $0 == depth }
        perform(desk.checked(depth, HealthVerdict(isHealthy: isHealthy, line: "the line")))
    }

    private func text(_ client: Int) -> String { String(decoding: answers[client]?.body ?? [], as: UTF8.self) }

    @Test mutating func aScrapeAsksOnceAndAnswersWhenAllIsKnown() throws {
        get("/metrics", 1, at: 0)
        let commands = ["drover-status"] + (QEMUAnswers.commands + QEMUAnswers.Lasting.commands).map(\.name)
        #expect(sent.map(\.name) == commands)
        // Another, in the other format, shares it.
        get("/metrics", 2, .openMetrics, at: 0.1)
        #expect(sent.map(\.name) == commands)
        try answer(ofPID1: true, at: 0.2)
        #expect(answers.isEmpty && checks.isEmpty)
        try answer(ofPID1: false, at: 0.3)
        #expect(checks == [.ready] && answers.isEmpty)
        checked(.ready, true)
        #expect(text(1).contains("\nqemu_up 1\n") && text(1).contains("\ndrover_ready 1\n"))
        #expect(text(1).contains("\nqemu_block_write_bytes_total{device=\"disk0\"} 9\n"))
        #expect(text(1).contains("\nqemu_block_write_seconds_total{device=\"disk0\"} 1.5\n"))
        #expect(text(1).contains("\nqemu_vm_state{state=\"running\"} 1\n"))
        #expect(text(1).contains(#"qemu_vm_info{version="7.2.22",machine="pc",accelerator="tcg",cpu="max"} 1"#))
        #expect(text(2).hasSuffix("# EOF\n") && answers[2]?.contentType == ExpositionFormat.openMetrics.contentType)
        #expect(desk.deadline == nil)
        // What lasts is asked once.
        get("/metrics", 3, at: 15)
        #expect(sent.map(\.name) == ["drover-status"] + QEMUAnswers.commands.map(\.name))
        try answer(ofPID1: true, at: 15)
        try answer(ofPID1: false, at: 15)
        checked(.ready, true)
        #expect(text(3).contains("\nqemu_memory_configured_bytes 1024\n"))
    }

    @Test mutating func backupsAreAskedForWhereThereAreAny() throws {
        desk = MetricsDesk(Readings.Setting(version: "1", machine: "pc", folders: [], backups: "/backups")) {
            $0.backupSpace = 7
            return true
        }
        get("/metrics", 1, at: 0)
        #expect(sent.map(\.name).prefix(2) == ["drover-status", "drover-backup-status"])
        try answer(ofPID1: false, at: 0)
        #expect(checks.isEmpty)
        try answer(ofPID1: true, at: 0)
        checked(.ready, true)
        #expect(text(1).contains("\ndrover_backup_last_success_timestamp_seconds 99\n"))
        #expect(text(1).contains("\ndrover_backup_last_duration_seconds 1.5\n"))
        #expect(text(1).contains("\ndrover_backups_total{outcome=\"ok\"} 2\n"))
        #expect(text(1).contains("\ndrover_backup_last_verified_timestamp_seconds 98\n"))
        #expect(text(1).contains("\ndrover_backup_verify_ok 0\n"))
        #expect(text(1).contains("\ndrover_backup_fleece_bytes 65536\n"))
        #expect(text(1).contains("\ndrover_backup_points 3\n") && text(1).contains("\ndrover_backup_free_bytes 7\n"))
    }

    @Test mutating func theBalloonIsAskedForWhereThereIsOne() throws {
        desk = MetricsDesk(Readings.Setting(version: "1", machine: "pc", folders: [], hasBalloon: true)) { _ in true }
        for scrape in 1...2 {
            get("/metrics", scrape, at: Double(15 * scrape))
            #expect(sent.map(\.name).contains("query-balloon"))
            try answer(ofPID1: true, at: Double(15 * scrape))
            try answer(ofPID1: false, at: Double(15 * scrape))
            checked(.ready, true)
            #expect(text(scrape).contains("\nqemu_memory_actual_bytes 512\n"))
            #expect(text(scrape).contains("\nqemu_guest_memory_total_bytes 500\n"))
            #expect(text(scrape).contains("\nqemu_guest_memory_available_bytes 300\n"))
            // The guest does not say.
            #expect(!text(scrape).contains("qemu_guest_memory_free_bytes"))
            #expect(text(scrape).contains("\nqemu_memory_configured_bytes 1024\n"))
        }
    }

    @Test mutating func aHungQEMUIsNotAskedAnewUntilItHasAnswered() throws {
        get("/metrics", 1, at: 0)
        try answer(ofPID1: true, at: 0)
        #expect(desk.deadline == Self.at(2))
        perform(desk.deadlineReached(at: Self.at(1.9)))
        #expect(answers.isEmpty)
        perform(desk.deadlineReached(at: Self.at(2)))
        #expect(text(1).contains("\nqemu_up 0\n") && text(1).contains("\ndrover_scrape_errors_total 1\n"))
        #expect(!text(1).contains("qemu_vm_state") && text(1).contains("qemu_guest_resets_total 2\n"))
        #expect(checks.isEmpty)

        let owed = sent
        sent = []
        get("/metrics", 2, at: 15)
        #expect(sent.map(\.name) == ["drover-status"])
        try answer(ofPID1: true, at: 15)
        #expect(text(2).contains("\nqemu_up 0\n"))

        sent = owed
        try answer(ofPID1: false, at: 20)
        get("/metrics", 3, at: 30)
        #expect(sent.count == 1 + QEMUAnswers.commands.count + QEMUAnswers.Lasting.commands.count)
        try answer(ofPID1: true, at: 30)
        try answer(ofPID1: false, at: 30)
        checked(.ready, false)
        #expect(text(3).contains("\nqemu_up 1\n") && text(3).contains("\ndrover_ready 0\n"))
    }

    @Test mutating func theReadyCheckIsWaitedForNoLongerThanQEMU() throws {
        get("/metrics", 1, at: 0)
        try answer(ofPID1: true, at: 0)
        try answer(ofPID1: false, at: 0.5)
        perform(desk.deadlineReached(at: Self.at(2)))
        #expect(text(1).contains("\ndrover_ready 0\n") && text(1).contains("\nqemu_up 1\n"))
        // Its verdict comes late, and is nobody's.
        answers = [:]
        checked(.ready, true)
        #expect(answers.isEmpty)
    }

    @Test mutating func aPID1ThatDoesNotAnswerIsTold() {
        get("/metrics", 1, at: 0)
        perform(desk.deadlineReached(at: Self.at(2)))
        #expect(answers[1]?.status == .serviceUnavailable && text(1) == "PID 1 did not answer within 2.0 s\n")
    }

    @Test mutating func healthChecksAreSharedAndOfEachDepthByThemselves() {
        get("/ready", 1, at: 0)
        get("/ready", 2, at: 1)
        get("/live", 3, at: 1)
        #expect(checks == [.ready, .live])
        checked(.live, true)
        #expect(answers[3]?.status == .ok && text(3) == "the line\n" && answers[1] == nil)
        desk.left(2)
        checked(.ready, false)
        #expect(answers[1]?.status == .serviceUnavailable && answers[2] == nil)
        get("/ready", 4, at: 5)
        #expect(checks == [.ready])
    }

    @Test mutating func whoLeavesTakesNothingFromTheOthers() throws {
        get("/metrics", 1, at: 0)
        get("/metrics", 2, at: 0)
        desk.left(1)
        try answer(ofPID1: true, at: 0)
        try answer(ofPID1: false, at: 0)
        checked(.ready, true)
        #expect(answers[1] == nil && answers[2]?.status == .ok)
    }

    @Test mutating func otherPathsAreNotThere() {
        for path in ["/metrics/", "/Metrics", "/../metrics", "/%6detrics", "/favicon.ico"] {
            get(path, 1, at: 0)
            #expect(answers[1]?.status == .notFound, "\(path)")
        }
        get("/", 2, at: 0)
        #expect(answers[2]?.status == .ok && text(2).contains("/metrics"))
    }
}
