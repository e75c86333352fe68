import Foundation
import Linux
import TestSupport
import Testing

/// SHARE_MODE=cd as kernels see it, and `drover share refresh`.
@Suite struct CDShareTests {
    /// What can be on a CD, what cannot, and a way out.
    private static func fill(_ workspace: Workspace) throws -> String {
        let folder = "\(workspace.path)/share"
        try shell(
            """
            mkdir -p '\(folder)/sub/sub2/sub3' && cd '\(folder)' && printf 'one\\ntwo\\n' > hello.txt &&
              echo '#!/bin/sh' > tool && chmod 755 tool && echo deep > sub/sub2/sub3/deep && : > empty &&
              echo odd > 'a: name; with * and ? of  its own' && head -c 300000 /dev/urandom > random && echo x > -dash &&
              touch -d '2026-03-04 05:06:07 UTC' hello.txt && name=$(printf 'n%.0s' $(seq 255)) && echo long > "$name" &&
              name=$(printf 'm%.0s' $(seq 248)) && echo long > "$name" &&
              mkdir -p deep/2/3/4/5/6/7/8 && echo y > deep/2/3/4/5/6/7/8/y && mkdir drover && echo id > drover/instance-id &&
              ln -s /etc/shadow link && ln -s sub linked && mkfifo pipe && echo z > "$(printf 'bad\\377')"
            """)
        return folder
    }

    private static func variables(_ workspace: Workspace, _ disk: String, _ folder: String) -> [String: String] {
        workspace.variables(disk: disk, ["SHARE_DIR": folder, "SHARE_MODE": "cd"])
    }

