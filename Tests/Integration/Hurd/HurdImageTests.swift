import Foundation
import Linux
import TestSupport
import Testing

/// `scripts/hurd-image` with a small archive in place of Debian's.
@Suite struct HurdImageTests {
    private let workspace: Workspace
    private let server: WebServer
    private var folder: String { "\(workspace.path)/images" }
    private var disk: String { "\(folder)/disk.qcow2" }

    /// The archive of a disk of 8 MiB with a hole, in each form, and a script that serves one badly.
    init() throws {
        workspace = try Workspace()
        try shell("mkdir -p '\(workspace.path)/web/cgi-bin' '\(workspace.path)/images'")
        // What does not get smaller.
        var generator = SeededGenerator(seed: 1)
        try Data(generator.bytes(400_000)).write(to: URL(fileURLWithPath: "\(workspace.path)/web/hurd.img"))
        try shell(
            """
            cd '\(workspace.path)/web' && truncate -s 8M hurd.img
            tar -S -cJf hurd.tar.xz hurd.img && tar -S -czf hurd.tar.gz hurd.img && xz -k hurd.img
            mv hurd.img ..
            """)
        server = try WebServer(workspace)
    }

    private struct Outcome {
        let code: Int
        let lines: [String]
    }

    /// Runs the script, by `prefix` if there is one, for the file `name` of the server.
    private func fetch(
        _ name: String = "hurd.tar.xz", sha512: String? = nil, prefix: String = "", options: String = "--pristine"
    ) throws -> Outcome {
        let file = "\(workspace.path)/web/\(name.replacingOccurrences(of: "cgi-bin/", with: ""))"
        let checksum = try sha512 ?? String(shell("sha512sum <'\(file)'").prefix(128))
        return try run(
            "\(prefix) '\(repository)/scripts/hurd-image' \(options) --url \(server.address)/\(name) --sha512 \(checksum) "
                + "'\(disk)'")
    }

    private func run(_ command: String) throws -> Outcome {
        let output = try shell("\(command) 2>&1; echo \"code $?\"")
        var lines = output.split(separator: "\n").map(String.init)
        let code = lines.removeLast()
        return Outcome(code: Int(code.dropFirst(5)) ?? -1, lines: lines)
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private func expectTheDisk() throws {
        try shell("qemu-img compare -q -f raw -F qcow2 '\(workspace.path)/hurd.img' '\(disk)'")
        let information = try shell("qemu-img info '\(disk)'")
        #expect(information.contains("compression type: zstd"), "\(information)")
        let status = try FileStatus(of: disk)
        #expect(status.owner == 10001 && status.permissions == 0o600)
        #expect(try files() == ["disk.qcow2"])
    }

    @Test(arguments: ["hurd.tar.xz", "hurd.tar.gz", "hurd.img.xz"])
    func anArchiveBecomesADisk(_ name: String) throws {
        let outcome = try fetch(name)
        #expect(outcome.code == 0 && outcome.lines.last == disk, "\(outcome)")
        try expectTheDisk()
    }

    /// By drover import where there is a drover, which says so, and by qemu-img where there is none.
    @Test func droverWritesTheDiskWhereItIs() throws {
        let own = try fetch(prefix: "DROVER_BINARY='\(DroverRun.binary)'")
        #expect(own.code == 0 && own.lines.last == disk, "\(own)")
        #expect(own.lines.contains { $0.contains("compared with") && $0.hasSuffix("and the same") }, "\(own)")
        try expectTheDisk()
        try shell("rm '\(disk)'")
        let without = try fetch(prefix: "DROVER_BINARY=/nonexistent/drover")
        #expect(without.code == 0 && !without.lines.contains { $0.contains("compared with") }, "\(without)")
        try expectTheDisk()
    }

    @Test func anImageIsPreparedBeforeItIsConverted() throws {
        let image = try workspace.rawHurd(named: "../web/standin.img")
        try shell("cd '\(workspace.path)/web' && tar -S -czf standin.tar.gz standin.img && rm '\(image)'")
        let outcome = try fetch("standin.tar.gz", options: "")
        #expect(outcome.code == 0 && outcome.lines.last == disk, "\(outcome)")
        #expect(try files() == ["disk.qcow2"])
        let again = try run("'\(repository)/scripts/hurd-image' --prepare '\(disk)'")
        #expect(again.code == 0 && again.lines.contains("hurd-image: the disk is prepared already"), "\(again)")
    }

    /// What was downloaded is kept for the next attempt.
    @Test func anImageThatCannotBePreparedBecomesNoDisk() throws {
        let outcome = try fetch(options: "")
        #expect(outcome.code == 65, "\(outcome)")
        #expect(
            outcome.lines.last
                == "hurd-image: \"\(folder)/hurd.tar.xz\" has no partition table (MBR); --pristine leaves the image as it is, "
                + "and the kit to be installed in the guest (docs/guest-kit.md)")
        #expect(try files() == ["hurd.tar.xz"])
        #expect(try fetch().code == 0)
        #expect(try server.answers() == ["200", "200"])
        try expectTheDisk()
    }

