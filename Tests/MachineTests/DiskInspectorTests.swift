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
    mayBeMissing: Bool = false, allowing allowed: [String] = []
) -> DiskInspection {
    DiskInspector(allowBacking: allowed).inspect(
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
    #expect(plain.image?.top.virtualSize == 1 << 30 && plain.image?.top.format == .qcow2)
    let raw = inspect(directory.file("raw", .init(repeating: 0, count: 4096)), .raw)
    #expect(raw.faults.isEmpty && raw.image?.top.virtualSize == 4096 && raw.image?.top.format == .raw)
    // A guest may write anything at the start of its raw disk.
    let disguised = inspect(directory.image("disguised"), .raw)
    #expect(disguised.faults.isEmpty && disguised.warnings.count == 1 && disguised.image?.top.format == .raw)
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

/// Name, format and data file of each image of a chain, with the folder taken away from the paths.
private func chain(_ inspection: DiskInspection, in directory: Directory) -> [String] {
    guard let image = inspection.image else { return [] }
    return ([image.top] + image.backing).map { layer in
        let files = [layer.file, layer.dataFile].compactMap { $0?.path.replacing("\(directory.path)/", with: "") }
        return "\(layer.format.rawValue) \(files.joined(separator: " + "))"
    }
}

@Test func filesBesideTheImagePassAndAreNamed() throws {
    let directory = try Directory()
    _ = directory.image("base.qcow2")
    _ = directory.image("sub/middle.qcow2", backing("deep.raw", "raw"))
    directory.file("sub/deep.raw", [0])
    directory.link("inside", to: "sub/middle.qcow2")
    directory.link("sub/deep.raw.link", to: "deep.raw")
    _ = directory.image("from-link", backing("inside"))
    directory.file("deep.raw", [0])
    let cases: [(String, (inout Qcow2Image) -> Void, [String])] = [
        ("one", backing("base.qcow2"), ["qcow2 one", "qcow2 base.qcow2"]),
        ("two", backing("sub/middle.qcow2"), ["qcow2 two", "qcow2 sub/middle.qcow2", "raw sub/deep.raw"]),
        ("dot", backing("./base.qcow2"), ["qcow2 dot", "qcow2 base.qcow2"]),
        ("raw", backing("base.qcow2", "raw"), ["qcow2 raw", "raw base.qcow2"]),
        ("data", data("sub/deep.raw"), ["qcow2 data + sub/deep.raw"]),
        ("data-link", data("sub/deep.raw.link"), ["qcow2 data-link + sub/deep.raw"]),
        // As QEMU does: beside the link, not beside what it leads to.
        ("link", backing("from-link"), ["qcow2 link", "qcow2 from-link", "qcow2 sub/middle.qcow2", "raw deep.raw"]),
    ]
    for (name, change, expected) in cases {
        let inspection = inspect(directory.image(name, change))
        #expect(inspection.faults.isEmpty, "\(name): \(inspection.faults)")
        #expect(chain(inspection, in: directory) == expected)
    }
}

@Test func whatTheOwnerListsIsAllowed() throws {
    let directory = try Directory()
    let outside = try Directory()
    let secret = outside.image("secret.qcow2")
    directory.link("out", to: outside.path)
    outside.link("alias", to: "secret.qcow2")
    let names = [secret, "out/secret.qcow2", "../\(outside.path.split(separator: "/").last ?? "")/secret.qcow2"]
    for name in names {
        let image = directory.image("image", backing(name))
        #expect(inspect(image).faults.count == 1)
        #expect(inspect(image, allowing: [outside.path]).faults.count == 1)
        for allowed in [secret, "\(outside.path)/alias", "\(outside.path)/./sub/../secret.qcow2"] {
            let inspection = inspect(image, allowing: ["/nowhere", allowed])
            #expect(inspection.faults.isEmpty, "\(name): \(inspection.faults)")
            #expect(inspection.image?.backing.map(\.file.path) == [secret])
        }
    }
    let data = directory.image("data", data(secret))
    #expect(inspect(data, allowing: [secret]).image?.top.dataFile?.path == secret)
    // Never by a protocol.
    #expect(inspect(directory.image("p", backing("file:\(secret)")), allowing: [secret]).faults.count == 1)
}

@Test func whereNotAllIsTheImagesNothingIsAllowedByItsPlace() throws {
    let found = try FoundFile("/etc/passwd")
    for image in ["/ov.qcow2", "//ov.qcow2", "/./ov.qcow2", "/proc/../ov.qcow2", "/dev/ov", "/run/ov"] {
        let rule = BackingRule(imageAt: image, allowed: [])
        #expect(rule.objection(to: found, by: "etc/passwd")?.contains("in a directory of its own") == true, "\(image)")
        #expect(BackingRule(imageAt: image, allowed: [found.status.identity]).objection(to: found, by: "x") == nil)
    }
}

/// Whatever the names are: by the file they lead to.
@Test func aFileThatIsWrittenIsInUseOnce() throws {
    let directory = try Directory()
    let one = directory.image("one")
    let base = directory.image("base")
    let over = directory.image("over", backing("base"))
    let other = directory.image("other", backing("base"))
    let data = directory.image("data", data("content"))
    directory.file("content", [0])
    directory.link("alias", to: "one")
    try FileManager.default.linkItem(atPath: one, toPath: directory.path + "/twin")
    let cases: [(drive: String, disks: String, cdrom: String?, fault: String?)] = [
        (one, one, nil, "QEMU_DISKS: \"\(one)\" is in QEMU_DRIVE already; name each image once"),
        (one, directory.path + "/./one", nil, "/./one\" is in QEMU_DRIVE already, as \"\(one)\"; name each image once"),
        (one, directory.path + "/alias", nil, "/alias\" is in QEMU_DRIVE already, as \"\(one)\"; name each image once"),
        (one, directory.path + "/twin", nil, "/twin\" is in QEMU_DRIVE already, as \"\(one)\"; name each image once"),
        (one, over, directory.path + "/alias", "QEMU_CDROM: "),
        (
            over, base, nil,
            "\"\(base)\" is in QEMU_DRIVE already, as a backing file, and is written; give each disk files"
        ),
        (base, over, nil, "the backing file \"\(base)\" is in QEMU_DRIVE already, and is written; give each disk"),
        (data, directory.path + "/content:raw", nil, "is in QEMU_DRIVE already, as a data file, and is written"),
        (over, other, nil, nil),
        (over, base + "::ro", nil, nil),
        (one, "\(base)::ro,\(base)::ro", nil, nil),
        (over, one, base, nil),
    ]
    for (drive, disks, cdrom, expected) in cases {
        var environment = ["QEMU_DRIVE": drive, "QEMU_DISKS": disks, "QEMU_STORAGE": "virtio", "QEMU_ACCEL": "tcg"]
        environment["QEMU_CDROM"] = cdrom
        let parsed = Configuration.parse(environment)
        let facts = HostFacts.gather(for: parsed.configuration)
        let faults = Plan.make(parsed, extraArguments: [], facts: facts).faults.map(\.description)
        #expect(faults.count == (expected == nil ? 0 : 1), "\(faults)")
        if let expected { #expect(faults.first?.contains(expected) == true, "\(faults)") }
    }
}

/// A name leads to another file by the time QEMU is to be started.
@Test func anotherFileInThePlaceOfTheCheckedOneIsNoticed() throws {
    let directory = try Directory()
    let base = directory.image("base")
    directory.link("link", to: "base")
    let image = try #require(inspect(directory.image("image", backing("link"))).image)
    #expect(try image.find().count == 2)
    // The link leads elsewhere: the file is the same.
    try FileManager.default.removeItem(atPath: directory.path + "/link")
    directory.link("link", to: "/etc/passwd")
    let found = try image.find()
    #expect(try FoundFile(behind: found[1]).path == base)
    // The file itself is another.
    try FileManager.default.removeItem(atPath: base)
    let gone = thrownFault { try image.find() }
    #expect(gone?.kind == .unavailable && gone?.source == "QEMU_DRIVE")
    _ = directory.image("base")
    let replaced = thrownFault { try image.find() }
    #expect(replaced?.kind == .temporary && replaced?.message.contains("is not the file that was checked") == true)
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
        (backing("../x", "raw"), .configuration, "leaves the directory, and nothing is there"),
        (backing("sub/../sub/up.qcow2"), .configuration, "leaves the directory; name it relatively: qemu-img rebase"),
        (backing("json:{\"driver\":\"file\"}", "raw"), .configuration, "names a protocol"),
        (backing("nbd:10.0.0.1:10809", "raw"), .configuration, "names a protocol"),
        (backing("file:base.qcow2"), .configuration, "names a protocol"),
        (backing("out/secret.qcow2"), .configuration, "leads out of the directory"),
        (backing("sub/out.qcow2"), .configuration, "leads out of the directory"),
        (backing("sub", "raw"), .configuration, "is a directory, not a regular file"),
        (backing("fifo", "raw"), .configuration, "is a FIFO, not a regular file"),
        (
            backing("gone.qcow2"), .unavailable,
            "does not exist; if it lies elsewhere, list that in ALLOW_BACKING and name it, for BASE_FILE: qemu-img rebase -u "
                + "-b BASE_FILE -F qcow2 \(directory.path)/image10, or put it beside the image"
        ),
        (backing("base.qcow2", nil), .configuration, "does not say what format"),
        (backing("base.qcow2", "vmdk"), .configuration, "of format \"vmdk\""),
        (backing("nested.qcow2"), .configuration, "by way of"),
        (backing("sub/up.qcow2"), .unavailable, "\"base2\" (by way of"),
        (backing("loop"), .configuration, "go in a circle"),
        (data("/etc/passwd"), .configuration, "is absolute"),
        (data("out/secret.qcow2"), .configuration, "leads out"),
        ({ $0.incompatible = 4 }, .configuration, "does not name it"),
        (
            backing(directory.path + "/sub/up.qcow2"), .configuration,
            "is absolute; name it relatively: qemu-img rebase -u -b sub/up.qcow2 -F qcow2 \(directory.path)/image"
        ),
        (
            backing(outside.path + "/secret.qcow2"), .configuration,
            "is absolute; if you trust it: set ALLOW_BACKING=\(outside.path)/secret.qcow2, or make it one file: qemu-img"
        ),
        (
            data(directory.path + "/base.qcow2"), .configuration,
            "is absolute; name it relatively: qemu-img amend -o 'data_file=base.qcow2' \(directory.path)/image"
        ),
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
    let cases: [(Bool, Int?, String, DiskInspection, DiskPreparation)] = [
        (false, nil, path, present, .none),
        (true, nil, path, present, .none),
        (true, 1024, path, present, .none),
        (false, 2048, path, present, .grow(to: MiB(2048))),
        (false, nil, "/n", missing, .none),
        (true, 1, "/n,a:b", missing, .create(path: "/n,a:b", NewImage(.disk, size: 1 << 20))),
    ]
    for (create, size, path, inspection, expected) in cases {
        #expect(try plan(create, size, path, inspection) == expected)
    }
    #expect(throws: Fault.self) { try plan(true, nil, "/n", missing) }
    let smaller = thrownFault { try plan(false, 512, path, present) }
    #expect(smaller?.message.contains("set it to 1024 or more") == true)
}

/// What images may still grow against what their volume has.
@Test func aVolumeThatIsTooSmallIsToldBefore() {
    let gigabyte: Int64 = 1 << 30
    func disk(_ variable: String, _ path: String, _ size: Int64, allocated: Int64, free: Int64, _ volume: UInt64 = 1)
        -> DiskSpace.Disk
    {
        let space = DiskSpace(volume: volume, free: free, allocated: allocated)
        return DiskSpace.Disk(variable: variable, path: path, size: size, space: space)
    }
    let small = disk("QEMU_DRIVE", "/a", 64 << 20, allocated: 0, free: 639 << 20)
    let full = disk("QEMU_DRIVE", "/a", 20 * gigabyte, allocated: 20 * gigabyte, free: 0)
    #expect(DiskSpace.warnings([small]) == [] && DiskSpace.warnings([full]) == [])
    let large = disk("QEMU_DRIVE", "/a", 1024 * gigabyte, allocated: 24 * gigabyte, free: 79 * gigabyte)
    #expect(
        DiskSpace.warnings([large]) == [
            "QEMU_DRIVE: \"/a\" may still grow by 1024000 MiB, and the volume has 80896 MiB free; "
                + "writes fail when it is full: make room, or use a larger volume"
        ])
    // Each alone has room, both together have not; another volume has its own.
    let two = [
        disk("QEMU_DRIVE", "/a", 6 * gigabyte, allocated: 0, free: 10 * gigabyte),
        disk("QEMU_DISKS", "/b", 6 * gigabyte, allocated: gigabyte, free: 10 * gigabyte),
        disk("QEMU_DISKS", "/c", 6 * gigabyte, allocated: 0, free: 10 * gigabyte, 2),
    ]
    let together = "QEMU_DRIVE, QEMU_DISKS: \"/a\", \"/b\" may still grow by 11264 MiB, "
    #expect(DiskSpace.warnings(two).map { $0.hasPrefix(together) } == [true])
    #expect(DiskSpace.warnings(Array(two.dropFirst())) == [])
}
