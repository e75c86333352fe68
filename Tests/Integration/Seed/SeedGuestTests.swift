import Foundation
import Seed
import TestSupport
import Testing

/// The image as kernels see it: Linux in the micro guest, GNU Mach in the probe that the project's shared folder holds.
@Suite struct SeedGuestTests {
    @Test(.enabled(if: SharedGuest.machProbe != nil, SharedGuest.noProbe))
    func gnuMachReadsTheSeed() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(copyOf: SharedGuest.machProbe)
        let image = try workspace.image(of: SeedTrees.typical)
        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["QEMU_CDROM": image]))
        try run.wait(for: "probe> ", within: 60)

        try run.wait(for: "console:   PVD id=CD001 volid=cidata", within: 1)
        for file in SeedTrees.typical.files {
            let line = "RockRidge=\(file.name) size=\(file.contents.count)"
            let index = try #require(run.lines.firstIndex { $0.hasSuffix(line) }, "\(line): \(run.lines)")
            let text = String(decoding: file.contents, as: UTF8.self).split(separator: "\n")
            let printed = run.lines[(index + 1)...].prefix(text.count)
            #expect(Array(printed) == text.map { "console:     | \($0)" })
        }
        #expect(run.lines.contains { $0.contains("file META_DAT.;1 RockRidge=meta-data") })
        #expect(run.lines.contains { $0.contains("file USER_DAT.;1 RockRidge=user-data") })
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    /// The same, handed over in a descriptor.
    @Test(.enabled(if: SharedGuest.machProbe != nil, SharedGuest.noProbe))
    func gnuMachReadsWhatDroverMakes() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(copyOf: SharedGuest.machProbe)
        let variables = try Credentials(workspace).variables()
        let run = try DroverRun(["run"], workspace.variables(disk: disk, variables))
        try run.wait(for: "probe> ", within: 60)
        try run.wait(for: "console:   PVD id=CD001 volid=cidata", within: 1)
        for name in ["meta-data", "user-data"] {
            #expect(run.lines.contains { $0.contains("RockRidge=\(name) size=") }, "\(name)")
        }
        #expect(run.lines.contains { $0.contains(#"| {"instance-id":"drover-"#) })
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func linuxMountsBothHierarchies() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        // Rock Ridge is what Linux prefers; Joliet is what it takes without it, and then heeds no case unless told to.
        let script = """
            #!/bin/sh
            mkdir -p /tmp/seed
            for options in ro ro,norock,utf8,check=strict; do
              mount -t iso9660 -o $options "$(findfs LABEL=cidata)" /tmp/seed
              tar -C /tmp/seed -cf /state/$options.tar .
              umount /tmp/seed
            done
            echo "the seed is copied"
            """
        try workspace.runAtBoot(script, on: disk)
        let state = "'\(repository)/Tests/Guests/state' '\(disk)'"
        var tree = SeedTrees.unicode
        tree.files += SeedTrees.edges.files
        tree.directories += SeedTrees.edges.directories
        let image = try workspace.image(of: tree)

        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["QEMU_CDROM": image]))
        try run.wait(for: "console: the seed is copied", within: 120)
        try run.wait(for: "console: micro: ready", within: 60)
        try run.signal(.terminate)
        try run.waitForExit(within: 60)

        for (archive, hasModes) in [("ro", true), ("ro,norock,utf8,check=strict", false)] {
            let folder = "\(workspace.path)/\(archive)"
            try shell(
                "\(state) get '/\(archive).tar' > '\(folder).tar' && mkdir '\(folder)'"
                    + " && tar -C '\(folder)' -xpf '\(folder).tar'")
            let differences = try SeedContents(of: tree, withModes: hasModes).differences(
                from: SeedContents(ofFolder: folder, withModes: hasModes))
            #expect(differences.isEmpty, "\(archive)")
            if getuid() != 0 { try shell("chmod -R u+rwX '\(folder)'") }
        }
    }
}
