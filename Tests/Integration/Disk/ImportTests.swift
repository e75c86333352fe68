import Foundation
import Linux
import TestSupport
import Testing

/// `drover import`: a disk from an image, whole or not at all.
@Suite struct ImportTests {
    private let workspace: Workspace
    private var path: String { workspace.path }

    init() throws {
        workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && mkdir volume && qemu-img create -q -f qcow2 image.qcow2 16M
            qemu-io -f qcow2 -c 'write -P 7 3M 5M' image.qcow2
            qemu-img convert -O raw image.qcow2 image.raw
            qemu-img create -q -f qcow2 -b image.qcow2 -F qcow2 over.qcow2; gzip -k image.qcow2
            """)
    }

    @Test(arguments: [
        ("drover import --from image.qcow2", "", "qcow2"),
        ("drover import --from - < image.qcow2", "", "qcow2"),
        ("cat image.raw | drover import --from - --format raw", "", "qcow2"),
        ("drover import --from image.raw --format raw --sha256 $(sha256sum image.raw | cut -c 1-64)", "", "qcow2"),
        ("cat image.qcow2 | drover import --from - --sha256 $(sha256sum image.qcow2 | cut -c 1-64)", "", "qcow2"),
        ("drover import --from image.qcow2", "QEMU_DRIVE_FORMAT=raw", "raw"),
        ("drover import image.qcow2 --compress", "", "qcow2"),
        ("drover import - < image.qcow2", "", "qcow2"),
    ])
    func anImageBecomesTheDisk(_ line: String, _ variables: String, _ format: String) throws {
        let output = try workspace.importing(line, variables)
        #expect(output.hasSuffix("and the same\n0\n"), "\(output)")
        #expect(try workspace.volumeContents() == ["disk"])
        let compared = try shell("cd '\(path)' && qemu-img compare -f \(format) -F raw volume/disk image.raw")
        #expect(compared.contains("identical"))
    }

    @Test func aDiskThatIsThereStays() throws {
        try shell("echo mine >'\(path)/volume/disk'")
        let output = try workspace.importing("drover import --from image.qcow2")
        #expect(output == "\"\(path)/volume/disk\" is there already, and stays as it is\n0\n")
        #expect(try shell("cat '\(path)/volume/disk'") == "mine\n")
    }

    @Test(arguments: [
        ("drover import --from image.qcow2 --sha256 " + String(repeating: "0", count: 64), "is not that one, but has "),
        ("drover import --from - < image.raw --sha256 " + String(repeating: "0", count: 64), "is not that one"),
        ("drover import --from image.raw", "has no qcow2 header; if it is a raw image, declare it: --format raw"),
        ("drover import --from image.qcow2.gz", "is a gzip-compressed file, not qcow2; unpack it first"),
        ("head -c 100000 image.qcow2 | drover import --from -", "drover-incoming"),
        ("drover import --from - < /dev/null", "is empty"),
        ("drover import --from none.qcow2", "does not exist"),
        ("drover import", "import needs --from FILE, or --from - for standard input"),
        ("drover import image.qcow2 --from image.qcow2", "import takes one image; leave --from out, or the operand"),
        ("QEMU_DRIVE_FORMAT=raw drover import image.qcow2 --compress", "is raw, of which nothing is compressed"),
        ("drover import --from image.qcow2 --sha256 12", "is no SHA-256; write its 64 hexadecimal digits"),
    ])
    func whatIsNoWholeImageLeavesNothing(_ line: String, _ reason: String) throws {
        let output = try workspace.importing(line)
        #expect(output.contains(reason) && !output.hasSuffix("\n0\n"), "\(output)")
        #expect(try workspace.volumeContents() == [])
    }

    /// Nothing of another folder, which whoever has made the image may have named.
    @Test func anImageThatLeadsElsewhereIsNotFollowed() throws {
        try shell(
            """
            cd '\(path)' && mkdir other && mv image.qcow2 other
            qemu-img rebase -u -b ../image.raw -F raw other/image.qcow2
            """)
        let output = try workspace.importing("drover import --from other/image.qcow2")
        #expect(output.contains("image.raw") && !output.hasSuffix("\n0\n"), "\(output)")
        #expect(try workspace.volumeContents() == [])
    }

    /// Killed while it comes: no disk; and the next one does not mind what is left.
    @Test func oneThatIsKilledLeavesNoDisk() throws {
        _ = try workspace.importing(
            """
            (head -c 200000 image.qcow2; exec sleep 60) 2>/dev/null | drover import --from - &
            until [ -s volume/disk.drover-incoming ]; do sleep 0.1; done; kill -KILL $!
            """)
        #expect(try !workspace.volumeContents().contains("disk"))
        #expect(try workspace.importing("drover import --from - < image.qcow2").hasSuffix("and the same\n0\n"))
        #expect(try workspace.volumeContents() == ["disk"])
    }
}
