import Linux
import TestSupport
import Testing

/// The kit in a guest that knows nothing of it, by the line that drover prints; `drover provision` does more of it
/// (ProvisionTests).
@Suite struct KitTests {
    @Test func thePrintedLineInstallsItAndItCanBeRemoved() throws {
        let workspace = try Workspace()
        let seed = "\(workspace.path)/seed.iso"
        let writing = try DroverRun(["seed", "-o", seed], Credentials(workspace).variables(only: ["root"]))
        #expect(try writing.waitForExit(within: 20) == .exited(0), "\(writing.lines)")
        let help = try DroverRun(["help", "guest-kit"])
        #expect(try help.waitForExit(within: 20) == .exited(0))
        let line = try #require(help.lines.first { $0.contains("mount -r") })

        let guest = try SerialLogin(disk: workspace.disk(.pristine), seed: seed)
        try guest.wait(for: "pristine: ready", within: 400)
        try guest.wait(for: "login:", within: 60)
        try guest.type("root")
        try guest.wait(for: "#", within: 60)
        for _ in 1...2 {
            try guest.type("\(line); umount /mnt")
            try guest.wait(for: "drover-kit: installed", within: 200)
        }
        #expect(try guest.agentAnswers("guest-ping", within: 120))
        try guest.type("echo lines: $(grep -c drover /etc/inittab)")
        try guest.wait(for: "lines: 2", within: 60)

        try guest.type("sh /usr/local/lib/drover/install --uninstall")
        try guest.wait(for: "drover-kit: removed", within: 60)
        try guest.type("ls -d /usr/local/lib/drover; echo lines: $(grep -c drover /etc/inittab)")
        try guest.wait(for: "No such file", within: 60)
        try guest.wait(for: "lines: 0", within: 60)
        try guest.typeForAgent("")
        #expect(try !guest.agentAnswers("guest-ping", within: 5))
    }
}
