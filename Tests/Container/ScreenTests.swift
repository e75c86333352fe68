import Foundation
import TestSupport
import Testing

/// The guest's text screen as the image's QEMU has it, another version than the one of the integration tests.
@Suite struct ImageScreenTests {
    @Test func linuxsTextConsoleIsByteForByteWhatTheGuestHas() throws {
        // The engine sees the repository, and nothing else of this machine.
        let workspace = try Workspace(isOpen: false)
        let disk = try workspace.disk(.micro)
        try TextConsole.draw(on: disk, workspace)
        try shell("chown 10001:10001 '\(disk)'")
        let id = try Engine.docker(
            """
            run --detach --cap-drop ALL --security-opt no-new-privileges:true \(SeccompTests.profile) \
              --volume '\(disk):/disk.qcow2' --env QEMU_DRIVE=/disk.qcow2 --env QEMU_RAM=256 --env QEMU_ACCEL=tcg \
              --env QEMU_NET=none --env QEMU_PORTS= drover
            """
        ).trimmingNewline()
        defer { _ = try? Engine.docker("rm --force --volumes \(id)") }
        let container = Container(id: id)
        try container.wait(for: "console: end")
        let expected = TextConsole(log: try container.log().split(separator: "\n").map(String.init))
        #expect(expected.header.count == 4 && expected.cells.count == 80 * 25 * 4)

        let answer = try Engine.docker("exec \(id) drover screen --json")
        let screen = try #require(try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])
        #expect(screen["cells"] as? String == expected.cells)
        let cursor = screen["cursor"] as? [String: Any] ?? [:]
        let numbers = [screen["rows"], screen["columns"], cursor["column"], cursor["row"]].map { $0 as? Int }
        #expect(numbers == expected.header)
        #expect((screen["lines"] as? [String])?.suffix(4) == TextConsole.lastLines[...])
        #expect(try Engine.docker("exec \(id) qemu-system-x86_64 --version").contains("version 10."))
    }
}