    @Test func whatIsThereIsLeftAloneAndNothingAskedFor() throws {
        try shell("echo precious >'\(disk)'")
        let outcome = try fetch()
        #expect(outcome.code == 0 && outcome.lines.last == disk, "\(outcome)")
        #expect(try shell("cat '\(disk)'") == "precious\n")
        #expect(try server.answers() == [])
    }

    @Test func anInterruptedDownloadGoesOn() throws {
        try shell("head -c 150000 '\(workspace.path)/web/hurd.tar.xz' >'\(folder)/hurd.tar.xz.part'")
        let outcome = try fetch()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try server.answers() == ["200", "206"])
        try expectTheDisk()
    }

    @Test func aWholeDownloadIsNotFetchedAgain() throws {
        try shell("cp '\(workspace.path)/web/hurd.tar.xz' '\(folder)/hurd.tar.xz.part'")
        #expect(try fetch().code == 0)
        #expect(try server.answers() == ["200"])
        try expectTheDisk()
    }

    @Test func aTransferThatBreaksOffIsKept() throws {
        let real = "\(workspace.path)/web/hurd.tar.xz"
        try serve("head -c 150000 '\(real)'", length: shell("wc -c <'\(real)'"))
        let outcome = try fetch("cgi-bin/hurd.tar.xz")
        #expect(outcome.code == 69 && outcome.lines.count == 1, "\(outcome)")
        #expect(
            outcome.lines.last?.hasSuffix("; run this again, and it goes on where it stopped") == true, "\(outcome)")
        #expect(try files() == ["hurd.tar.xz.part"])
        #expect(try FileStatus(of: "\(folder)/hurd.tar.xz.part").size == 150000)

        #expect(try fetch().code == 0)
        #expect(try server.answers().last == "206")
        try expectTheDisk()
    }

    @Test func aServerThatCannotGoOnStartsAgain() throws {
        let real = "\(workspace.path)/web/hurd.tar.xz"
        try serve("cat '\(real)'", length: shell("wc -c <'\(real)'"))
        try shell("head -c 150000 '\(real)' >'\(folder)/hurd.tar.xz.part'")
        let outcome = try fetch("cgi-bin/hurd.tar.xz")
        #expect(outcome.code == 0, "\(outcome)")
        try expectTheDisk()
    }

    /// Answers for `cgi-bin/hurd.tar.xz` with what `command` prints, announced as `length` bytes.
    private func serve(_ command: String, length: String) throws {
        let script = "\(workspace.path)/web/cgi-bin/hurd.tar.xz"
        try "#!/bin/sh\nprintf 'Content-Length: \(length.dropLast())\\r\\n\\r\\n'\n\(command)\n"
            .write(toFile: script, atomically: true, encoding: .utf8)
        try shell("chmod +x '\(script)'")
    }

    @Test func aWrongChecksumLeavesNothing() throws {
        let wrong = String(repeating: "0123456789abcdef", count: 8)
        let actual = try shell("sha512sum <'\(workspace.path)/web/hurd.tar.xz'").prefix(128)
        let outcome = try fetch(sha512: wrong)
        #expect(
            outcome.lines == [
                "hurd-image: \(server.address)/hurd.tar.xz has the SHA-512 \(actual) and not \(wrong); the download is "
                    + "removed, so name a mirror by --url"
            ])
        #expect(outcome.code == 1)
        #expect(try files() == [])
    }

    /// The default checksum goes with the default name, wherever it comes from.
    @Test func aMirrorsFileIsHeldToThePinnedChecksum() throws {
        let script = try String(contentsOfFile: "\(repository)/scripts/hurd-image", encoding: .utf8)
        let pinned = try #require(script.firstMatch(of: /pinned_sha512=([0-9a-f]{128})\n/)).1
        let name = try #require(script.firstMatch(of: /pinned_url=https:.*\/([^\/\n]+)\n/)).1
        try shell("mv '\(workspace.path)/web/hurd.tar.xz' '\(workspace.path)/web/\(name)'")
        let outcome = try run(
            "HURD_IMAGE_URL=\(server.address)/\(name) '\(repository)/scripts/hurd-image' '\(disk)'")
        #expect(outcome.code == 1 && outcome.lines.last?.contains("and not \(pinned);") == true, "\(outcome)")
        #expect(try files() == [])
    }

    @Test(arguments: Workspace.movers) func aDiskThatHasComeMeanwhileStays(_ mover: String) throws {
        // What the script does last before it gives the disk its name.
        let bin = try workspace.programs([
            "mv": mover, "sync": "echo precious >'\(disk)'; exec /bin/sync \"$@\"",
        ])
        let outcome = try fetch(prefix: "PATH='\(bin)':$PATH")
        #expect(outcome.lines.last == "hurd-image: \"\(disk)\" has come there meanwhile and stays", "\(outcome)")
        #expect(outcome.code == 1)
        #expect(try shell("cat '\(disk)'") == "precious\n")
        #expect(try files() == ["disk.qcow2", "hurd.tar.xz"])
    }

    @Test func withoutSpaceNothingIsBegun() throws {
        // For less than the archive, and for the archive but not for what is in it.
        for (size, what, left) in [
            ("256k", "the rest of the download takes 1 MiB", ""),
            ("900k", "unpacking and converting takes 2 MiB", "hurd.tar.xz\n"),
        ] {
            let inside =
                "mount -t tmpfs -o size=\(size) none '\(folder)' && \"$@\"; code=$?; ls '\(folder)'; exit $code"
            try shell("echo '\(inside.replacingOccurrences(of: "'", with: "'\\''"))' >'\(workspace.path)/small'")
            let outcome = try fetch(prefix: "unshare --mount sh '\(workspace.path)/small'")
            #expect(outcome.code == 75, "\(outcome)")
            let message = try #require(outcome.lines.first { $0.hasSuffix("; free some, or name another DISK") })
            #expect(
                message.hasPrefix("hurd-image: \"\(folder)\" has ") && message.contains("free and \(what)"),
                "\(outcome)")
            let listing = outcome.lines.drop { $0 != message }.dropFirst()
            #expect(listing.map { $0 + "\n" }.joined() == left, "\(outcome)")
        }
    }

    @Test func withoutANetworkItIsOneLine() throws {
        let outcome = try run("unshare --net '\(repository)/scripts/hurd-image' '\(disk)'")
        #expect(outcome.code == 69 && outcome.lines.count == 1, "\(outcome)")
        #expect(outcome.lines[0].hasPrefix("hurd-image: https://cdimage.debian.org/"), "\(outcome)")
        #expect(outcome.lines[0].contains(" cannot be reached: "), "\(outcome)")
        #expect(try files() == [])
    }

    @Test func whatIsNotThereIsOneLine() throws {
        let outcome = try fetch("nothing.tar.xz", sha512: String(repeating: "0", count: 128))
        #expect(outcome.code == 69 && outcome.lines.count == 1 && outcome.lines[0].contains("404"), "\(outcome)")
    }

    @Test(arguments: [
        ("--url http://x/other.tar.xz", "has no known checksum"), ("--url http://x/hurd.zip", "none of .tar.xz"),
        ("--url file:///etc/passwd", "is no address"), ("--sha512 abc", "is no SHA-512"), ("--uid me", "user number"),
        ("--frobnicate", "is no option"), ("--url", "needs a value"), ("one", "one disk too many"),
    ])
    func aWrongCallIsUsage(_ arguments: String, _ words: String) throws {
        let outcome = try run("'\(repository)/scripts/hurd-image' '\(disk)' \(arguments)")
        #expect(outcome.code == 64 && outcome.lines.count == 1 && outcome.lines[0].contains(words), "\(outcome)")
    }
}
