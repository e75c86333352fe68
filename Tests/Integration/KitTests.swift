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

    /// `DROVER_GUEST_PROBE`, or `shared/guests/mach-probe.qcow2` beside the repository; nil when it is not there.
    static let probe: String? = {
        let disk = environment("DROVER_GUEST_PROBE") ?? "\(repository)/../shared/guests/mach-probe.qcow2"
        return FileManager.default.isReadableFile(atPath: disk) ? disk : nil
    }()

    @Test(.enabled(if: probe != nil, "mach-probe.qcow2 is not there; name it in DROVER_GUEST_PROBE"))
    func gnuMachsSecondSerialPortCarriesBytesBothWays() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/probe.qcow2"
        try shell("cp '\(#require(Self.probe))' '\(disk)' && chmod u+w '\(disk)'")
        let mach = try SerialLogin(disk: disk, seed: nil)
        try mach.wait(for: "probe> ", within: 120)
        try mach.type("com1")
        try mach.waitOnAgentPort(for: "com1: hello from the second serial port", within: 60)
        try mach.waitOnAgentPort(for: "com1> ", within: 60)
        // A line goes in, and the console's prompt comes back when it has arrived.
        try mach.typeForAgent("ping")
        try mach.wait(for: "probe> ", within: 60)
    }

    /// A GNU/Hurd disk, should there be one some day.
    static let hurd: String? = {
        let folder = "\(repository)/../shared/guests"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.first { $0.hasPrefix("hurd") && $0.hasSuffix(".qcow2") }.map { "\(folder)/\($0)" }
    }()

    @Test(.enabled(if: hurd != nil, "there is no hurd*.qcow2 in ../shared/guests: nothing is tried on a real GNU/Hurd"))
    func gnuHurdBoots() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/hurd.qcow2"
        try shell("cp '\(#require(Self.hurd))' '\(disk)' && chmod u+w '\(disk)'")
        try SerialLogin(disk: disk, seed: nil).wait(for: "login", within: 400)
    }
}
