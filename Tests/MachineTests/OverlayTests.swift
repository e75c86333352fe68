import Basics
import Foundation
import Linux
import TestSupport
import Testing

@testable import Machine

/// `QEMU_BASE` and `QEMU_SNAPSHOT`: what lies over what.
@Suite struct OverlayTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func image(_ name: String, over base: String? = nil, _ format: String = "qcow2") -> String {
        let path = "\(folder.path)/\(name)"
        let image = Qcow2Image.with {
            $0.backingFile = base ?? ""
            if base != nil { $0.extensions = [(0xE279_2ACA, Array(format.utf8))] }
        }
        _ = FileManager.default.createFile(atPath: path, contents: Data(image.bytes))
        return path
    }

    private func plan(_ environment: [String: String]) -> Plan {
        let parsed = Configuration.parse(
            ["QEMU_ACCEL": "tcg", "DROVER_RUNTIME_DIR": "\(folder.path)/run"].merging(environment) { $1 })
        return Plan.make(parsed, extraArguments: [], facts: .gather(for: parsed.configuration))
    }

    @Test(arguments: [
        ("/d/base", "/d/disk", "base"), ("/d/base", "/e/disk", "/d/base"), ("/d/a:b", "/d/disk", "./a:b"),
        ("/d/a,b", "/d/disk", "a,b"), ("/base", "/disk", "base"), ("/d/e/base", "/d/disk", "/d/e/base"),
    ])
    func aNameIsRelativeWhenBothCanBeMoved(_ base: String, _ image: String, _ name: String) {
        #expect(BackingRule.name(of: base, inImageAt: image) == name)
    }

    @Test func anOverlayIsMadeOverTheBase() {
        let base = image("base", over: image("below").split(separator: "/").last.map(String.init))
        let drive = "\(folder.path)/disk"
        let new = plan(["QEMU_DRIVE": drive, "QEMU_BASE": base])
        #expect(new.faults == [])
        #expect(new.preparation == .create(path: drive, NewImage(.overlay(of: "base", .qcow2), size: 1 << 30)))
        #expect(new.needsQEMUImg)
        #expect(new.machine?.drives[0].image.files.map(\.path) == [drive, base, "\(folder.path)/below"])
        let larger = plan(["QEMU_DRIVE": drive, "QEMU_BASE": base, "DISK_SIZE": "2G"])
        #expect(larger.preparation == .create(path: drive, NewImage(.overlay(of: "base", .qcow2), size: 2 << 30)))
        let smaller = plan(["QEMU_DRIVE": drive, "QEMU_BASE": base, "DISK_SIZE": "1000"])
        let shrinking =
            "DISK_SIZE: 1000 MiB is less than the 1024 MiB that \"\(base)\" has, and shrinking destroys data; "
            + "unset DISK_SIZE, or set it to 1024 or more"
        #expect(smaller.faults.map(\.description) == [shrinking])
    }

    /// Wherever the base lies, and whichever name leads to it; but no other file of that place.
    @Test func anOverlayThatIsThereMustBeOverThatBase() throws {
        let elsewhere = try TemporaryFolder()
        let (base, other) = (image("base"), image("other"))
        try FileManager.default.moveItem(atPath: base, toPath: "\(elsewhere.path)/base")
        try FileManager.default.createSymbolicLink(atPath: base, withDestinationPath: "\(elsewhere.path)/base")
        let end = "unset QEMU_BASE, or name a file in QEMU_DRIVE that is not there yet, to be made over it"
        let good = image("good", over: "\(elsewhere.path)/base")
        let cases: [(drive: String, base: String, fault: String?)] = [
            (good, base, nil), (image("relative", over: "base"), "\(elsewhere.path)/base", nil),
            (image("other-base", over: "other"), base, "is \"\(other)\"; \(end)"),
            (image("whole"), base, "has no backing file; \(end)"),
            (other, other, "is QEMU_DRIVE itself; name a file"),
            (
                image("as-raw", over: "base", "raw"), base,
                "is qcow2, and \"\(folder.path)/as-raw\" is over it as raw; set QEMU_BASE=\(base):raw"
            ),
            (image("as-raw", over: "base", "raw"), "\(base):raw", nil),
            (good, "\(elsewhere.path)/gone", "does not exist; mount it there"),
        ]
        for (drive, base, fault) in cases {
            let plan = plan(["QEMU_DRIVE": drive, "QEMU_BASE": base])
            let faults = plan.faults.filter { $0.source == "QEMU_BASE" }.map(\.message)
            #expect(faults.count == (fault == nil ? 0 : 1), "\(drive): \(plan.faults)")
            if let fault {
                #expect(faults.first?.contains(fault) == true, "\(faults)")
            } else {
                #expect(plan.faults == [] && plan.preparation == .none)
            }
        }
        // Only the base itself.
        let stranger = image("stranger", over: "\(elsewhere.path)/base")
        #expect(plan(["QEMU_DRIVE": stranger]).faults.count == 1)
    }

    @Test func aDiskOfWhichNothingIsKnownIsNotJudged() {
        let drive = "\(folder.path)/disk"
        #expect(plan(["QEMU_DRIVE": drive, "QEMU_BASE": "relative"]).faults.map(\.source) == ["QEMU_BASE"])
        #expect(plan(["QEMU_DRIVE": drive]).faults.map(\.source) == ["QEMU_DRIVE"])
        // A run whose writes are thrown away makes no disk to keep.
        let base = image("base")
        let both = plan(["QEMU_DRIVE": drive, "QEMU_BASE": base, "QEMU_SNAPSHOT": "1"])
        #expect(both.faults.map(\.message) == ["\"\(drive)\" does not exist; mount it there"])
    }

    @Test func nothingButTheOverlayIsWritten() {
        let drive = image("disk", over: image("base").split(separator: "/").last.map(String.init))
        let other = image("other")
        let plan = plan([
            "QEMU_DRIVE": drive, "QEMU_SNAPSHOT": "1", "QEMU_STORAGE": "virtio", "QEMU_DISKS": "\(other)::ro,\(other)",
        ])
        #expect(plan.faults == [] && plan.needsQEMUImg)
        let images = plan.machine?.drives.map(\.image) ?? []
        #expect(images.map(\.overlayDirectory) == [folder.path, nil, folder.path])
        #expect(images.map(\.backing.count) == [2, 0, 1])
        #expect(images[0].top.virtualSize == 1 << 30)
        let thrownAway = plan.warnings.filter { $0.hasPrefix("QEMU_SNAPSHOT: what the guest writes to \"") }
        #expect(thrownAway.count == 2, "\(plan.warnings)")
    }

    @Test func theOverlayLiesBesideTheImageUnlessThereIsNoRoom() {
        func place(_ path: String, _ free: Int64) -> OverlayPlace {
            OverlayPlace(path: path, free: free, isMemory: false)
        }
        let mebibyte: Int64 = 1 << 20
        let cases: [(beside: Int64?, runtime: Int64, size: Int64, chosen: String)] = [
            (2000, 100, 64_000, "/disks"), (2000, 9000, 64_000, "/disks"), (1000, 9000, 64_000, "/run"),
            (1000, 900, 64_000, "/disks"), (100, 9000, 100, "/disks"), (99, 9000, 100, "/run"), (nil, 0, 100, "/run"),
        ]
        for (beside, runtime, size, chosen) in cases {
            let found = OverlayPlace.choose(
                beside: beside.map { place("/disks", $0 * mebibyte) }, runtime: place("/run", runtime * mebibyte),
                size: size * mebibyte)
            #expect(found.path == chosen, "\(beside ?? -1) \(runtime) \(size)")
        }
    }

    @Test func whatMayGoWrongIsSaid() {
        let disk = DiskFile(toBeMadeAt: "/d/disk")
        let image = DiskImage(variable: "QEMU_DRIVE", top: DiskLayer(disk, format: .raw, virtualSize: 1 << 30))
        func warnings(_ free: Int64, isMemory: Bool) -> [String] {
            DiskInspection(image: image).thrownAway(
                in: OverlayPlace(path: "/run/drover", free: free, isMemory: isMemory)
            ).warnings
        }
        #expect(warnings(1 << 30, isMemory: false).count == 1)
        let both = warnings(1 << 20, isMemory: true)
        #expect(both.count == 3 && both[1].hasPrefix("QEMU_SNAPSHOT: \"/run/drover\" is memory"), "\(both)")
        #expect(both.last?.contains("may write 1024 MiB to \"/d/disk\", and \"/run/drover\" has 1 MiB free") == true)
    }
}
