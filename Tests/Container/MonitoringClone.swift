import Foundation
import Linux
import TestSupport
import Testing

/// A clone with `monitoring.yaml`, as a user has it, and who is told of its alerts.
final class MonitoringClone {
    let clone: Clone
    let prometheus: Prometheus
    private let receiver: ChildProcess

    /// - Parameters:
    ///   - settings: lines of `.env`.
    ///   - prepare: a script in `compose/monitoring` before anything starts.
    init(_ settings: [String] = [], overlays: String = "monitoring.yaml", prepare: String = "true") throws {
        let port = try Listener.freePort()
        let webhook = try Listener.freePort()
        clone = try Clone(
            [
                "PROMETHEUS_PORT=\(port)", "ALERTMANAGER_PORT=\(try Listener.freePort())",
                "SYSLOG_PORT=\(try Listener.freePort())",
                "COMPOSE_FILE=compose.yaml:\(overlays)", "DISK_FILE=micro.qcow2",
            ] + settings)
        prometheus = Prometheus(port: port, workspace: clone.workspace)
        let disk = try clone.workspace.disk(.micro)
        let host = try Engine.docker(
            "network inspect --format '{{(index .IPAM.Config 0).Gateway}}' bridge"
        ).trimmingNewline()
        try clone.type(
            """
            set -e; mkdir disk; mv '\(disk)' disk/micro.qcow2; chown 10001:10001 disk disk/micro.qcow2
            scripts/secrets --monitoring; echo http://\(host):\(webhook)/ >secrets/alert_url
            cd compose/monitoring; \(prepare)
            """)
        receiver = try ChildProcess(
            "\(repository)/Tests/Container/Monitoring/receiver",
            ["\(clone.workspace.path)/posts", "\(webhook)"],
            descriptors: [try .open("/dev/null"), try .duplicate(of: 2), try .duplicate(of: 2)])
        try Engine.wait(for: "the receiver listens", within: 30) { (try? posts()) != nil }
    }

    /// Those parts that there are images of.
    func up() throws -> Container {
        try clone.compose("up --detach --no-build hurd prometheus alertmanager loki alloy")
        return try part("hurd")
    }

    func part(_ service: String) throws -> Container {
        Container(id: try clone.compose("ps --all --quiet \(service)").trimmingNewline())
    }

    /// What has come to the webhook.
    func posts() throws -> [Substring] {
        try String(contentsOfFile: "\(clone.workspace.path)/posts", encoding: .utf8).split(separator: "\n")
    }

    struct Entry: Decodable {
        let labels: [String: String]
        let line: String
    }

    /// What has come to Loki, which has refused nothing.
    func entries() throws -> [Entry] {
        try Engine.docker("logs \(part("loki").id)").split(separator: "\n").map { line in
            do {
                return try JSONDecoder().decode(Entry.self, from: Data(line.utf8))
            } catch {
                throw TestFailure("Loki: \(line)")
            }
        }
    }
}
