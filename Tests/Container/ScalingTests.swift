import Foundation
import TestSupport
import Testing

/// What `docs/scaling.md` says of one machine; `SwarmTests.NodeTests` has several.
@Suite struct ScalingTests {
    @Test func severalGuestsRunOnOneMachine() throws {
        let clone = try Clone()
        let disk = "\(clone.path)/disk/debian-hurd-amd64.qcow2"
        try clone.type(
            "mkdir disk && mv '\(clone.workspace.disk(.micro))' '\(disk)' && chown -R 10001:10001 disk && scripts/secrets"
        )
        defer {
            for name in ["hurd-2", "hurd-3"] {
                _ = try? clone.compose("-p \(name) down --volumes --timeout 0")
            }
        }
        // Host keys are new each time.
        let ssh = "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
        func type(_ name: String) throws -> String {
            let lines = try block(name, of: "docs/scaling.md").joined(separator: "\n")
            return try clone.type("set -e\n\(lines.replacing("ssh -F", with: "\(ssh) -F"))", within: 600)
        }
        _ = try type("compose-guests")
        #expect(try type("compose-ssh").hasSuffix("hurd-2\n"))
        let other = try clone.type(
            "\(ssh) -F guests.ssh -i secrets/id_ed25519 root@hurd-3 hostname")
        #expect(other.hasSuffix("hurd-3\n"))
        let day = try type("compose-day")
        #expect(day.contains("state:        running"), "\(day)")
        let log = try clone.compose("-p hurd-2 logs hurd")
        #expect(
            log.contains(/drover: stopped cleanly by rung [12]/) && log.contains("console: micro: boot 2"), "\(log)")
    }
}
