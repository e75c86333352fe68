import Basics
import Foundation
import Linux
import Machine
import Testing

@Suite(.enabled(if: QEMUImg.path != nil, "qemu-img is not installed"))
struct DiskHeaderAgainstQEMU {
    /// What creates `image.qcow2`, with `base.qcow2` and `base.raw` beside it.
    private static let recipes: [(name: String, steps: [[String]])] = [
        ("version 2", [["create", "-f", "qcow2", "-o", "compat=0.10", "image.qcow2", "3G"]]),
        ("version 3", [["create", "-f", "qcow2", "image.qcow2", "10G"]]),
        ("smallest clusters", [["create", "-f", "qcow2", "-o", "cluster_size=512", "image.qcow2", "1G"]]),
        (
            "large, zstd, extended L2",
            [
                [
                    "create", "-f", "qcow2", "-o",
                    "cluster_size=2M,extended_l2=on,compression_type=zstd,preallocation=metadata", "image.qcow2", "1T",
                ]
            ]
        ),
        ("no size", [["create", "-f", "qcow2", "image.qcow2", "0"]]),
        ("qcow2 backing", [["create", "-f", "qcow2", "-b", "base.qcow2", "-F", "qcow2", "image.qcow2"]]),
        ("raw backing", [["create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", "image.qcow2"]]),
        (
            "version 2 backing",
            [["create", "-f", "qcow2", "-o", "compat=0.10", "-b", "base.qcow2", "-F", "qcow2", "image.qcow2"]]
        ),
        (
            "data file",
            [["create", "-f", "qcow2", "-o", "data_file=data.raw,data_file_raw=on", "image.qcow2", "64M"]]
        ),
        (
            "luks",
            [
                [
                    "create", "-f", "qcow2", "--object", "secret,id=key,data=word", "-o",
                    "encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=200", "image.qcow2", "8M",
                ]
            ]
        ),
        (
            "bitmaps",
            [
                ["create", "-f", "qcow2", "image.qcow2", "1G"], ["bitmap", "--add", "image.qcow2", "one"],
                ["bitmap", "--add", "image.qcow2", "two"],
            ]
        ),
        (
            "snapshots",
            [["create", "-f", "qcow2", "image.qcow2", "1G"], ["snapshot", "-c", "first", "image.qcow2"]]
        ),
        ("compressed content", [["convert", "-c", "-O", "qcow2", "base.qcow2", "image.qcow2"]]),
        ("resized", [["create", "-f", "qcow2", "image.qcow2", "1G"], ["resize", "image.qcow2", "900G"]]),
        (
            "lazy reference counts",
            [["create", "-f", "qcow2", "-o", "lazy_refcounts=on", "image.qcow2", "1G"]]
        ),
    ]

    @Test func theReaderAgreesWithQEMU() throws {
        for recipe in Self.recipes {
            let qemuImg = try QEMUImg()
            try qemuImg.run(["create", "-f", "qcow2", "base.qcow2", "1G"])
            try qemuImg.run(["create", "-f", "raw", "base.raw", "1G"])
            for step in recipe.steps { try qemuImg.run(step) }
            let info = try qemuImg.info("image.qcow2")
            let inspection = DiskInspector().inspect(
                DiskRequest(path: qemuImg.path("image.qcow2"), variable: "QEMU_DRIVE"))
            let image = try #require(inspection.image, "\(recipe.name): \(inspection.faults)")
            guard case .qcow2(let header) = try DiskHeader.read(FoundFile(qemuImg.path("image.qcow2"))) else {
                Issue.record("\(recipe.name)")
                continue
            }
            let data = try #require(info.formatSpecific?.data)
            #expect(inspection.faults.isEmpty == (info.encrypted != true), "\(recipe.name): \(inspection.faults)")
            #expect(image.top.virtualSize == info.virtualSize, "\(recipe.name)")
            #expect(header.backingFile == info.backingFilename, "\(recipe.name)")
            #expect(header.backingFormat == info.backingFilenameFormat, "\(recipe.name)")
            #expect(header.dataFile == data.dataFile, "\(recipe.name)")
            #expect((header.encryption != .none) == (info.encrypted ?? false), "\(recipe.name)")
            #expect(header.isDirty == info.dirtyFlag, "\(recipe.name)")
            #expect(header.isCorrupt == (data.corrupt ?? false), "\(recipe.name)")
            #expect(header.bitmapCount == (data.bitmaps?.count ?? 0), "\(recipe.name)")
            #expect(header.bitmapCount == 0 || header.bitmapsAreValid, "\(recipe.name)")
        }
    }

    @Test func aBrokenDownloadIsNoticed() throws {
        let qemuImg = try QEMUImg()
        let content = Data((0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        _ = FileManager.default.createFile(atPath: qemuImg.path("base.raw"), contents: content)
        try qemuImg.run(["resize", "-f", "raw", "base.raw", "4G"])
        try qemuImg.run(["convert", "-f", "raw", "-O", "qcow2", "base.raw", "image.qcow2"])
        let whole = try Data(contentsOf: URL(fileURLWithPath: qemuImg.path("image.qcow2")))
        for size in [71, 103, 0x10000, 0x30000, 0x40000] {
            _ = FileManager.default.createFile(
                atPath: qemuImg.path("cut.qcow2"), contents: whole.prefix(size))
            let inspection = DiskInspector().inspect(
                DiskRequest(path: qemuImg.path("cut.qcow2"), variable: "QEMU_DRIVE"))
            #expect(inspection.faults.count == 1, "\(size)")
            #expect(inspection.faults.first?.message.contains("is cut off") == true, "\(size): \(inspection.faults)")
        }
    }
}
