import Foundation
import Linux
import TestSupport
import Testing

/// `compose/monitoring.yaml` with a real guest, Prometheus and Alertmanager.
@Suite struct MonitoringTests {
    /// Ours, but for what would take minutes.
    private static let quick = """
        sed -i 's/for: .*m$/for: 5s/' alerts.yml; sed -i 's/group_wait: .*/group_wait: 1s/; s/group_interval: .*/group_interval: 5s/' alertmanager.yml
        sed -i 's/_interval: 15s/_interval: 5s/' prometheus.yml
        """

    @Test func theFiguresMoveWithTheGuestAndEveryQueryOfTheDashboardHasASeries() throws {
        let monitoring = try MonitoringClone(
            ["BACKUP_DIR=../backups", "BACKUP_FLOOR=1M"], overlays: "monitoring.yaml:backup.yaml",
            prepare: Self.quick + "\ninstall -d -o 10001 -g 10001 ../../backups")
        let container = try monitoring.up()
        try container.wait(for: "micro: ready")
        try Engine.wait(for: "the target", within: 60) { try monitoring.prometheus.value(#"up{job="drover"}"#) == 1 }
        func asRoot(_ command: String) throws -> String {
            try monitoring.clone.login.byPassword(monitoring.clone.secret("root_password"), "root", command)
        }

        // What a scrape that comes after this moment says.
        func settled(_ expression: String) throws -> Double {
            let now = Date().timeIntervalSince1970
            try Engine.wait(for: "a scrape", within: 60) {
                try monitoring.prometheus.value(#"timestamp(up{job="drover"})"#) ?? 0 > now + 0.1
            }
            return try #require(try monitoring.prometheus.value(expression))
        }
        let (bytes, requests) = ("sum(qemu_block_write_bytes_total)", "sum(qemu_block_write_requests_total)")
        // Both at one moment: the guest writes by itself too.
        func count() throws -> (guest: Double, bytes: Double) {
            for _ in 0..<10 {
                let guest = writtenBytes(try asRoot("sync; cat /proc/diskstats"))
                let bytes = try settled(bytes)
                if writtenBytes(try asRoot("cat /proc/diskstats")) == guest { return (guest, bytes) }
            }
            throw TestFailure("the guest does not stop writing")
        }
        let before = (try count(), requests: try settled(requests))
        _ = try asRoot("dd if=/dev/zero of=/state/fill bs=1M count=16 && sync")
        let after = try count()
        let (guest, written) = (after.guest - before.0.guest, after.bytes - before.0.bytes)
        #expect(guest >= 16_777_216)
        #expect(abs(written - guest) <= guest * 0.02, "the guest wrote \(guest), the figure moved by \(written)")
        #expect(try settled(requests) > before.requests)
        print("the guest wrote \(guest) bytes, the figure moved by \(written)")

        _ = try Engine.docker("exec \(container.id) drover backup now")
        _ = try settled("up")
        let names = Set(
            try monitoring.prometheus.query(#"{job="drover"}"#).compactMap { $0.labels["__name__"] })
        // A Drover that serves none of these yet.
        let hasBackups = names.contains { $0.hasPrefix("drover_backup") }
        for query in try Dashboard().queries where hasBackups || !query.contains("drover_backup") {
            let series = try monitoring.prometheus.query(
                query.replacing("$instance", with: ".*").replacing("$__rate_interval", with: "1m"))
            #expect(!series.isEmpty, "\(query)")
        }
        // No name that the rules use is misspelt: each is scraped, or of what there is only at times.
        let rules = try text(of: "\(repository)/compose/monitoring/alerts.yml")
        let used = Set(rules.matches(of: /\b(?:drover|qemu|container)_[a-z_]+/).map { String($0.output) })
        let rare: Set = [
            "drover_backup_test_ok", "drover_backup_verify_ok", "drover_last_exit_code", "drover_stops_total",
        ]
        let unknown = used.subtracting(names).subtracting(rare)
        #expect(unknown.filter { hasBackups || !$0.hasPrefix("drover_backup") } == [])
        #expect(
            try monitoring.prometheus.query(
                #"ALERTS{alertstate="firing", alertname!~"DiskSpaceLow|ImageFillsVolume"}"#
            ).map(\.labels) == [])
    }

    /// It is told of a guest whose QEMU stands still, and of its coming back; of a container that is stopped, the target is.
    @Test func aGuestThatHangsIsToldOfAndAStoppedOneHasNoSeries() throws {
        let monitoring = try MonitoringClone(prepare: Self.quick)
        let container = try monitoring.up()
        // It need not have booted.
        try Engine.wait(for: "the target", within: 180) { try monitoring.prometheus.value("qemu_up") == 1 }
        // Before the first scrape there was none to be told of by name.
        func told(_ status: String) throws -> Substring? {
            try monitoring.posts().last {
                $0.contains(#"{"status":"\#(status)","labels":{"alertname":"GuestDown","instance":"hurd:9177""#)
            }
        }
        let qemu = try container.processes().qemu
        try send(.stop, to: qemu)
        defer { try? send(.continue, to: qemu) }
        try Engine.wait(for: "qemu_up 0", within: 60) { try monitoring.prometheus.value("qemu_up") == 0 }
        // PID 1's own figures are there all the same.
        try Engine.wait(for: "PID 1's own figures", within: 60) {
            try monitoring.prometheus.value("drover_start_time_seconds and on() (qemu_up == 0)") != nil
        }
        try Engine.wait(for: "the alert at the webhook", within: 60) { try told("firing") != nil }
        let post = try #require(try told("firing"))
        #expect(post.contains("docs/runbook.md#guestdown"), "\(post)")
        #expect(post.contains(#""summary":"hurd:9177 has not answered for 5 minutes""#), "\(post)")
        try send(.continue, to: qemu)
        try Engine.wait(for: "qemu_up 1", within: 60) { try monitoring.prometheus.value("qemu_up") == 1 }
        try Engine.wait(for: "the end of the alert at the webhook", within: 120) { try told("resolved") != nil }

        try Engine.docker("stop \(container.id)", within: 180)
        try Engine.wait(for: "the end of the target", within: 60) {
            try monitoring.prometheus.value(#"up{job="drover"}"#) == 0
        }
        #expect(
            try monitoring.prometheus.query("qemu_up").isEmpty && monitoring.prometheus.query("drover_ready").isEmpty)
    }

    /// What comes to Loki by Alloy's configuration, and what a guest can reach of all this.
    @Test func recordsComeToLokiWithLabelsAndTheGuestReachesPrometheusAlone() throws {
        let monitoring = try MonitoringClone()
        let clone = monitoring.clone
        try clone.type("echo CONSOLE_LOG=on >>compose/.env")
        let container = try monitoring.up()
        try container.wait(for: "micro: ready")
        let password = try clone.secret("root_password")
        let forged = #"{\"level\":\"error\",\"message\":\"forged\",\"source\":\"drover\"}"#
        _ = try clone.login.byPassword(password, "root", "echo \"\(forged)\" >/dev/ttyS0; echo end-of-test >/dev/ttyS0")
        try Engine.wait(for: "the line", within: 60) {
            try monitoring.entries().contains { $0.line.contains("end-of-test") }
        }
        // The label, what Alloy made it of, and that there is none but these.
        let name = try String(container.inspect("{{.Name}}").dropFirst())
        var sources: Set<String> = []
        for entry in try monitoring.entries() {
            #expect(entry.labels.keys.sorted() == ["container", "job", "level", "source"], "\(entry)")
            #expect(entry.labels["job"] == "drover" && entry.labels["container"] == name, "\(entry)")
            let source = entry.labels["source"] ?? ""
            sources.insert(source)
            #expect(!entry.line.contains("forged") || source == "console", "\(entry)")
        }
        // It prints what it cannot read or send.
        #expect(try Engine.docker("logs \(monitoring.part("alloy").id)") == "")
        #expect(
            sources.isSuperset(of: ["console", "drover"])
                && sources.isSubset(of: ["audit", "console", "drover", "qemu"]))
        // Docker keeps a copy for its own command.
        #expect(try Engine.docker("logs \(container.id)").contains("end-of-test"))

        func address(_ service: String, _ network: String) throws -> String {
            try monitoring.part(service).inspect(
                "{{range $name, $it := .NetworkSettings.Networks}}{{if eq $name \"\(try networkName(clone, network))\"}}{{$it.IPAddress}}{{end}}{{end}}"
            )
        }
        func reaches(_ address: String, _ port: Int) throws -> Bool {
            try clone.login.byPassword(
                password, "root", "wget -T 5 -qO- http://\(address):\(port)/-/healthy || echo no"
            ).contains("Healthy")
        }
        #expect(try reaches(address("prometheus", "metrics"), 9090))
        #expect(try !reaches(address("prometheus", "monitoring"), 9090))
        #expect(try !reaches(address("prometheus", "published"), 9090))
        #expect(try !reaches(address("alertmanager", "monitoring"), 9093))
        #expect(try !reaches(address("alertmanager", "outside"), 9093))
        #expect(try !reaches(address("loki", "monitoring"), 3100))

        // As the part's user, with nothing more than that.
        for (service, user) in [("prometheus", 65534), ("alertmanager", 65534), ("loki", 10001), ("alloy", 473)] {
            let status = try text(of: "/proc/\(monitoring.part(service).inspect("{{.State.Pid}}"))/status")
            let uids = "\nUid:\t\(user)\t\(user)\t\(user)\t\(user)\n"
            #expect(status.contains(uids) && status.contains("\nNoNewPrivs:\t1\n"), "\(service)")
            #expect(
                status.contains("\nCapEff:\t0000000000000000\n") && status.contains("\nCapBnd:\t0000000000000000\n"))
            #expect(try monitoring.part(service).inspect("{{.HostConfig.ReadonlyRootfs}}") == "true")
        }
        try Engine.docker("stop \(container.id)")
        #expect(try container.inspect("{{.State.ExitCode}}") == "0")
    }

    private func networkName(_ clone: Clone, _ network: String) throws -> String {
        let line = try text(of: "\(clone.path)/compose/.env").split(separator: "\n").first {
            $0.hasPrefix("COMPOSE_PROJECT_NAME=")
        }
        return "\(try #require(line).dropFirst("COMPOSE_PROJECT_NAME=".count))_\(network)"
    }

    /// Of whole disks, in a guest's `/proc/diskstats`.
    private func writtenBytes(_ statistics: String) -> Double {
        statistics.split(separator: "\n").reduce(0) { sum, line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[2].wholeMatch(of: /[vsh]d[a-z]/) != nil else { return sum }
            return sum + (Double(fields[9]) ?? 0) * 512
        }
    }
}

/// `compose/monitoring/grafana/drover.json`.
struct Dashboard {
    let json: [String: Any]

    init() throws {
        let file = try text(of: "\(repository)/compose/monitoring/grafana/drover.json")
        json = try #require(try JSONSerialization.jsonObject(with: Data(file.utf8)) as? [String: Any])
    }

    var panels: [[String: Any]] { json["panels"] as? [[String: Any]] ?? [] }

    /// Those for Prometheus.
    var queries: [String] {
        panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
            .filter { ($0["datasource"] as? [String: String])?["uid"] == "prometheus" }
            .compactMap { $0["expr"] as? String }
    }
}
