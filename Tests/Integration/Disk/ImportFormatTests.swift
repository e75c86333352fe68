import Foundation
import TestSupport
import Testing

/// `drover import` of what other programs make: the disk in it, with an ext4, or the reason why not.
@Suite struct ImportFormatTests {
    private let workspace: Workspace
    private var path: String { workspace.path }

    init() throws {
        workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && mkdir volume files && echo kept >files/word && seq 200000 >files/numbers
            truncate -s 64M disk.raw && mke2fs -q -t ext4 -d files -F disk.raw
            """)
    }

    @Test(arguments: [
        ("vmdk", "subformat=monolithicSparse"), ("vmdk", "subformat=monolithicFlat"),
        ("vmdk", "subformat=twoGbMaxExtentSparse"), ("vmdk", "subformat=twoGbMaxExtentFlat"),
        ("vmdk", "subformat=streamOptimized"), ("vdi", "static=off"), ("vdi", "static=on"),
        ("vhdx", "subformat=dynamic"), ("vhdx", "subformat=fixed"), ("vpc", "subformat=dynamic"),
        ("vpc", "subformat=fixed"), ("vpc", "subformat=fixed,force_size=on"), ("qcow2", "compression_type=zstd"),
    ])
    func theDiskIsTheSame(_ format: String, _ options: String) throws {
        try shell("cd '\(path)' && qemu-img convert -f raw -O \(format) -o \(options) disk.raw image.\(format)")
        let output = try workspace.importing("drover import --from image.\(format)")
        #expect(output.hasSuffix("and the same\n0\n"), "\(output)")
        #expect(try workspace.volumeContents() == ["disk"])
        try expectTheDisk(asIn: "image.\(format)", format)
    }

    private func expectTheDisk(asIn image: String, _ format: String) throws {
        let compared = try shell(
            """
            cd '\(path)' && qemu-img compare -f \(format) -F qcow2 \(image) volume/disk
            qemu-img convert -f qcow2 -O raw volume/disk out.raw && e2fsck -fn out.raw >&2 && debugfs -R 'cat /word' out.raw
            cmp -n $(stat -c %s disk.raw) disk.raw out.raw && echo equal
            """)
        #expect(compared.contains("Images are identical.") && !compared.contains("mismatch"), "\(compared)")
        #expect(compared.contains("kept\n") && compared.hasSuffix("equal\n"), "\(compared)")
    }

    /// Their footer is at the end, and QEMU wants to go back and forth: a stream is kept beside the disk until it is whole.
    @Test(arguments: [
        ("vmdk", "subformat=monolithicSparse"), ("vmdk", "subformat=streamOptimized"), ("vdi", "static=off"),
        ("vhdx", "subformat=dynamic"), ("vpc", "subformat=fixed,force_size=on"),
    ])
    func itComesByAStream(_ format: String, _ options: String) throws {
        try shell("cd '\(path)' && qemu-img convert -f raw -O \(format) -o \(options) disk.raw image.\(format)")
        let output = try workspace.importing(
            "cat image.\(format) | drover import --from - --format \(format) --compress")
        #expect(output.hasSuffix("and the same\n0\n"), "\(output)")
        #expect(try workspace.volumeContents() == ["disk"])
        #expect(try shell("qemu-img info '\(path)/volume/disk'").contains("compression type: zstd"))
        try expectTheDisk(asIn: "image.\(format)", format)
    }

    /// Three extents each, of which none begins where the disk does but the first.
    @Test(arguments: ["twoGbMaxExtentSparse", "twoGbMaxExtentFlat"]) func everyExtentIsRead(_ kind: String) throws {
        try shell(
            """
            cd '\(path)' && truncate -s 5G large.raw
            for place in 0 2147483648 2200000000 4300000000 5368708096; do
              printf '%s' "at $place" | dd of=large.raw bs=1 seek=$place conv=notrunc status=none
            done
            qemu-img convert -f raw -O vmdk -o subformat=\(kind) large.raw 'my disk.vmdk'; ls my*
            """)
        let output = try workspace.importing("drover import --from 'my disk.vmdk'")
        #expect(output.hasSuffix("and the same\n0\n"), "\(output)")
        let compared = try shell("cd '\(path)' && qemu-img compare -f raw -F qcow2 large.raw volume/disk")
        #expect(compared == "Images are identical.\n")
    }

    /// As other programs write them: parts of a file in another order, read-only, in lines as of Windows.
    @Test func partsOfAFileAreExtents() throws {
        try shell(
            """
            cd '\(path)' && dd if=disk.raw of=halves.raw bs=32M skip=1 status=none && head -c 32M disk.raw >>halves.raw
            printf '# Disk DescriptorFile\\r\\nversion=1\\r\\nparentCID=ffffffff\\r\\ncreateType="twoGbMaxExtentFlat"\\r\\n\\r\\n' >a.vmdk
            printf 'RDONLY 65536 FLAT "halves.raw" 65536\\r\\nRW 65536 FLAT "halves.raw" 0\\r\\n' >>a.vmdk
            """)
        let output = try workspace.importing("drover import --from a.vmdk")
        #expect(output.hasSuffix("and the same\n0\n"), "\(output)")
        try expectTheDisk(asIn: "disk.raw", "raw")
    }

    /// Sets bytes of a file at an offset, or behind what `find` finds.
    private static let patch = """
        patch() { python3 - "$@" <<'END'
        import struct, sys
        name, place, value = sys.argv[1:]
        image = bytearray(open(name, "rb").read())
        if place == "has-parent":
            entry = image.find(bytes.fromhex("3767a1ca36fa434db3b633f0aa44e76b"))
            place = image.find(b"metadata") + struct.unpack_from("<I", image, entry + 16)[0] + 4
        value = bytes.fromhex(value)
        image[int(place):int(place) + len(value)] = value
        open(name, "wb").write(image)
        END
        }
        """

    private static let flat = "qemu-img convert -f raw -O vmdk -o subformat=monolithicFlat disk.raw a.vmdk"

    private static func make(_ format: String, _ options: String = "") -> String {
        "qemu-img convert -f raw -O \(format) \(options.isEmpty ? "" : "-o \(options)") disk.raw a.\(format)"
    }

    @Test(arguments: [
        (
            "\(flat); sed -i 's,a-flat.vmdk,/etc/shadow,' a.vmdk", "a.vmdk",
            #"has an extent "/etc/shadow" that is not the plain name"#
        ),
        (
            "\(flat); sed -i 's,a-flat.vmdk,../a-flat.vmdk,' a.vmdk", "a.vmdk",
            "is not the plain name of a file beside it"
        ),
        ("\(flat); ln -sf /etc/shadow a-flat.vmdk", "a.vmdk", "leads out of the directory of the image to"),
        (
            "\(flat); mkdir d; mv a.vmdk d; ln -s ../a-flat.vmdk d", "d/a.vmdk",
            "leads out of the directory of the image to"
        ),
        ("\(flat); rm a-flat.vmdk; mkfifo a-flat.vmdk", "a.vmdk", "is no regular file"),
        ("\(flat); rm a-flat.vmdk", "a.vmdk", "is not there; copy all files of the image into one folder"),
        ("\(flat); truncate -s 1M a-flat.vmdk", "a.vmdk", "is cut off: the file ends before 131072 sectors at 0"),
        ("\(flat); sed -i 's/131072 FLAT/131072 SPARSE/' a.vmdk", "a.vmdk", "has a damaged VMDK header"),
        (
            "\(make("vmdk")); qemu-img create -q -f vmdk -b a.vmdk -F vmdk over.vmdk", "over.vmdk",
            "is a snapshot's image, and its parent has the rest"
        ),
        (
            "\(make("vhdx")); patch a.vhdx has-parent 02", "a.vhdx",
            "is a differencing image, and its parent has the rest"
        ),
        ("\(make("vdi")); patch a.vdi 368 0000000000000080", "a.vdi", "size of 9223372036854775808 bytes"),
        ("\(make("vdi")); patch a.vdi 76 04", "a.vdi", "is a differencing image, and its parent has the rest"),
        (make("vdi"), "a.vdi --format raw", "is declared raw, and its header says VDI"),
        (make("vhdx"), "a.vhdx --format vdi", "is declared vdi, and its header says VHDX"),
        (make("vpc", "subformat=fixed"), "a.vpc --format raw", "is declared raw, and its header says VHD"),
        (make("qcow2"), "a.qcow2 --format vmdk", "is declared vmdk, and its header says qcow2"),
        ("true", "disk.raw --format vhdx", "is declared vhdx, and has no VHDX header"),
        ("\(make("vdi")); truncate -s -1M a.vdi", "a.vdi", "is cut off: the file ends before the last of"),
        ("\(make("vmdk")); truncate -s -64K a.vmdk", "a.vmdk", "is cut off: the file ends before the last grain"),
        (
            "\(make("vmdk", "subformat=streamOptimized")); truncate -s -66K a.vmdk", "a.vmdk",
            "is cut off: the file ends before the last grain"
        ),
        ("\(make("vpc")); truncate -s -1M a.vpc", "a.vpc", "is cut off: the file ends before the footer"),
        ("\(make("vhdx")); truncate -s -1M a.vhdx", "a.vhdx", "truncated"),
        (flat, "- <a.vmdk", "names the files that hold its data, which a stream does not bring"),
        (
            "\(make("qcow2")); cp a.qcow2 volume/others; qemu-img create -q -f qcow2 -u -b others -F qcow2 over 64M",
            "- <over",
            "names another file, which a stream does not bring"
        ),
    ])
    func whatIsNotOneWholeImageLeavesNothing(_ setup: String, _ image: String, _ reason: String) throws {
        try shell("cd '\(path)'; \(Self.patch)\n\(setup)")
        let before = try workspace.volumeContents()
        let output = try workspace.importing("drover import --from \(image)")
        #expect(output.contains(reason) && !output.hasSuffix("\n0\n"), "\(output)")
        #expect(try workspace.volumeContents() == before)
    }

    /// What a run says of such an image is how it becomes a disk.
    @Test func aRunNamesTheWay() throws {
        try shell("cd '\(path)' && \(Self.make("vdi"))")
        let output = try shell(
            "cd '\(path)' && QEMU_DRIVE='\(path)/a.vdi' QEMU_PORTS= QEMU_ACCEL=tcg '\(DroverRun.binary)' check 2>&1 || true"
        )
        let command = try #require(output.firstMatch(of: /is a VDI file, not qcow2; make one of it: (.*)\n/)).1
        let imported = try shell("cd '\(path)' && \(command) 2>&1".replacing("drover ", with: "'\(DroverRun.binary)' "))
        #expect(imported.hasSuffix("and the same\n"), "\(imported)")
        #expect(
            try shell("cd '\(path)' && qemu-img compare -f raw -F qcow2 disk.raw a.vdi.qcow2")
                == "Images are identical.\n")
    }
}
