import Foundation
import Linux
import TestSupport
import Testing

/// A directory that others can write to is no place for the sockets, and what they may have put there before is not touched.
@Suite(.enabled(if: getuid() == 0)) struct RuntimeDirectoryRunTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace(isOpen: true)
        try shell("chmod 755 '\(workspace.path)'; mkdir -m 1777 '\(workspace.path)/run'")
    }

    @Test func aStickyOneIsRefusedWithTheOtherFaults() throws {
        try shell("mkfifo '\(workspace.path)/run/last-stop'")
        for command in ["check", "run"] {
            let alone = try DroverRun([command], workspace.standInVariables(), path: workspace.standInPath())
            #expect(try alone.waitForExit(within: 30) == .exited(77), "\(alone.lines)")
            let two = try DroverRun(
                [command], workspace.standInVariables(["QEMU_SMP": "0"]), path: workspace.standInPath())
            #expect(try two.waitForExit(within: 30) == .exited(78), "\(two.lines)")
            for run in [alone, two] {
                let words = "DROVER_RUNTIME_DIR: \"\(workspace.path)/run\" can be written by others; "
                #expect(run.lines.contains { $0.hasPrefix("drover: \(words)") }, "\(run.lines)")
            }
        }
        #expect(try shell("ls '\(workspace.path)/run'") == "last-stop\n")

        // The remedy.
        let inside = ["DROVER_RUNTIME_DIR": "\(workspace.path)/run/drover"]
        let run = try workspace.standInRun([], inside)
        try run.wait(for: "the guest runs", within: 30)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    /// What a former run, or a mistake, has left in the directory.
    @Test(arguments: [
        "mkfifo last-stop", "ln -s ../precious last-stop", "mkdir last-stop", "ln -s ../precious last-stop.new",
    ])
    func whatHasTheNameOfAFileIsNeitherFollowedNorWaitedFor(_ make: String) throws {
        try shell(
            "cd '\(workspace.path)'; echo untouched >precious; chmod 700 run; cd run; \(make)")
        let run = try workspace.standInRun([])
        try run.wait(for: "the guest runs", within: 30)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
        #expect(try shell("cat '\(workspace.path)/precious'") == "untouched\n")
        guard make != "mkdir last-stop" else { return }
        let path = "\(workspace.path)/run/last-stop"
        #expect(try FileStatus(of: path, followingLinks: false).kind == .regular)
        #expect(try shell("cat '\(path)'").contains("exit 0: stopped cleanly"))
    }

    @Test(arguments: ["touch qmp.sock", "ln -s /nowhere console.sock", "mkdir qmp.sock"])
    func whatIsNoSocketIsLeftAlone(_ make: String) throws {
        try shell("cd '\(workspace.path)/run' && chmod 700 . && \(make)")
        let run = try workspace.standInRun([])
        #expect(try run.waitForExit(within: 30) == .exited(78), "\(run.lines)")
        #expect(run.lines.last?.contains("is there already, and is no socket; remove it") == true, "\(run.lines)")
    }

    /// A socket of somebody else's, where PID 1's would be.
    @Test func anImpostorIsToldNothing() throws {
        let got = "\(workspace.path)/got"
        try shell("touch '\(got)'; chmod 666 '\(got)'")
        for name in ["qmp", "console"] {
            let address = "UNIX-LISTEN:'\(workspace.path)/run/\(name).sock',fork,mode=666"
            let server = try ChildProcess(
                "/bin/sh",
                [
                    "-c",
                    "exec setpriv --reuid=65534 --regid=65534 --clear-groups socat \(address) OPEN:'\(got)',append",
                ],
                descriptors: [try Descriptor.open("/dev/null"), try Descriptor.open("/dev/null", .writeOnly), nil])
            defer { withExtendedLifetime(server) {} }
            let deadline = Instant.within(30)
            while !FileManager.default.fileExists(atPath: "\(workspace.path)/run/\(name).sock"),
                Instant.now() < deadline
            {
                try shell("sleep 0.05")
            }
            for command in name == "qmp"
                ? ["guest set-password root", "status", "stop", "monitor"] : ["console", "provision"]
            {
                let (status, output) = try drover(command, workspace, input: "a secret")
                #expect(status == 77, "\(command): \(output)")
                #expect(output.contains("is served by uid 65534") && output.contains("nothing was sent"), "\(output)")
            }
        }
        #expect(try drover("healthcheck", workspace).status == 1)
        #expect(try shell("cat '\(got)'") == "")
    }

    /// `docker exec --user 0` in a container whose drover has another uid.
    @Test func rootReachesADroverThatIsNotRoot() throws {
        try shell("cp '\(DroverRun.binary)' '\(workspace.path)/drover'; chmod 755 '\(workspace.path)/drover'")
        try shell("chown 10001 '\(workspace.path)/run'; chmod 700 '\(workspace.path)/run'")
        let environment = try workspace.standInEnvironment()
        try shell("chmod 666 '\(workspace.path)/empty.raw'; chmod 755 '\(workspace.path)'/bin")
        guard
            (try? shell("setpriv --reuid=10001 --clear-groups test -x '\(workspace.path)/bin/qemu-system-x86_64'"))
                != nil
        else { return }  // the repository is closed to others
        let run = try ChildProcess(
            "/bin/sh",
            [
                "-c",
                "exec setpriv --reuid=10001 --regid=10001 --clear-groups \(environment) '\(workspace.path)/drover' run",
            ],
            descriptors: [try Descriptor.open("/dev/null"), try Descriptor.open("/dev/null", .writeOnly), nil])
        let deadline = Instant.within(30)
        while try drover("healthcheck --live", workspace).status != 0, Instant.now() < deadline {
            try shell("sleep 0.1")
        }
        #expect(try drover("status", workspace).status == 0)
        #expect(try drover("stop", workspace).status == 0)
        #expect(try run.waitForExit() == .exited(0))
    }
}
