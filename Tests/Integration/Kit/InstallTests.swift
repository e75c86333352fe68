import Foundation
import Linux
import TestSupport
import Testing

/// The kit's install under every init it knows, and where something is missing or fails. A pristine guest shows the same
/// with a real busybox init (KitTests).
@Suite struct InstallTests {
    private static let installed = "drover-kit: installed\n"

    private func guest(_ kind: GuestInit) throws -> KitSandbox {
        let sandbox = try KitSandbox(Workspace())
        try shell("cd '\(sandbox.path)' && rm -f etc/inittab && \(kind.given)")
        for (name, script) in kind.stubs { try sandbox.stub(name, script) }
        // The machine's own, with everybody's files, may take seconds.
        try sandbox.stub("sync", "")
        return sandbox
    }

    /// The lines of a file that `line` is among.
    private func count(_ line: (file: String, line: String), _ sandbox: KitSandbox) -> Int {
        let text = (try? sandbox.read(line.file)) ?? ""
        return text.split(separator: "\n").filter { $0 == line.line }.count
    }

    private static let install = "\(KitSandbox.kit)/install"
    private static let uninstall = "sh /usr/local/lib/drover/install --uninstall"

    /// Shell words that print the first line of `file` with `text` in it, as soon as there is one.
    private static func wait(for text: String, in file: String) -> String {
        "tail -n +1 -F \(file) 2>/dev/null | grep -m 1 '\(text)'"
    }

