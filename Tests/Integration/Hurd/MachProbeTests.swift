import Linux
import TestSupport
import Testing

/// The real GNU Mach of the shared guests, with a task that answers a few words.
@Suite struct MachProbeTests {
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
        let console = try Descriptor.connect(unix: "\(workspace.path)/run/console.sock", until: soon())
        func type(_ word: String) throws { try console.deliver(Array("\(word)\n".utf8)) }
        // It writes to the second port and reads a line there, which an operator's question brings.
        try type("com1")
        #expect(try drover("guest ping", workspace).output.contains("the guest agent does not answer"))
        try run.signal(.terminate)
        try run.wait(for: "stopping the guest", within: 10)
        try type("halt")
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(run.lines.contains { $0.hasPrefix("drover: the guest halted") })
        #expect(!run.lines.contains { $0.contains("guest agent answers") && !$0.contains("unless") })
        #expect(!run.lines.contains { $0.contains("port carries") })
    }

    /// Without `console=com0` it halts on its text screen alone.
    @Test(.enabled(if: SharedGuest.machProbe != nil, SharedGuest.noProbe))
    func gnuMachsHaltIsSeenOnItsScreen() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(copyOf: SharedGuest.machProbe)
        // As many bytes as before, in GRUB's configuration.
        try shell(
            """
            qemu-img convert -O raw '\(disk)' '\(disk).raw' && sed -i 's/console=com0/            /' '\(disk).raw' &&
              qemu-img convert -O qcow2 '\(disk).raw' '\(disk)'
            """)
        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: "the guest runs", within: 60)
        try waitForScreen(showing: "probe>", workspace, within: 120)
        #expect(try drover("screen", workspace).output.contains("probe: bootstrap task running"))
        try run.signal(.terminate)
        try run.wait(for: "stopping the guest", within: 10)
        #expect(try drover("type --keys h a l t ret", workspace).status == 0)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(run.lines.contains { $0.hasPrefix("drover: the guest halted") }, "\(run.lines)")
        #expect(!run.lines.contains { $0.hasPrefix("console: ") && $0.contains("tight loop") }, "\(run.lines)")
    }
}