    @Test func linuxReadsTheCDAndTheNextOneWhileItRuns() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        let folder = try Self.fill(workspace)
        // The drive stays closed while it is mounted; what has come is seen when it is mounted again.
        try workspace.runAtBoot(
            """
            #!/bin/sh
            mkdir -p /tmp/cd
            mount -t iso9660 -o ro "$(findfs LABEL=SHARE)" /tmp/cd
            tar -C /tmp/cd -cf /state/first.tar .
            stat -c 'date: %Y' /tmp/cd/hello.txt
            echo 'cd: mounted'
            read answer </dev/ttyS0
            umount /tmp/cd
            echo 'cd: unmounted'
            read answer </dev/ttyS0
            # Linux learns of the change by an error.
            until mount -t iso9660 -o ro "$(findfs LABEL=SHARE)" /tmp/cd; do usleep 200000; done
            tar -C /tmp/cd -cf /state/second.tar .
            echo 'cd: copied'
            """, on: disk)
        let variables = Self.variables(workspace, disk, folder)
        let run = try DroverRun(["run"], variables)
        func refresh() throws -> (status: WaitStatus, output: String) {
            let command = try DroverRun(["share", "refresh"], variables)
            return (try command.waitForExit(within: 60), command.lines.joined(separator: "\n"))
        }
        try run.wait(for: "console: cd: mounted", within: 120)
        for left in [
            #""link" is a symbolic link, which is not followed"#, #""linked" is a symbolic link"#,
            #""pipe" is neither a file nor a folder"#, #""deep/2/3/4/5/6/7/8" is a folder on level 9"#,
            "has a name of 255 bytes, and 248 are the most", "has a name that is no UTF-8",
            #""drover" has the name of what a guest's seed brings"#,
        ] {
            #expect(
                run.lines.contains {
                    $0.hasPrefix("drover: warning: SHARE_DIR: left out of the CD: ") && $0.contains(left)
                }, "\(left): \(run.lines)")
        }
        #expect(run.lines.contains("console: date: 1772600767"), "\(run.lines)")

        let locked = try refresh()
        #expect(locked.status == .exited(1), "\(locked)")
        #expect(locked.output.contains("the guest has the CD in use"), "\(locked)")
        let console = try Descriptor.connect(unix: "\(workspace.path)/run/console.sock", until: soon())
        try console.deliver(Array("\n".utf8))
        try run.wait(for: "console: cd: unmounted", within: 60)
        try shell(
            "cd '\(folder)' && echo three >> hello.txt && rm empty && mkdir new && echo new > new/file && mv tool tool2"
        )
        for _ in 0..<3 {
            let done = try refresh()
            #expect(done.status == .exited(0), "\(done)")
            #expect(done.output.contains("the guest's CD has "), "\(done)")
            #expect(done.output.contains(#"left out: "link" is a symbolic link"#), "\(done)")
        }
        // The images that are gone take no memory any more.
        for pid in [run.pid, try run.qemuPID()] {
            let open = try shell("ls -l /proc/\(pid)/fd | grep -c drover-share || true")
            #expect(open == "1\n", "\(open)")
        }
        try console.deliver(Array("\n".utf8))
        try run.wait(for: "console: cd: copied", within: 60)
        try run.wait(for: "console: micro: ready", within: 60)
        try run.signal(.terminate)
        try run.waitForExit(within: 60)

        // The folder again, without what is left out.
        try shell("cd '\(folder)' && rm -r link linked pipe drover nnnn* bad* deep/2/3/4/5/6/7/8")
        let state = "'\(repository)/Tests/Guests/state' '\(disk)'"
        try shell(
            """
            cd '\(workspace.path)' && mkdir first second && \(state) get /second.tar > second.tar &&
              \(state) get /first.tar > first.tar && tar -C second -xf second.tar && tar -C first -xf first.tar &&
              diff -r '\(folder)' second && test -x second/tool2 && test ! -x second/hello.txt &&
              test -x first/tool && test -e first/empty && test "$(cat first/hello.txt)" = "$(printf 'one\\ntwo')"
            """)
    }

    @Test(.enabled(if: SharedGuest.machProbe != nil, SharedGuest.noProbe))
    func gnuMachReadsTheCD() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(copyOf: SharedGuest.machProbe)
        let run = try DroverRun(["run"], Self.variables(workspace, disk, Self.fill(workspace)))
        try run.wait(for: "probe> ", within: 60)
        try run.wait(for: "console:   PVD id=CD001 volid=SHARE", within: 1)
        #expect(run.lines.contains { $0.contains("file HELLO.TXT;1 RockRidge=hello.txt size=8") }, "\(run.lines)")
        #expect(run.lines.contains("console:     | one") && run.lines.contains("console:     | two"), "\(run.lines)")
        #expect(
            run.lines.contains { $0.contains("RockRidge=a: name; with * and ? of  its own size=4") }, "\(run.lines)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func xorrisoReadsTheCDAsWeWroteIt() throws {
        // Ten thousand names that begin alike, in one folder.
        let workspace = try Workspace()
        let folder = "\(workspace.path)/share"
        try shell("mkdir '\(folder)' && cd '\(folder)' && for i in $(seq 9000); do echo $i > beginning-$i; done")
        let (_, disk) = (0, try workspace.disk(.mach))
        let run = try DroverRun(["run"], Self.variables(workspace, disk, folder))
        try run.wait(for: "the guest runs", within: 60)
        try shell(
            """
            cd '\(workspace.path)' && fd=$(ls -l /proc/\(run.qemuPID())/fd | awk '/drover-share/ { print $9; exit }') &&
              cp "/proc/\(run.qemuPID())/fd/$fd" image.iso && mkdir copy &&
              xorriso -osirrox on -indev image.iso -extract / copy 2>log || { cat log; exit 1; }
            diff -r '\(folder)' copy
            """, within: 120)
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func whatCannotBeSharedIsAFault() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.mach)
        try shell(
            "cd '\(workspace.path)' && mkdir many big share && truncate -s 200M big/file && : > file && cd many && seq 10001 | xargs touch"
        )
        let cases: [(String, String, String)] = [
            ("many", "cd", "has more than 10000 files and folders"), ("big", "cd", "makes a CD of more than 128 MiB"),
            ("", "ro", "cannot be shared, as"), ("file", "ro", "is no directory"), ("none", "ro", "No such file"),
            ("run", "ro", "cannot be shared, as"),
        ]
        for (name, mode, words) in cases {
            let path = name.isEmpty ? workspace.path : "\(workspace.path)/\(name)"
            try shell("mkdir -p -m 700 '\(workspace.path)/run'")
            let run = try DroverRun(
                ["run"], workspace.variables(disk: disk, ["SHARE_DIR": path, "SHARE_MODE": mode]))
            #expect(try run.waitForExit(within: 30) != .exited(0), "\(name)")
            #expect(run.lines.contains { $0.contains("SHARE_DIR: ") && $0.contains(words) }, "\(name): \(run.lines)")
        }
    }

    /// Whoever asks names a descriptor of their own, and what is behind it must be what Drover makes.
    @Test func onlyASealedImageIsTaken() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.mach)
        let folder = try Self.fill(workspace)
        let run = try DroverRun(["run"], Self.variables(workspace, disk, folder))
        try run.wait(for: "the guest runs", within: 60)
        try shell("mkfifo '\(workspace.path)/fifo'")
        // Descriptor 7 of socat's shell is each of these in turn; 8 is closed.
        for (number, file) in [(7, "/etc/hostname"), (7, "/dev/zero"), (7, "\(workspace.path)/fifo"), (8, "/dev/null")]
        {
            let commands = [
                #"{"execute":"qmp_capabilities"}"#,
                #"{"execute":"drover-share-refresh","arguments":{"descriptor":\#(number)}}"#,
            ].map { "echo '\($0)'" }.joined(separator: "; ")
            let answer = try shell(
                """
                { \(commands); } | socat -t 30 - \(socatAddress("\(workspace.path)/run/qmp.sock")) 7<>'\(file)' 8<&-
                """)
            #expect(answer.contains("is no CD that can be taken"), "\(file): \(answer)")
        }
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func aFolderToWriteNeedsExtendedAttributesAndItsUser() throws {
        let workspace = try Workspace(isOpen: true)
        let disk = try workspace.disk(.mach)
        let variables = workspace.variables(
            disk: disk, ["SHARE_DIR": "\(workspace.path)/share", "SHARE_MODE": "rw"])
        try shell("mkdir -m 755 '\(workspace.path)/share' && cp '\(DroverRun.binary)' '\(workspace.path)/drover'")
        let plain = try DroverRun(
            ["check"], variables,
            by: [
                "/usr/bin/unshare", "--mount", "sh", "-c",
                "mount -t ramfs none '\(workspace.path)/share' && exec \"$@\"", "sh",
            ])
        #expect(try plain.waitForExit(within: 60) == .exited(78))
        #expect(
            plain.lines.contains { $0.contains("is on a file system without extended attributes") }, "\(plain.lines)")
        let words = variables.map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
        let foreign = try shell(
            "setpriv --reuid=10001 --regid=10001 --clear-groups env \(words) '\(workspace.path)/drover' check 2>&1 || true"
        )
        #expect(foreign.contains("cannot be written by uid 10001: Permission denied"), "\(foreign)")
        #expect(foreign.contains("or set SHARE_MODE=ro"), "\(foreign)")
    }
}
