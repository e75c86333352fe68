import Basics
import Foundation
import Linux
import TestSupport
import Testing

@testable import Machine

/// A directory of its own for one test.
private final class Directory {
    private let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: path + "/sub", withIntermediateDirectories: true)
    }

    @discardableResult
    func file(_ name: String, _ bytes: [UInt8]) -> String {
        _ = FileManager.default.createFile(atPath: path + "/" + name, contents: Data(bytes))
        return path + "/" + name
    }

    func image(_ name: String, _ change: (inout Qcow2Image) -> Void = { _ in }) -> String {
        file(name, Qcow2Image.with(change).bytes)
    }

    func link(_ name: String, to target: String) {
        try? FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    }
}

private func inspect(
    _ path: String, _ format: Configuration.DiskFormat? = nil, variable: String = "QEMU_DRIVE",
    mayBeMissing: Bool = false
) -> DiskInspection {
    DiskInspector().inspect(
        DiskRequest(path: path, format: format, variable: variable, mayBeMissing: mayBeMissing))
}

private func backing(_ name: String, _ format: String? = "qcow2") -> (inout Qcow2Image) -> Void {
    {
        $0.backingFile = name
        if let format { $0.extensions = [(0xE279_2ACA, Array(format.utf8))] }
    }
}

private func data(_ name: String) -> (inout Qcow2Image) -> Void {
    {
        $0.incompatible = 4
        $0.extensions = [(0x4441_5441, Array(name.utf8))]
    }
}

@Test func goodDisksPass() throws {
    let directory = try Directory()
    let plain = inspect(directory.image("a,b:c.qcow2"))
    #expect(plain.faults.isEmpty)
    #expect(plain.image?.virtualSize == 1 << 30 && plain.image?.format == .qcow2)
    let raw = inspect(directory.file("raw", .init(repeating: 0, count: 4096)), .raw)
    #expect(raw.faults.isEmpty && raw.image?.virtualSize == 4096 && raw.image?.format == .raw)
    // A guest may write anything at the start of its raw disk.
    let disguised = inspect(directory.image("disguised"), .raw)
    #expect(disguised.faults.isEmpty && disguised.warnings.count == 1 && disguised.image?.format == .raw)
    let dirty = inspect(directory.image("dirty") { $0.incompatible = 1 })
    #expect(dirty.faults.isEmpty && dirty.warnings.count == 1)
}

@Test func badDisksAreRefusedWithTheReason() throws {
    let directory = try Directory()
    mkfifo(directory.path + "/fifo", 0o600)
    directory.link("dangling", to: "nowhere")
    let cases: [(DiskInspection, Fault.Kind, String)] = [
        (
            inspect(directory.path + "/missing"), .unavailable,
            "does not exist; mount the image there, or set CREATE_DISK"
        ),
        (inspect(directory.path + "/missing", variable: "QEMU_DISKS"), .unavailable, "mount it there"),
        (inspect(directory.path + "/dangling"), .unavailable, "does not exist"),
        (inspect(directory.path + "/fifo"), .configuration, "is a FIFO"),
        (inspect("/dev/null"), .configuration, "is a character device"),
        (inspect(directory.path), .configuration, "is a directory"),
        (inspect(directory.file("file", [1]) + "/x"), .unavailable, "Not a directory"),
        (inspect(directory.file("empty", [])), .configuration, "is empty"),
        (inspect(directory.file("emptyraw", []), .raw), .configuration, "is empty"),
        (inspect(directory.file("r", [1, 2, 3])), .configuration, "declare it: QEMU_DRIVE_FORMAT=raw"),
        (
            inspect(directory.file("r", [1, 2, 3]), variable: "QEMU_DISKS"), .configuration,
            "declare it: QEMU_DISKS=\(directory.path)/r:raw"
        ),
        (inspect(directory.file("r", [1, 2, 3]), .qcow2), .configuration, "is declared qcow2"),
        (inspect(directory.file("v", Array("KDMV".utf8))), .configuration, "is a VMDK file"),
        (inspect(directory.file("z", [0x1F, 0x8B])), .configuration, "unpack it"),
        (inspect(directory.image("cut") { $0.fileSize = 0x20000 }), .configuration, "is cut off"),
        (inspect(directory.image("old") { $0.version = 9 }), .configuration, "qemu-img check"),
        (inspect(directory.image("corrupt") { $0.incompatible = 2 }), .configuration, "qemu-img check -r all"),
        (inspect(directory.image("luks") { $0.encryption = 2 }), .configuration, "is encrypted"),
        (inspect(directory.image("new") { $0.incompatible = 1 << 50 }), .configuration, "\"bit 50\""),
        (inspect(directory.path + "/no\n\u{1B}[2J"), .unavailable, "no\\n\\u{1b}[2J\" does not exist"),
    ]
    for (inspection, kind, part) in cases {
        #expect(inspection.faults.count == 1, "\(part)")
        #expect(inspection.faults.first?.kind == kind, "\(part)")
        #expect(inspection.faults.first?.message.contains(part) == true, "\(inspection.faults)")
    }
}

