import Foundation
import Linux
import TestSupport
import Testing

/// What is in the image, and that it is enough.
@Suite struct ImageTests {
    @Test func theImageHoldsNoMoreThanItNeeds() throws {
        let image = try Image()
        #expect(image.entries.reduce(0) { $0 + $1.size } <= 92_000_000)

        let programs = image.entries.filter { $0.isFile && $0.mode.contains("x") && !$0.path.contains(".so") }
        #expect(
            programs.map(\.path).sorted() == [
                "usr/bin/drover", "usr/bin/qemu-img", "usr/bin/qemu-nbd", "usr/bin/qemu-system-x86_64",
                "usr/bin/wget",
            ])
        // Neither set-user-ID nor set-group-ID nor a device.
        #expect(image.entries.allSatisfy { !$0.mode.contains("s") && !$0.mode.contains("S") })
        #expect(image.entries.allSatisfy { "-dl".contains($0.mode.prefix(1)) })
        // Whoever runs inside owns none of it but the place of the disk.
        let owned = image.entries.filter { $0.owner != "0/0" }
        #expect(owned.map(\.path) == ["opt/hurd-image/"] && owned.map(\.owner) == ["10001/10001"])
        let writable = image.entries.filter { !$0.mode.hasPrefix("l") && $0.mode.dropFirst(8).hasPrefix("w") }
        #expect(writable.map(\.path).sorted() == ["run/", "tmp/"])
    }

    @Test func everyFileIsAPackagesAndAsThePackageHasIt() throws {
        let image = try Image()
        let root = "\(image.workspace.path)/root"
        try shell("mkdir '\(root)' && tar -C '\(root)' -xf '\(image.tar)'")
        let sums = try shell(
            "cd '\(root)' && cat var/lib/dpkg/status.d/*.md5sums > ../sums && md5sum -c ../sums | wc -l")
        #expect(try #require(Int(sums.trimmingNewline())) > 100)

        let listed = Set(
            try String(contentsOfFile: "\(image.workspace.path)/sums", encoding: .utf8)
                .split(separator: "\n").map { String($0.dropFirst(34)) })
        let unlisted = image.entries.filter { $0.isFile && $0.path.hasPrefix("usr/") && !listed.contains($0.path) }
        #expect(
            unlisted.map(\.path).sorted() == [
                "usr/bin/drover", "usr/share/OVMF/OVMF_CODE_4M.qcow2", "usr/share/OVMF/OVMF_VARS_4M.qcow2",
            ])
        // In another form as the package has it, which the build compares: as large as the flash, and whole.
        for (name, size) in [("CODE", 3568 << 10), ("VARS", 528 << 10)] {
            let file = "\(root)/usr/share/OVMF/OVMF_\(name)_4M"
            try shell("qemu-img check -q '\(file).qcow2' && qemu-img convert -O raw '\(file).qcow2' '\(file).fd'")
            #expect(try shell("stat -c %s '\(file).fd'") == "\(size)\n")
        }
    }

    @Test func theBillOfMaterialsIsValidAndNamesQEMU() throws {
        let image = try Image()
        let bill = "\(image.workspace.path)/bill.json"
        try shell("DOCKER='\(Engine.client)' '\(repository)/scripts/dev/sbom' drover > '\(bill)'")
        let validator = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())
            sys.exit(str(error) if error else 0)
            """
        try shell("'\(repository)/.build/container/python/bin/python' -c '\(validator)' '\(bill)' 2>&1")

        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: bill)))
        let components = try #require((json as? [String: Any])?["components"] as? [[String: Any]])
        let qemu = try #require(components.first { $0["name"] as? String == "qemu-system-x86" })
        // 1:10.0.13+ds-0+deb13u1 is 10.0.13 to QEMU.
        let version = try #require(qemu["version"] as? String)
        let said = try Engine.docker("run --rm --entrypoint qemu-system-x86_64 drover --version")
        let number = version.drop { $0 != ":" }.dropFirst().prefix { $0 != "+" }
        #expect(!number.isEmpty && said.hasPrefix("QEMU emulator version \(number) "))
        #expect(components.contains { $0["name"] as? String == "drover" })

        // From the file system alone it is the same.
        try shell("'\(repository)/scripts/dev/sbom' '\(image.tar)' | cmp - '\(bill)'")
    }

    /// A firmware file that is missing ends QEMU before it greets, and so may a call that the seccomp profile lacks.
    @Test(arguments: [
        "QEMU_MACHINE=q35", "QEMU_FIRMWARE=uefi", "QEMU_BALLOON=on", "QEMU_STORAGE=sata", "QEMU_STORAGE=virtio",
        "QEMU_NET=rtl8139", "QEMU_NET=pcnet", "QEMU_NET=virtio", "ENABLE_VNC=1",
        "QEMU_EXTRA_ARGS=-vga cirrus", "QEMU_EXTRA_ARGS=-k de",
        "QEMU_CACHE=none", "QEMU_EXTRA_ARGS=-virtfs local,path=/tmp,mount_tag=tmp,security_model=mapped-xattr",
    ])
    func everySupportedMachineStarts(_ setting: String) throws {
        let id = try Engine.docker(
            "run --detach --cap-drop ALL --security-opt no-new-privileges:true \(SeccompTests.profile) --env CREATE_DISK=1 --env DISK_SIZE=1G --env QEMU_RAM=256 --env '\(setting)' drover"
        ).trimmingNewline()
        defer { _ = try? Engine.docker("rm --force --volumes \(id)") }
        let container = Container(id: id)
        try container.wait(for: "drover: the guest runs", within: 60)
        // QEMU says nothing where nothing is missing.
        let log = try container.log()
        #expect(!log.split(separator: "\n").contains { $0.hasPrefix("qemu:") }, "\(log)")
    }

    /// By the image's own OVMF, and again with the variables that the first run has made.
    @Test func itsUEFIBootsALinux() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        try workspace.makeUEFI(disk)
        try shell("chown -R 10001:10001 '\(workspace.path)'")
        for _ in 0..<2 {
            let id = try Engine.docker(
                "run --detach --cap-drop ALL --security-opt no-new-privileges:true \(SeccompTests.profile) --volume '\(workspace.path):/opt/hurd-image' --env QEMU_DRIVE=/opt/hurd-image/disk.qcow2 --env QEMU_FIRMWARE=uefi --env QEMU_RAM=256 --env QEMU_ACCEL=tcg drover"
            ).trimmingNewline()
            defer { _ = try? Engine.docker("rm --force --volumes \(id)") }
            try Container(id: id).wait(for: "console: micro: ready", within: 400)
            try Engine.docker("stop --time 120 \(id)", within: 180)
            #expect(try Container(id: id).inspect("{{.State.ExitCode}}") == "0")
        }
        #expect(try shell("stat -c '%a %u' '\(disk).uefi-vars'") == "600 10001\n")
    }

    /// ldd tells of a missing library in its output alone.
    @Test func anImageThatLacksALibraryIsNotMade() throws {
        let workspace = try Workspace()
        let bin = try workspace.programs(["ldd": "echo '\tlibaio.so.1t64 => not found'"])
        let failure = try shellFailure {
            try shell("PATH='\(bin)':$PATH '\(repository)/scripts/lib/image-root' '\(workspace.path)/root' 2>&1")
        }
        #expect(failure.output == "image-root: a library is missing: \tlibaio.so.1t64 => not found\n")
        #expect(failure.status == .exited(1))
    }

    @Test func withoutADiskItSaysSo() throws {
        do {
            let output = try Engine.docker("run --rm drover")
            Issue.record("it ran: \(output)")
        } catch let failure as ShellFailure {
            #expect(failure.status == .exited(69))
            #expect(failure.output.hasPrefix("drover: QEMU_DRIVE: "), "\(failure.output)")
        }
    }
}

/// The image's root file system, as the engine would give it to a container.
private struct Image {
    struct Entry {
        let mode: String
        let owner: String
        let size: Int
        let path: String
        var isFile: Bool { mode.hasPrefix("-") }
    }

    let workspace: Workspace
    let tar: String
    let entries: [Entry]

    init() throws {
        workspace = try Workspace()
        tar = "\(workspace.path)/image.tar"
        let id = try Engine.docker("create drover").trimmingNewline()
        defer { _ = try? Engine.docker("rm --volumes \(id)") }
        try shell("'\(Engine.client)' export \(id) > '\(tar)'")
        // What the engine adds to every container.
        let engines = [".dockerenv", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"]
        // mode owner/group size date time path
        let all = try shell("tar --numeric-owner -tvf '\(tar)'").split(separator: "\n").map { line in
            let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true).map(String.init)
            let path = words[5].components(separatedBy: " -> ")[0]
            return Entry(mode: words[0], owner: words[1], size: Int(words[2]) ?? 0, path: path)
        }
        entries = all.filter { !engines.contains($0.path) && !$0.path.hasPrefix("dev/") }
    }
}
