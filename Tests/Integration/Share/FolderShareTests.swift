import Foundation
import Linux
import TestSupport
import Testing

/// SHARE_DIR by 9p, with the real QEMU in its sandbox and a Linux, under a uid that is not root.
@Suite struct FolderShareTests {
    private static let user = 10_001

    /// A folder that uid shares, with what must not be reached beside it, and a guest that runs a script in it.
    private struct Shared {
        let workspace = try! Workspace(isOpen: true)
        let disk: String
        var folder: String { "\(workspace.path)/share" }

        init(_ script: String) throws {
            disk = try workspace.disk(.micro)
            let start = """
                #!/bin/sh
                modprobe -a 9pnet_virtio 9p
                mkdir -p /tmp/share
                mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /tmp/share && cd /tmp/share

                """
            try workspace.runAtBoot(start + script + "\necho 'share: done'\n", on: disk)
            try shell(
                """
                cd '\(workspace.path)' && mkdir share share/inside && echo secret > secret &&
                  echo 'from outside' > share/outside && chmod 640 share/outside &&
                  ln -s '\(workspace.path)/secret' share/absolute && ln -s ../secret share/relative &&
                  ln -s outside share/within &&
                  cp '\(DroverRun.binary)' drover && chown -R -h \(FolderShareTests.user):\(FolderShareTests.user) .
                """)
        }

        func run(_ mode: String) throws -> DroverRun {
            let variables = workspace.variables(disk: disk, ["SHARE_DIR": folder, "SHARE_MODE": mode])
            let words = variables.map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
            let user = FolderShareTests.user
            return try DroverRun(
                [],
                by: [
                    "/bin/sh", "-c",
                    "exec setpriv --reuid=\(user) --regid=\(user) --clear-groups --inh-caps=-all --ambient-caps=-all "
                        + "env \(words) '\(workspace.path)/drover' run",
                ])
        }

        func answers(_ mode: String) throws -> [String] {
            let run = try run(mode)
            try run.wait(for: "console: share: done", within: 120)
            try run.wait(for: "console: micro: ready", within: 60)
            // It is still mounted.
            let snapshot = try drover("snapshot create one", workspace)
            #expect(snapshot.status != 0 && snapshot.output.contains("VirtFS"), "\(snapshot)")
            try run.signal(.terminate)
            #expect(try run.waitForExit(within: 60) == .exited(0))
            return run.lines
        }

        func outside(_ command: String) throws -> String { try shell("cd '\(folder)' && \(command)") }
    }

    @Test func whatAGuestWritesIsOursOutsideAndItsOwnInside() throws {
        let shared = try Shared(
            """
            echo "read: $(cat outside)"
            echo 'from the guest' > made && chmod 4751 made && chown 123:45 made && chmod 4751 made
            mkdir folder && echo deep > folder/file && ln -s /etc/shadow link && mknod device c 1 3
            echo "made: $(stat -c '%u:%g %a' made), link $(readlink link), device $(stat -c %F device)"
            for link in absolute relative; do cat $link && echo 'reached'; cat /tmp/share/$link && echo 'reached'; done
            cat ../secret && echo 'reached'
            mkdir many && i=0 && while [ $i -lt 1000 ]; do echo $i > many/$i; i=$((i + 1)); done
            echo "many: $(ls many | wc -l)"
            """)
        let lines = try shared.answers("rw")
        #expect(lines.contains("console: read: from outside"))
        #expect(
            lines.contains("console: made: 123:45 4751, link /etc/shadow, device character special file"), "\(lines)")
        #expect(lines.contains("console: many: 1000"))
        #expect(!lines.contains { $0.hasSuffix("reached") || $0.hasSuffix(": secret") }, "\(lines)")

        // Neither a program that runs as we do, nor a link, nor a device.
        let user = Self.user
        #expect(
            try shared.outside("stat -c '%u:%g %a %F' made folder folder/file link device many") == """
                \(user):\(user) 644 regular file
                \(user):\(user) 755 directory
                \(user):\(user) 644 regular file
                \(user):\(user) 644 regular file
                \(user):\(user) 644 regular empty file
                \(user):\(user) 755 directory

                """)
        #expect(try shared.outside("cat made folder/file many/999") == "from the guest\ndeep\n999\n")
        #expect(try shared.outside("find many -type f | wc -l") == "1000\n")
    }

    @Test func aFolderToReadIsTheHostsAndIsNotWritten() throws {
        let shared = try Shared(
            """
            echo "read: $(cat outside), $(cat within), $(stat -c '%u:%g %a' outside)"
            echo "link: $(readlink relative)"
            for command in 'touch made' 'rm outside' 'chmod 777 outside' 'mkdir folder' 'ln -s x y'; do
              if $command; then echo 'written'; else echo 'refused'; fi
            done
            for link in absolute relative; do cat $link && echo 'reached'; done
            """)
        let before = try shared.outside("find . -printf '%p %u %m %y %T@\\n' | sort")
        let lines = try shared.answers("ro")
        #expect(lines.contains("console: read: from outside, from outside, \(Self.user):\(Self.user) 640"), "\(lines)")
        #expect(lines.contains("console: link: ../secret"))
        #expect(lines.filter { $0 == "console: refused" }.count == 5, "\(lines)")
        #expect(
            !lines.contains { $0.hasSuffix("reached") || $0.hasSuffix("written") || $0.hasSuffix(": secret") },
            "\(lines)")
        #expect(try shared.outside("find . -printf '%p %u %m %y %T@\\n' | sort") == before)
    }
}
