import Foundation
import Glibc
import Linux
import Testing

/// The kit in a guest that knows nothing of it: installed from the CD by the line that drover prints, then used.
@Suite struct KitTests {
    @Test func aPristineGuestBecomesOneThatDroverKnows() throws {
        let workspace = try Workspace()
        let credentials = try Credentials(workspace)
        let login = GuestLogin(port: try GuestLogin.freePort(), workspace: workspace)
        let disk = try workspace.disk(.pristine)
        let seed = try Self.seed(credentials, workspace, "first.iso")

        let first = try SerialLogin(disk: disk, seed: seed, keepsDisk: true, forwarding: login.port)
        try first.wait(for: "pristine: ready", within: 400)
        try first.wait(for: "login:", within: 60)
        try first.type("root")
        try first.wait(for: "#", within: 60)
        for _ in 1...2 {
            try first.type(#"mount -r "$(findfs LABEL=cidata)" /mnt; sh /mnt/drover/kit/install; umount /mnt"#)
            try first.wait(for: "drover-kit: installed", within: 200)
        }
        #expect(try first.agentAnswers("guest-ping", within: 120))
        try Self.everyCredentialWorks(credentials, login)
        try first.typeForAgent(#"{"execute":"guest-shutdown"}"#)
        try first.waitForEnd(within: 120)

        // The next boot needs nobody. A changed seed is applied.
        let old = (key: credentials.key, password: credentials.rootPassword)
        try credentials.renew()
        let second = try SerialLogin(
            disk: disk, seed: try Self.seed(credentials, workspace, "second.iso"), keepsDisk: true,
            forwarding: login.port)
        try second.wait(for: "is in force", within: 400)
        #expect(try second.agentAnswers("guest-ping", within: 120))
        try Self.everyCredentialWorks(credentials, login)
        #expect(login.isRefused { try login.byKey(old.key, "root") })
        #expect(login.isRefused { try login.byPassword(old.password, "root") })
        #expect(try login.byKey(credentials.key, "root", "hostname") == "testhost\n")

        let uninstall =
            "sh /usr/local/lib/drover/install --uninstall; ls -d /usr/local/lib/drover; grep -c drover /etc/inittab"
        let output = try login.byKey(credentials.key, "root", "\(uninstall); true")
        #expect(output.contains("drover-kit: removed") && output.contains("No such file") && output.contains("\n0\n"))
        try second.typeForAgent("")
        #expect(try !second.agentAnswers("guest-ping", within: 5))
    }

    private static func seed(_ credentials: Credentials, _ workspace: Workspace, _ name: String) throws -> String {
        let seed = "\(workspace.path)/\(name)"
        let variables = credentials.variables().merging(["GUEST_HOSTNAME": "testhost"]) { $1 }
        let writing = try DroverRun(["seed", "-o", seed], variables)
        #expect(try writing.waitForExit(within: 20) == .exited(0), "\(writing.lines)")
        return seed
    }

    private static func everyCredentialWorks(_ credentials: Credentials, _ login: GuestLogin) throws {
        for (user, password) in [("root", credentials.rootPassword), ("agents", credentials.userPassword)] {
            #expect(try login.byKey(credentials.key, user) == "\(user)\n")
            #expect(try login.byPassword(password, user) == "\(user)\n")
            #expect(login.isRefused { try login.byPassword("wrong", user) })
        }
    }

    // MARK: GNU Mach

    @Test(.enabled(if: SharedGuest.machProbe != nil, SharedGuest.noProbe))
    func gnuMachsSecondSerialPortCarriesBytesBothWays() throws {
        let workspace = try Workspace()
        let mach = try SerialLogin(disk: workspace.disk(copyOf: SharedGuest.machProbe), seed: nil)
        try mach.wait(for: "probe> ", within: 120)
        try mach.type("com1")
        try mach.waitOnAgentPort(for: "com1: hello from the second serial port", within: 60)
        try mach.waitOnAgentPort(for: "com1> ", within: 60)
        // A line goes in, and the console's prompt comes back when it has arrived.
        try mach.typeForAgent("ping")
        try mach.wait(for: "probe> ", within: 60)
    }

    /// Who has no agent on its second serial port costs no log line, and its word that it has halted counts.
    @Test(.enabled(if: SharedGuest.machProbe != nil, SharedGuest.noProbe))
    func gnuMachWithoutAnAgentIsStoppedByItsOwnHalt() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(copyOf: SharedGuest.machProbe)
        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: "probe> ", within: 120)
        func type(_ word: String) throws {
            try shell("echo \(word) | socat -t 0.2 - 'UNIX-CONNECT:\(workspace.path)/run/console.sock' >/dev/null")
        }
        // It writes to the second port and reads a line there, which the next probe for an agent brings.
        try type("com1")
        #expect(try drover("guest ping", workspace).output.contains("the guest agent does not answer"))
        try run.signal(.terminate)
        try run.wait(for: "ACPI power button now", within: 10)
        try type("halt")
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(run.lines.contains { $0.hasPrefix("drover: the guest halted") })
        #expect(!run.lines.contains { $0.contains("guest agent") || $0.contains("second serial port carries") })
    }

    @Test(.enabled(if: SharedGuest.hurd != nil, SharedGuest.noHurd))
    func gnuHurdBoots() throws {
        let workspace = try Workspace()
        try SerialLogin(disk: workspace.disk(copyOf: SharedGuest.hurd), seed: nil).wait(for: "login", within: 400)
    }
}
