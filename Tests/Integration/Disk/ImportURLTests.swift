import Foundation
import Linux
import TestSupport
import Testing

/// `drover import --from URL`, from a real nginx: whole or not at all, through connections that break.
@Suite struct ImportURLTests {
    private let workspace: Workspace
    private let server: Nginx
    private var path: String { workspace.path }

    init() throws {
        workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && mkdir volume www && head -c 12M /dev/urandom >www/image.raw
            qemu-img convert -O qcow2 -f raw www/image.raw www/image.qcow2
            """)
        server = try Nginx(workspace)
    }

    private func digest(_ name: String) throws -> String {
        String(try shell("sha256sum '\(path)/www/\(name)'").prefix(64))
    }

    private func command(_ url: String, _ digest: String, _ more: [String] = []) throws -> DroverRun {
        try DroverRun(
            ["import", "--from", url, "--sha256", digest] + more,
            ["QEMU_DRIVE": "\(path)/volume/disk", "SSL_CERT_FILE": "\(path)/ca.pem"])
    }

    private func contents() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/volume")
    }

    private func expectDisk() throws {
        #expect(try contents() == ["disk"])
        let compared = try shell("cd '\(path)' && qemu-img compare -f qcow2 -F raw volume/disk www/image.raw")
        #expect(compared.contains("identical"))
    }

    @Test(arguments: [
        ("http", "image.qcow2", []), ("https", "image.qcow2", []), ("https", "image.raw", ["--format", "raw"]),
    ])
    func anImageComesByTheNetwork(_ scheme: String, _ name: String, _ more: [String]) throws {
        let run = try command("\(server.address(scheme))/\(name)", digest(name), more)
        #expect(try run.waitForExit(within: 120) == .exited(0), "\(run.lines)")
        try expectDisk()
    }

    /// The server goes away in the middle, and comes back.
    @Test func aConnectionThatBreaksGoesOnWhereItWas() throws {
        let run = try command("\(server.address("https"))/slow/image.qcow2", digest("image.qcow2"))
        try waitForPart()
        try server.kill()
        try run.wait(for: "trying again in", within: 90)
        try server.start()
        #expect(try run.waitForExit(within: 120) == .exited(0), "\(run.lines)")
        try expectDisk()
        // The rest alone: HTTP's 206.
        #expect(try server.log().contains(#"GET /slow/image.qcow2 HTTP/1.1" 206"#))
    }

    @Test func oneThatIsKilledGoesOnInTheNextRun() throws {
        let killed = try command("\(server.address("https"))/slow/image.qcow2", digest("image.qcow2"))
        try waitForPart()
        try killed.signal(.kill)
        _ = try killed.waitForExit(within: 30)
        #expect(try contents().count == 1 && !contents().contains("disk"))
        let run = try command("\(server.address("https"))/image.qcow2", digest("image.qcow2"))
        #expect(try run.waitForExit(within: 120) == .exited(0), "\(run.lines)")
        #expect(run.lines.contains { $0.contains("of it already; going on from there") }, "\(run.lines)")
        try expectDisk()
        #expect(try server.log().contains(#"GET /image.qcow2 HTTP/1.1" 206"#))
    }

    private func waitForPart() throws {
        try shell(
            "until [ \"$(cat '\(path)'/volume/disk.drover-part-* 2>/dev/null | wc -c)\" -gt 1000000 ]; do sleep 0.1; done"
        )
    }

    @Test func whatIsNotThatImageLeavesNothing() throws {
        let good = try digest("image.qcow2")
        let wrong = String(repeating: "0", count: 64)
        let cases: [(String, String, [String], String)] = [
            (
                "\(server.address("http"))/image.qcow2", wrong, [],
                "--sha256: the image is not that one, but has \(good)"
            ),
            ("\(server.address("http"))/none?secret=1", wrong, [], "the server says no: "),
            ("\(server.address("http"))/image.raw", try digest("image.raw"), [], "declare it: --format raw"),
            ("https://user:word@localhost/x", wrong, [], "a URL with a password in it would be seen by everybody"),
            ("https:///x", wrong, [], "is no URL"),
        ]
        for (url, digest, more, reason) in cases {
            let run = try command(url, digest, more)
            #expect(try run.waitForExit(within: 60) != .exited(0))
            #expect(run.lines.last?.contains(reason) == true, "\(run.lines)")
            #expect(!run.lines.contains { $0.contains("secret=1") }, "\(run.lines)")
            #expect(try contents() == [])
        }
        let run = try DroverRun(["import", "--from", "https://localhost/x"], ["QEMU_DRIVE": "\(path)/volume/disk"])
        #expect(try run.waitForExit(within: 30) == .exited(64))
        #expect(run.lines.last?.contains("--from URL needs --sha256 HEX") == true)
    }

    @Test func aServerThatNobodyVouchesForIsNotBelieved() throws {
        let run = try DroverRun(
            ["import", "--from", "\(server.address("https"))/image.qcow2", "--sha256", digest("image.qcow2")],
            ["QEMU_DRIVE": "\(path)/volume/disk"])
        #expect(try run.waitForExit(within: 60) != .exited(0))
        #expect(run.lines.last?.contains("its certificate is not trusted") == true, "\(run.lines)")
        #expect(try contents() == [])
    }

    @Test func aFullVolumeIsLeftAsItWas() throws {
        let output = try shell(
            """
            unshare --mount sh -c "mount -t tmpfs -o size=4m none '\(path)/volume'
              export QEMU_DRIVE='\(path)/volume/disk'
              '\(DroverRun.binary)' import --from \(server.address("http"))/image.qcow2 --sha256 \(digest("image.qcow2")) 2>&1
              echo \\$?; ls '\(path)/volume'"
            """)
        #expect(
            output.contains("cannot take the image: No space left on device") && output.hasSuffix("\n1\n"), "\(output)")
    }

    /// Neither the address, which may hold a secret, nor the environment is the child's for all to see.
    @Test func theChildShowsNoAddress() throws {
        let run = try command("\(server.address("https"))/slow/image.qcow2?secret=1", digest("image.qcow2"))
        try waitForPart()
        let wget = try #require(try children(of: run.pid).first)
        let seen = try shell(
            "tr '\\0' ' ' </proc/\(wget)/cmdline; cat /proc/\(wget)/environ; ls /proc/\(wget)/fd | wc -l")
        #expect(seen.hasPrefix("wget --no-config") && !seen.contains("secret"), "\(seen)")
        #expect(try status(of: wget)["NoNewPrivs"] == "1")
        try run.signal(.kill)
        _ = try run.waitForExit(within: 30)
        // It does not outlive who has started it.
        try waitForEnd(of: wget)
    }
}
