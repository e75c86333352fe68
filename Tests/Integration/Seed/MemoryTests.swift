import Foundation
import Linux
import TestSupport
import Testing

/// The memory of PID 1 and of QEMU after each command that brings a secret, in a run that has had them all: looked through
/// from outside for every secret and what it looks like on its way.
@Suite(.enabled(if: getuid() == 0)) struct MemoryTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    /// Answers like a guest agent on the second serial port: yes to everything.
    private static let agent = """
        #!/bin/sh
        {
          stty -F /dev/ttyS1 raw -echo -iexten
          exec 3<>/dev/ttyS1
          while IFS= read -r line <&3; do
            case $line in
              *sync-delimited*) id=${line##*:}; printf '\\377{"return": %s}\\n' "${id%%\\}*}" >&3 ;;
              *) printf '{"return": {}}\\n' >&3 ;;
            esac
          done
        } </dev/null >/dev/null 2>&1 &
        """

    /// As it is written on its way.
    private func shapes(_ secret: String) -> [String] {
        [secret, Data(secret.utf8).base64EncodedString()]
    }

    @Test func noSecretStaysInMemory() throws {
        let disk = try workspace.disk(.micro)
        try workspace.runAtBoot(Self.agent, on: disk)
        let credentials = try Credentials(workspace)
        let vncPassword = "vnc" + UUID().uuidString.prefix(5)
        try "\(vncPassword)\n".write(toFile: "\(workspace.path)/vnc", atomically: true, encoding: .utf8)
        try shell("chmod 600 '\(workspace.path)/vnc'")
        let variables = workspace.variables(
            disk: disk,
            credentials.variables(only: ["root", "user"]).merging([
                "ENABLE_VNC": "1", "VNC_PASSWORD_FILE": "\(workspace.path)/vnc", "QMP_POLICY": "full", "SEED": "on",
                "GUEST_AGENT": "serial",
            ]) { $1 })
        let run = try DroverRun(["run"], variables, by: DroverRun.inOwnNetwork)
        try run.wait(for: "console: micro: ready", within: 180)
        try run.wait(for: "the guest agent answers", within: 60)
        let qemu = try run.qemuPID()

        // What the seed has of them.
        let seed = try readFile(
            shell("find /proc/\(qemu)/fd -lname '/memfd:drover-seed*' -print -quit | tr -d '\\n'"), limit: 1 << 24)
        let hashes = String(decoding: seed, as: UTF8.self).matches(of: /\$6\$[.\/0-9A-Za-z]{16}\$[.\/0-9A-Za-z]{86}/)
            .map { String($0.output) }
        try #require(Set(hashes).count == 2, "\(hashes)")
        var secrets = [credentials.rootPassword, credentials.userPassword, vncPassword].flatMap(shapes) + Set(hashes)
        try look(run, secrets, after: "the start")

        for (index, length) in [8, 40, 511].enumerated() {
            let password = String((UUID().uuidString + String(repeating: "password", count: 60)).prefix(length))
            secrets += shapes(password)
            let (status, output) = try drover("guest set-password root", workspace, input: password)
            #expect(status == 0, "\(index): \(output)")
            try look(run, secrets, after: "guest set-password of \(length) bytes")
        }

        // The guest has no perl for the kit's agent, but its password has been typed by then.
        _ = try drover("provision --password-file '\(workspace.path)/root'", workspace, within: 300)
        try look(run, secrets, after: "provision")

        for command in [
            #"--qmp '{"execute": "set_password", "arguments": {"protocol": "vnc", "password": "PASSWORD"}}'"#,
            "set_password vnc PASSWORD", "change vnc password PASSWORD", "object_add secret,id=s,data=PASSWORD",
        ] {
            let password = "mon" + UUID().uuidString.prefix(5)
            secrets += shapes(password)
            _ = try drover("monitor " + command.replacing("PASSWORD", with: password), workspace)
            try look(run, secrets, after: "monitor \(command)")
        }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        #expect(!run.lines.contains { line in secrets.contains { line.contains($0) } })
    }

    private func look(_ run: DroverRun, _ secrets: [String], after event: String) throws {
        let scan = LeakScan(secrets: secrets)
        let found = try scan.findings(inMemoryOf: run.pid)
        #expect(found == [], "in PID 1, after \(event)")
        // QEMU keeps VNC's password, which it compares with, and the sectors of the seed that the guest has read last. The
        // guest's memory is the guest's.
        let qemus = try scan.findings(inMemoryOf: run.qemuPID(), below: 256 << 20)
        let unexpected = qemus.filter { line in
            ![" holds vnc", " holds mon", " holds $6$"].contains { line.contains($0) }
        }
        #expect(unexpected == [], "in QEMU, after \(event)")

        let smaps = String(decoding: try readFile("/proc/\(run.pid)/smaps", limit: 1 << 20), as: UTF8.self)
        let heap = smaps.split(separator: "\n").drop { !$0.hasSuffix("[heap]") }
        #expect(heap.first { $0.hasPrefix("VmFlags:") }?.contains(" lo ") == true, "the heap may be swapped out")
    }
}
