import Linux
import TestSupport
import Testing

/// What somebody who has taken over QEMU finds, as the kernel tells it.
@Suite struct HardeningTests {
    @Test func whoIsInsideMayDoNothing() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        let (drover, qemu) = try container.processes()

        for pid in [drover, qemu] {
            let facts = try status(of: pid)
            #expect(facts["Name"] == (pid == drover ? "drover" : "qemu-system-x86"))
            #expect(facts.filter { confinement[$0.key] != nil } == confinement)
        }
        #expect(try writableMounts(of: drover) == ["/opt/hurd-image", "/run", "/tmp"])
        #expect(try listeningPorts(of: drover) == [2222, 8080])

        for shell in ["sh", "/bin/sh", "/bin/bash", "/bin/busybox"] {
            let failure = try shellFailure { try Engine.docker("exec \(container.id) \(shell) -c true") }
            let reasons = ["executable file not found in $PATH", "no such file or directory"]
            #expect(reasons.contains { failure.output.contains($0) }, "\(failure)")
        }
        // The limits are those of the compose file.
        let limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}"
        #expect(try container.inspect(limits) == "943718400 1000000000 256")
    }
}
