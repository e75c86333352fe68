import Foundation
import Linux
import TestSupport
import Testing

/// Disks that `scripts/hurd-image --prepare` must leave alone.
@Suite struct HostileHurdTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// Done in the folder of `disk.img`, with `fs` for debugfs.
        let change: String
        let words: String
        var testDescription: String { name }

        init(_ name: String, _ change: String, _ words: String) {
            self.name = name
            self.change = change
            self.words = words
        }
    }

    private static let write = "dd of=disk.img bs=1 conv=notrunc 2>/dev/null seek"

    static let partitions = [
        Case("no partition table", "printf 'xx' | \(write)=510", "has no partition table (MBR)"),
        Case("no partition of type 83", "printf '\\202' | \(write)=466", "has no partition of type 83"),
        Case("two of them", "printf '\\203' | \(write)=450", "has 2 partitions of type 83"),
        Case("a partition past the end", "truncate -s 50M disk.img", "is shorter than its partition table says"),
        Case("a smaller partition", "printf '\\001' | \(write)=476", "is larger than its partition"),
        Case("no ext2", "printf 'xx' | \(write)=$((9 * 1048576 + 1024 + 56))", "has no ext2 file system"),
        Case("Linux's ext2", "debugfs -w -R 'ssv creator_os 0' $fs", "that no GNU/Hurd has made"),
        Case("no root folder", "debugfs -w -R 'clri <2>' $fs", "that e2fsck does not repair by itself"),
    ]

    static let contents = [
        Case(
            "full",
            """
            free=$(debugfs -R 'show_super_stats -h' $fs 2>&1 | sed -n 's/^Free blocks: *//p')
            head -c $(((free - free / 1000 - 20) * 4096)) /dev/urandom >filler && debugfs -w -R 'write filler filler' $fs; rm filler
            """, "is full: the root file system has "),
        Case(
            "no lines of GNU Mach", replace("/boot/grub", "grub.cfg", "menuentry x { linux /vmlinuz }"),
            "that loads GNU Mach"),
        Case("no text", replace("/etc", "inittab", "\\000"), "has a /etc/inittab that is not a text"),
        Case(
            "a long text", "debugfs -w -R 'sif /etc/inittab size 2000000000' $fs",
            "has a /etc/inittab of 2000000000 bytes"),
        Case("no inittab", "debugfs -w -R 'rm /etc/inittab' $fs", "has no /etc/inittab"),
        Case("no perl", "debugfs -w -R 'rm /usr/bin/perl' $fs", "has no /usr/bin/perl"),
        Case("no folder", "debugfs -w -R 'rmdir /usr/local/lib' $fs", "has no folder /usr/local/lib"),
        link("/etc", "inittab"), link("/boot/grub", "grub.cfg"), link("/etc/init.d", "drover"),
        link("/etc/init.d", ".depend.start"),
        Case(
            "a link for a folder", edit("cd /usr/local/lib", "symlink drover /etc"),
            "has a symlink in the place of the directory /usr/local/lib/drover"),
        Case(
            "a folder for a file", edit("mkdir /etc/init.d/drover"),
            "has a directory in the place of the file /etc/init.d/drover"),
    ]

    private static func edit(_ commands: String...) -> String {
        "printf '%s\\n' \(commands.map { "'\($0)'" }.joined(separator: " ")) >c && debugfs -w -f c $fs && rm c"
    }

    private static func replace(_ folder: String, _ name: String, _ text: String) -> String {
        "printf '\(text)\\n' >new && \(edit("cd \(folder)", "rm \(name)", "write new \(name)")) && rm new"
    }

    private static func link(_ folder: String, _ name: String) -> Case {
        Case("a link for \(name)", edit("cd \(folder)", "rm \(name)", "symlink \(name) /etc/shadow"), "has a symlink ")
    }

    @Test(arguments: partitions + contents) func isRefusedAndStaysAsItIs(_ given: Case) throws {
        let workspace = try Workspace()
        let disk = try workspace.rawHurd()
        try shell("cd '\(workspace.path)/images' && fs=\(HurdTree.fileSystem("disk.img")) && { \(given.change); } >&2")
        try expectRefusal(disk, given.words, workspace)
    }

    private func expectRefusal(_ disk: String, _ words: String, _ workspace: Workspace, prefix: String = "") throws {
        let before = try shell("sha256sum '\(disk)'; ls -A '\(workspace.path)/images'")
        let outcome = try runScript("\(prefix) '\(repository)/scripts/hurd-image' --prepare '\(disk)'")
        #expect(outcome.code == 65, "\(outcome)")
        let last = outcome.lines.last ?? ""
        #expect(last.hasPrefix("hurd-image: \"\(disk)\" ") && last.contains(words) && last.contains("; "), "\(outcome)")
        #expect(try shell("sha256sum '\(disk)'; ls -A '\(workspace.path)/images'") == before)
    }

    /// Neither debugfs nor a disk says by its exit code that something was not written.
    @Test(arguments: ["exit 0", "sed -i /inittab/d commands; sed -i '/^cd .rc4/,+1d' commands"])
    func whatCannotBeReadBackIsAFault(_ failure: String) throws {
        let workspace = try Workspace()
        let bin = try workspace.programs([
            "debugfs": "case $* in -w*) \(failure) ;; esac; exec /usr/sbin/debugfs \"$@\""
        ])
        // The getty is missing, so that inittab is written.
        let disk = try workspace.rawHurd()
        try shell(
            "cd '\(workspace.path)/images' && fs=\(HurdTree.fileSystem("disk.img")) && { \(Self.replace("/etc", "inittab", "id:2:initdefault:")); } >&2"
        )
        try expectRefusal(disk, "does not hold what was written", workspace, prefix: "PATH='\(bin)':$PATH")
    }

    @Test func aQcow2ThatLeadsElsewhereIsRefused() throws {
        let workspace = try Workspace()
        let base = try workspace.rawHurd(named: "base.img")
        let disk = "\(workspace.path)/images/disk.qcow2"
        for (options, words) in [
            ("-b '\(base)' -F raw", "is an overlay of another disk"),
            ("-o data_file='\(disk).data',data_file_raw=on", "has its data in another file"),
        ] {
            try shell("rm -f '\(disk)'; qemu-img create -q -f qcow2 \(options) '\(disk)' 105M")
            try expectRefusal(disk, words, workspace)
        }
    }

    @Test(arguments: [
        ("--prepare nothing", 66, "is not there"), ("--prepare /dev/null", 66, "is no file"),
        ("--prepare --pristine x", 64, "exclude"),
    ])
    func aWrongCallIsTold(_ arguments: String, _ code: Int, _ words: String) throws {
        let outcome = try runScript("'\(repository)/scripts/hurd-image' \(arguments)")
        #expect(outcome.code == code && outcome.lines.count == 1 && outcome.lines[0].contains(words), "\(outcome)")
    }
}