    @Test(arguments: GuestInit.all) func whatIsInstalledIsRemovedAgain(_ kind: GuestInit) throws {
        let sandbox = try guest(kind)
        let before = try sandbox.snapshot()
        for _ in 1...2 {
            let result = try sandbox.runAsGuest(Self.install)
            #expect(result.status == 0 && result.output.contains(Self.installed), "\(result.output)")
            #expect(
                count(kind.apply, sandbox) == 1 && count(kind.agent, sandbox) == 1,
                "\(kind.apply.file)")
        }
        for name in ["apply", "agent", "install"] {
            #expect(try sandbox.read("lib/guest/local/drover/\(name)") == Self.kitFile(name))
        }
        let result = try sandbox.runAsGuest(Self.uninstall)
        #expect(result.status == 0 && result.output.contains("drover-kit: removed\n"), "\(result.output)")
        #expect(try sandbox.snapshot() == before)
        #expect(
            try shell("ls '\(sandbox.path)/lib/guest/local'; ls -d '\(sandbox.path)/lib/drover' 2>/dev/null || true")
                == "")
    }

    private static func kitFile(_ name: String) throws -> String {
        String(decoding: try readFile("\(KitSandbox.files)/\(name)", limit: 1 << 20), as: UTF8.self)
    }

    @Test func anInitIsToldWhatToStart() throws {
        let calls: [String: [String]] = [
            "systemd": [
                "systemctl daemon-reload", "systemctl --quiet enable drover-apply.service drover-agent.service",
                "systemctl restart drover-agent.service", "systemctl --quiet disable --now drover-agent.service",
                "systemctl --quiet disable --now drover-apply.service", "systemctl daemon-reload",
            ],
            "OpenRC": [
                "rc-update -q add drover default", "rc-service drover restart", "rc-service drover stop",
                "rc-update -q del drover default",
            ],
            "sysvinit": ["update-rc.d drover defaults", "update-rc.d drover remove"],
        ]
        for kind in GuestInit.all where calls[kind.name] != nil {
            let sandbox = try guest(kind)
            let result = try sandbox.runAsGuest("\(Self.install); \(Self.uninstall)")
            #expect(result.status == 0, "\(result.output)")
            #expect(try sandbox.read("lib/calls").split(separator: "\n").map(String.init) == calls[kind.name])
        }
    }

    /// Nothing starts what cannot run.
    @Test(arguments: GuestInit.all) func withoutPerlOnlyApplyIsRegistered(_ kind: GuestInit) throws {
        let sandbox = try guest(kind)
        let before = try sandbox.snapshot()
        let hidden = ": >/var/lib/perl; chmod 644 /var/lib/perl; mount --bind /var/lib/perl /usr/bin/perl"
        // One elsewhere is not the one in the agent's first line.
        try sandbox.stub("perl", "exit 0")
        let result = try sandbox.runAsGuest("\(hidden); \(Self.install)")
        let partly = "drover-kit: installed in part: there is no /usr/bin/perl, so the agent does not run\n"
        #expect(result.status == 69 && result.output.contains(partly), "\(result.output)")
        #expect(count(kind.apply, sandbox) == 1 && count(kind.agent, sandbox) == 0)
        #expect(!(((try? sandbox.read("lib/calls")) ?? "").contains("drover-agent")))
        let removal = try sandbox.runAsGuest("\(hidden); \(Self.uninstall)")
        #expect(removal.status == 0, "\(removal.output)")
        #expect(try sandbox.snapshot() == before)
    }

    /// A perl that went away takes the agent along at the next installation.
    @Test func anAgentThatCanRunNoLongerIsTakenOut() throws {
        let sandbox = try guest(.systemd)
        let hidden = ": >/var/lib/perl; chmod 644 /var/lib/perl; mount --bind /var/lib/perl /usr/bin/perl"
        let result = try sandbox.runAsGuest("\(Self.install); \(hidden); \(Self.install)")
        #expect(result.status == 69, "\(result.output)")
        #expect(count(GuestInit.systemd.apply, sandbox) == 1 && count(GuestInit.systemd.agent, sandbox) == 0)
        #expect(try sandbox.read("lib/calls").contains("disable --now drover-agent.service"))
    }

    // MARK: What fails

    /// Slackware's table is sysvinit's, though there is no /etc/rc2.d: Drover's lines would mean nothing in it.
    @Test func anUnknownInitIsLeftAlone() throws {
        let table = "printf '%s\\n' id:3:initdefault: si:S:sysinit:/etc/rc.d/rc.S >etc/inittab && rm -rf etc/rc?.d"
        for given in [table, table.replacing("si:S:", with: "si::"), "rm -rf etc/inittab etc/init.d etc/rc?.d"] {
            let sandbox = try KitSandbox(Workspace())
            try shell("cd '\(sandbox.path)' && \(given)")
            let before = try sandbox.snapshot()
            let result = try sandbox.runAsGuest(Self.install)
            #expect(
                result.status == 69 && result.output.contains("no init is known here"), "\(given): \(result.output)")
            #expect(try sandbox.snapshot() == before)
        }
    }

    /// A table that cannot be written stays as it was, and nobody is told that all is well.
    @Test func aFullDiskIsToldAndHarmsNothing() throws {
        let sandbox = try guest(.busybox)
        let small = """
            mount -t tmpfs -o size=64k none /etc
            echo root:x:0:0::/root:/bin/sh >/etc/passwd; echo ::sysinit:/sbin/boot >/etc/inittab
            """
        let fill = "cat /dev/zero >/etc/filler 2>/dev/null || true; cat /etc/inittab >/var/lib/before"
        try shell("mkdir -p '\(sandbox.path)/lib/guest/dev' && mknod -m 666 '\(sandbox.path)/lib/guest/dev/zero' c 1 5")
        let same = "cmp /var/lib/before /etc/inittab; ls /etc | grep inittab."
        let first = try sandbox.runAsGuest(
            "\(small)\n\(fill)\n\(Self.install) && exit 1; echo status $?; \(same) || true")
        #expect(
            first.output.contains("drover-kit: failed: cannot register with busybox\nstatus 73\nexit 0"),
            "\(first.output)")
        let last = try sandbox.runAsGuest(
            "\(small)\n\(Self.install)\n\(fill)\n\(Self.uninstall) && exit 1; echo status $?; \(same) || true")
        #expect(
            last.output.contains("drover-kit: failed: cannot take it out of busybox\nstatus 73\nexit 0"),
            "\(last.output)")
        #expect(try sandbox.read("lib/before").contains("::respawn:/usr/local/lib/drover/agent\n"))
    }

    /// What reads the old table fails: an empty one must not take its place.
    @Test(arguments: [GuestInit.busybox, .rcS]) func aTableThatCannotBeReadStays(_ kind: GuestInit) throws {
        let sandbox = try guest(kind)
        try sandbox.stub("grep", "case $1 in -v) exit 2 ;; esac; exec /usr/bin/grep \"$@\"")
        let before = try sandbox.snapshot()
        for command in [Self.install, Self.uninstall] {
            let result = try sandbox.runAsGuest(command)
            #expect(result.status == 73, "\(result.output)")
        }
        #expect(try sandbox.snapshot() == before)
    }

    /// A list of its own: Swift 6.0.3 breaks down over a closure in a macro.
    private static let withRemover = GuestInit.all.filter { $0.remover != nil }

    @Test(arguments: withRemover) func aRemovalThatFailsIsTold(_ kind: GuestInit) throws {
        let sandbox = try guest(kind)
        #expect(try sandbox.runAsGuest(Self.install).status == 0)
        try sandbox.stub(#require(kind.remover), "exit 1")
        let result = try sandbox.runAsGuest(Self.uninstall)
        #expect(result.status == 73 && !result.output.contains("removed"), "\(result.output)")
        #expect(try sandbox.read("lib/guest/local/drover/install") == Self.kitFile("install"))
    }

    // MARK: sysvinit and GNU/Hurd

    /// Both write /etc/shadow: what the agent was asked to set must not be lost in a restart.
    @Test func theAgentIsStoppedBeforeTheSeedIsApplied() throws {
        let sandbox = try guest(.sysvinitWithoutUpdateRC)
        let result = try sandbox.runAsGuest(
            """
            \(Self.install)
            first=$(cat /run/drover-agent.pid)
            \(Self.wait(for: "drover-agent: ", in: "/var/log/drover-agent.log")) >/dev/null
            tr '\\0' ' ' <"/proc/$first/cmdline" | grep '^/usr/bin/perl /usr/local/lib/drover/agent'
            echo 'ls /run/drover-agent.pid' >/usr/local/lib/drover/apply
            sh /etc/init.d/drover restart
            second=$(cat /run/drover-agent.pid)
            [ "$first" != "$second" ] && kill -0 "$second" && echo again
            /etc/init.d/drover stop
            ls /run/drover-agent.pid || echo stopped
            """)
        #expect(result.output.components(separatedBy: "No such file").count == 3, "\(result.output)")
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("\nagain\n") && result.output.contains("\nstopped\n"), "\(result.output)")
    }

    /// With stand-ins for `uname`, `settrans` and MAKEDEV.
    @Test func aHurdIsInstalledFromItsCD() throws {
        let sandbox = try guest(.sysvinit)
        try sandbox.beHurd(cd: "hd2")
        try shell(
            """
            cd '\(sandbox.path)/lib' && mkdir -p seed/drover && cp -r '\(KitSandbox.files)' seed/drover/kit
            echo i-1 >seed/drover/instance-id && echo 'root:$6$a$root' >seed/drover/shadow
            printf '#!/bin/sh\\n[ "$*" = com1 ] && : >com1\\n' >guest/dev/MAKEDEV && chmod 755 guest/dev/MAKEDEV
            """)
        let result = try sandbox.runAsGuest(
            """
            settrans -a /mnt /hurd/iso9660fs /dev/hd2 && sh /mnt/drover/kit/install
            ls /dev/com1
            # The file is there, and no terminal.
            \(Self.wait(for: "/dev/com1", in: "/var/log/drover-agent.log"))
            rm /var/lib/drover/instance-id && settrans -fg /mnt
            sh /etc/init.d/drover start
            """)
        #expect(result.status == 0 && result.output.contains(Self.installed), "\(result.output)")
        #expect(result.output.contains("\n/dev/com1\n") && result.output.contains("/dev/com1 is not a serial port"))
        #expect(result.output.components(separatedBy: "i-1 is in force\n").count == 3, "\(result.output)")
        #expect(try sandbox.hash(of: "root") == "$6$a$root")

        try shell("cd '\(sandbox.path)/lib/guest/dev' && rm com1 && printf '#!/bin/sh\\nexit 1\\n' >MAKEDEV")
        let without = try sandbox.runAsGuest(Self.install)
        #expect(without.status == 69 && without.output.contains("/dev/com1 cannot be made"), "\(without.output)")
    }

    /// `/dev/com1` may be made at any time.
    @Test func theAgentLooksForItsPortAgain() throws {
        let sandbox = try KitSandbox(Workspace())
        let result = try sandbox.runAsGuest(
            """
            \(KitSandbox.kit)/agent 2>/var/log/agent &
            \(Self.wait(for: "/dev/ttyS1: No such file", in: "/var/log/agent"))
            : >/dev/com1
            \(Self.wait(for: "/dev/com1", in: "/var/log/agent"))
            """)
        #expect(result.status == 0 && result.output.contains("/dev/com1 is not a serial port"), "\(result.output)")
    }

    /// The lines that `drover provision` types there.
    @Test func provisionMountsTheCDOfAHurd() throws {
        for cd in ["cd0", "hd2"] {
            let sandbox = try KitSandbox(Workspace())
            try sandbox.beHurd(cd: cd)
            try shell("cd '\(sandbox.path)/lib' && mkdir -p seed/drover && cp -r '\(KitSandbox.files)' seed/drover/kit")
            let rehearsal = try DroverRun(["provision", "--dry-run"])
            #expect(try rehearsal.waitForExit(within: 30) == .exited(0))
            let typed = rehearsal.lines.filter { $0.contains("uname -s") }.map { $0.dropFirst("types   ".count) }
            try #require(typed.count == 2)
            let result = try sandbox.runAsGuest(
                "mkdir /run/cd; d=/run/cd\n\(typed[0])\nls $d/drover/kit\n\(typed[1])\nls -d $d || true")
            #expect(
                result.output.contains("drover-NONCE:2:0:2.\nagent\napply\ninstall\ndrover-NONCE:4:0:4.\n"),
                "\(result.output)")
            #expect(result.output.contains("No such file"))
        }
    }
}
