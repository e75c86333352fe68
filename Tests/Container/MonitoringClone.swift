import Foundation
import Linux
import TestSupport
import Testing

/// A clone with `monitoring.yaml`, as a user has it, and what stands where Alloy and the receiver of alerts would.
final class MonitoringClone {
    let clone: Clone
    let prometheus: Prometheus
    private let receiver: ChildProcess

    /// - Parameters:
    ///   - settings: lines of `.env`.
    ///   - prepare: a script in `compose/monitoring` before anything starts.
    init(_ settings: [String] = [], overlays: String = "monitoring.yaml", prepare: String = "true") throws {
        let port = try Listener.freePort()
        let (webhook, syslog) = (try Listener.freePort(), try Listener.freePort())
        clone = try Clone(
            [
                "PROMETHEUS_PORT=\(port)", "ALERTMANAGER_PORT=\(try Listener.freePort())",
                "SYSLOG_PORT=\(syslog)", "COMPOSE_FILE=compose.yaml:\(overlays)", "DISK_FILE=micro.qcow2",
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
            [clone.workspace.path, "\(webhook)", "\(syslog)"],
            descriptors: [try .open("/dev/null"), try .duplicate(of: 2), try .duplicate(of: 2)])
        try Engine.wait(for: "the receiver listens", within: 30) { (try? received("datagrams")) != nil }
    }

    /// Those parts that there are images of.
    func up() throws -> Container {
        try clone.compose("up --detach --no-build hurd prometheus alertmanager")
        return try part("hurd")
    }

    func part(_ service: String) throws -> Container {
        Container(id: try clone.compose("ps --all --quiet \(service)").trimmingNewline())
    }

    /// What has come to `posts` or `datagrams`, a line each.
    func received(_ kind: String) throws -> [Substring] {
        try String(contentsOfFile: "\(clone.workspace.path)/\(kind)", encoding: .utf8).split(separator: "\n")
    }
}