@Test func filesBesideTheImagePass() throws {
    let directory = try Directory()
    _ = directory.image("base.qcow2")
    _ = directory.image("sub/middle.qcow2", backing("deep.raw", "raw"))
    directory.file("sub/deep.raw", [0])
    directory.link("inside", to: "sub/middle.qcow2")
    let cases: [(String, (inout Qcow2Image) -> Void)] = [
        ("one", backing("base.qcow2")),
        ("two", backing("sub/middle.qcow2")),
        ("dot", backing("./base.qcow2")),
        ("raw", backing("base.qcow2", "raw")),
        ("data", data("sub/deep.raw")),
    ]
    for (name, change) in cases {
        let inspection = inspect(directory.image(name, change))
        #expect(inspection.faults.isEmpty && inspection.image != nil, "\(name)")
    }
}

@Test func filesElsewhereAreRefused() throws {
    let directory = try Directory()
    let outside = try Directory()
    _ = outside.image("secret.qcow2")
    _ = directory.image("base.qcow2")
    _ = directory.image("nested.qcow2", backing("/etc/passwd", "raw"))
    _ = directory.image("loop", backing("loop"))
    _ = directory.image("sub/up.qcow2", backing("base2"))
    directory.link("out", to: outside.path)
    directory.link("sub/out.qcow2", to: outside.path + "/secret.qcow2")
    mkfifo(directory.path + "/fifo", 0o600)
    let cases: [((inout Qcow2Image) -> Void, Fault.Kind, String)] = [
        (backing("/etc/shadow", "raw"), .configuration, "is absolute"),
        (backing("../x", "raw"), .configuration, "leaves the directory"),
        (backing("sub/../../x", "raw"), .configuration, "leaves the directory"),
        (backing("json:{\"driver\":\"file\"}", "raw"), .configuration, "names a protocol"),
        (backing("nbd:10.0.0.1:10809", "raw"), .configuration, "names a protocol"),
        (backing("file:base.qcow2"), .configuration, "names a protocol"),
        (backing("out/secret.qcow2"), .configuration, "leads out of the directory"),
        (backing("sub/out.qcow2"), .configuration, "leads out of the directory"),
        (backing("sub", "raw"), .configuration, "is not a regular file"),
        (backing("fifo", "raw"), .configuration, "is not a regular file"),
        (backing("gone.qcow2"), .unavailable, "does not exist"),
        (backing("base.qcow2", nil), .configuration, "does not say what format"),
        (backing("base.qcow2", "vmdk"), .configuration, "of format \"vmdk\""),
        (backing("nested.qcow2"), .configuration, "by way of"),
        (backing("sub/up.qcow2"), .unavailable, "\"base2\" (by way of"),
        (backing("loop"), .configuration, "go in a circle"),
        (data("/dev/sda"), .configuration, "is absolute"),
        (data("out/secret.qcow2"), .configuration, "leads out"),
        ({ $0.incompatible = 4 }, .configuration, "does not name it"),
    ]
    for (index, (change, kind, part)) in cases.enumerated() {
        let inspection = inspect(directory.image("image\(index)", change))
        #expect(inspection.faults.map(\.kind) == [kind], "\(part)")
        #expect(inspection.faults.first?.message.contains(part) == true, "\(inspection.faults)")
    }
}

@Test func theDiskIsCreatedOrGrownButNeverShrunk() throws {
    let directory = try Directory()
    let path = directory.image("disk")
    let present = inspect(path)
    let missing = inspect(directory.path + "/new", mayBeMissing: true)
    #expect(missing.isMissing && missing.faults.isEmpty)
    #expect(inspect(directory.path + "/no/new", mayBeMissing: true).faults.map(\.kind) == [.unavailable])

    func plan(_ create: Bool, _ size: Int?, _ path: String, _ inspection: DiskInspection) throws -> DiskPreparation {
        try DiskPreparation.plan(create: create, size: size.map { MiB($0) }, path: path, inspection: inspection)
    }
    let options = "compression_type=zstd,preallocation=metadata"
    let cases: [(Bool, Int?, String, DiskInspection, DiskPreparation)] = [
        (false, nil, path, present, .none),
        (true, nil, path, present, .none),
        (true, 1024, path, present, .none),
        (
            false, 2048, path, present,
            .grow(arguments: ["qemu-img", "resize", "-q", "-f", "qcow2", path, "2147483648"])
        ),
        (false, nil, "/n", missing, .none),
        (
            true, 1, "/n,a:b", missing,
            .create(
                arguments: ["qemu-img", "create", "-q", "-f", "qcow2", "-o", options, "/n,a:b.creating", "1048576"],
                temporary: "/n,a:b.creating", path: "/n,a:b")
        ),
        (
            true, 1, "-n:b", missing,
            .create(
                arguments: ["qemu-img", "create", "-q", "-f", "qcow2", "-o", options, "./-n:b.creating", "1048576"],
                temporary: "./-n:b.creating", path: "./-n:b")
        ),
    ]
    for (create, size, path, inspection, expected) in cases {
        #expect(try plan(create, size, path, inspection) == expected)
    }
    #expect(throws: Fault.self) { try plan(true, nil, "/n", missing) }
    let smaller = thrownFault { try plan(false, 512, path, present) }
    #expect(smaller?.message.contains("set it to 1024 or more") == true)
}
