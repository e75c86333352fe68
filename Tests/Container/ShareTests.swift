import Foundation
import TestSupport
import Testing

/// A folder of the host's for the guest, by `compose/share.yaml`: under uid 10001, without capabilities, with the image's QEMU.
@Suite struct ShareTests {
    private func project(_ mode: String) throws -> (ComposeProject, folder: String) {
        let project = try ComposeProject(overlays: ["share.yaml"], ["SHARE_MODE": mode, "MEMORY": "1200m"])
        let folder = "\(project.workspace.path)/share"
        try shell(
            """
            install -d -o 10001 -g 10001 '\(folder)' && echo outside >'\(folder)/file' && ln -s /etc/shadow '\(folder)/link' &&
              echo 'SHARE_DIR=\(folder)' >>'\(project.workspace.path)/env'
            """)
        return (project, folder)
    }

    @Test func aGuestWritesThereAndItIsTheContainersUsers() throws {
        let (project, folder) = try project("rw")
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        let answer = try project.login.byPassword(
            project.credentials.rootPassword, "root",
            "modprobe -a 9pnet_virtio 9p; mkdir /tmp/s && mount -t 9p -o trans=virtio,version=9p2000.L share /tmp/s && cd /tmp/s && cat file && echo inside >made && chown 7:8 made && stat -c %u:%g made; cat link || echo nowhere"
        )
        #expect(answer.contains("outside\n7:8\n") && answer.hasSuffix("nowhere\n"), "\(answer)")
        #expect(try shell("cd '\(folder)' && stat -c '%u:%g %a' made && cat made") == "10001:10001 644\ninside\n")
    }

    @Test func aCDIsMadeAnewWhileItRuns() throws {
        let (project, folder) = try project("cd")
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        func read() throws -> String {
            try project.login.byPassword(
                project.credentials.rootPassword, "root",
                "mkdir -p /tmp/s; until mount -t iso9660 -o ro $(findfs LABEL=SHARE) /tmp/s; do usleep 200000; done 2>/dev/null; cat /tmp/s/*; umount /tmp/s"
            )
        }
        #expect(try read() == "outside\n")
        try shell("echo more >'\(folder)/more'")
        let output = try project.compose("exec -T hurd /usr/bin/drover share refresh")
        #expect(output.contains(#"left out: "link" is a symbolic link, which is not followed"#), "\(output)")
        #expect(output.contains(#"the guest's CD has 2 files and 0 folders (13 bytes) of "/share""#), "\(output)")
        #expect(try read() == "outside\nmore\n")
    }
}
