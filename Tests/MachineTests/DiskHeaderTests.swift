import Linux
import TestSupport
import Testing

@testable import Machine

/// Hands out bytes and records a failure for a request the bounds forbid.
private func window(_ bytes: [UInt8]) -> ImageWindow {
    ImageWindow(size: Int64(bytes.count)) { (offset, count) throws(Errno) in
        guard offset >= 0, count > 0, count <= ImageWindow.limit, Int(offset) + count <= bytes.count else {
            Issue.record("read of \(count) bytes at \(offset) of \(bytes.count)")
            throw .invalidArgument
        }
        return Array(bytes[Int(offset)..<(Int(offset) + count)])
    }
}

private func header(_ change: (inout Qcow2Image) -> Void = { _ in }) throws -> Qcow2Header {
    guard case .qcow2(let header) = try DiskHeader.read(window(Qcow2Image.with(change).bytes)) else {
        throw Errno.invalidArgument
    }
    return header
}

@Test func aPlainImageIsRead() throws {
    for version in [UInt32(2), 3] {
        let header = try header { $0.version = version }
        #expect(header.virtualSize == 1 << 30)
        #expect(header.encryption == .none)
        #expect(header.backingFile == nil && header.dataFile == nil && !header.hasExternalData)
        #expect(!header.isDirty && !header.isCorrupt && header.unknownFeatures.isEmpty)
    }
}

@Test func featuresAreRead() throws {
    let full = try header {
        $0.incompatible = 0b1_1111 | 1 << 40 | 1 << 41
        $0.compression = 1
        $0.autoclear = 1
        $0.encryption = 2
        $0.backingFile = "base.qcow2"
        $0.extensions = [
            (0xE279_2ACA, Array("qcow2".utf8)), (0x4441_5441, Array("data.raw".utf8)),
            (0x2385_2875, [0, 0, 0, 3] + [UInt8](repeating: 0, count: 20)),
            (0x6803_F857, [0, 40] + Array("marvel".utf8) + [UInt8](repeating: 0, count: 40)),
            (0x1234_5678, [1, 2, 3]),
        ]
    }
    #expect(full.isDirty && full.isCorrupt && full.hasExternalData && full.bitmapsAreValid)
    #expect(full.encryption == .luks)
    #expect(full.backingFile == "base.qcow2" && full.backingFormat == "qcow2" && full.dataFile == "data.raw")
    #expect(full.bitmapCount == 3)
    #expect(full.unknownFeatures == ["marvel", "bit 41"])
    // Version 2 knows no feature bits, and no data file.
    let old = try header {
        $0.version = 2
        $0.extensions = [(0x4441_5441, Array("data.raw".utf8))]
    }
    #expect(old.dataFile == nil)
}

@Test func damageIsNamed() {
    typealias Problem = DiskHeader.Problem
    let cases: [(Problem, (inout Qcow2Image) -> Void)] = [
        (.truncated("the header"), { $0.fileSize = 60 }),
        (.truncated("the header"), { $0.fileSize = 100 }),
        (.truncated("the reference count table"), { $0.fileSize = 0x10000 }),
        (.truncated("the L1 table"), { $0.fileSize = 0x30000 }),
        (.truncated("an L2 table at 262144"), { $0.firstL2 = 0x8000_0000_0004_0000 }),
        (.corrupt("L2 table at 512"), { $0.firstL2 = 512 }),
        (
            .truncated("the snapshot table"),
            {
                $0.snapshots = 1
                $0.snapshotTable = 1 << 40
            }
        ),
        (.corrupt("qcow2 version 4"), { $0.version = 4 }),
        (.corrupt("clusters of 2^8 bytes"), { $0.clusterBits = 8 }),
        (.corrupt("clusters of 2^4294967295 bytes"), { $0.clusterBits = .max }),
        (.corrupt("size of 9223372036854775808 bytes"), { $0.size = 1 << 63 }),
        (.corrupt("encryption method 3"), { $0.encryption = 3 }),
        (.corrupt("compression type 1"), { $0.compression = 1 }),
        (.corrupt("compression type 0"), { $0.incompatible = 8 }),
        (.corrupt("header of 103 bytes"), { $0.headerLength = 103 }),
        (
            .corrupt("L1 table of 2 entries at 196608 for 1099511627776 bytes"), { $0.size = 1 << 40 }
        ),
        (.corrupt("header extension of 70000 bytes"), { $0.extensions = [(7, .init(repeating: 0, count: 70000))] }),
        (
            .corrupt("backing format"),
            { $0.extensions = [(0xE279_2ACA, Array("raw".utf8)), (0xE279_2ACA, Array("raw".utf8))] }
        ),
        (.corrupt("backing file name that is no UTF-8 text"), { $0.backingFile = "a\0b" }),
        (.corrupt("raw data file that the image does not have"), { $0.autoclear = 2 }),
        (
            .corrupt("encryption extension without encryption"),
            { $0.extensions = [(0x0537_BE77, .init(repeating: 0, count: 16))] }
        ),
        (
            .corrupt("subclusters in clusters of 2^12 bytes"),
            {
                $0.makeSmall()
                $0.incompatible = 16
            }
        ),
        (.corrupt("snapshot table at 8"), { $0.snapshotTable = 8 }),
        (.corrupt("entry 1 of the snapshot table"), { $0.addSnapshots([0, 1025]) }),
        (.corrupt("65537 snapshots"), { $0.snapshots = 65537 }),
        (.corrupt("bitmaps extension"), { $0.addBitmaps(count: 0) }),
        (.corrupt("bitmaps extension"), { $0.addBitmaps(count: 65536) }),
        (.corrupt("bitmaps extension"), { $0.addBitmaps(reserved: 1) }),
        (.corrupt("bitmaps extension"), { $0.addBitmaps(at: 0x40200) }),
        (.corrupt("bitmaps extension"), { $0.addBitmaps(size: 1 << 32) }),
        (.corrupt("directory of its bitmaps of 40 bytes"), { $0.addBitmaps(size: 40) }),
        (.corrupt("directory of its bitmaps at 196608, where something else lies"), { $0.addBitmaps(at: 0x30000) }),
        (.corrupt("entry 1 of the directory of its bitmaps"), { $0.addBitmaps(count: 2) }),
        (.corrupt("entry 0 of the directory of its bitmaps"), { $0.addBitmaps(granularity: 8) }),
        (.corrupt("entry 0 of the directory of its bitmaps"), { $0.addBitmaps(tableSize: 2) }),
        (.corrupt("entry 0 of the directory of its bitmaps"), { $0.addBitmaps(name: [0]) }),
        (.corrupt("entry 0 of the directory of its bitmaps"), { $0.addBitmaps(tableEntry: 3) }),
    ]
    for (problem, change) in cases {
        #expect(throws: problem) { try DiskHeader.read(window(Qcow2Image.with(change).bytes)) }
    }
}

/// The header has them, and they are as QEMU writes them; or its last writer did not know bitmaps, and they do not count.
@Test func tablesThatAreGoodPass() throws {
    #expect(try header { $0.addSnapshots([0, 16, 1024]) }.virtualSize == 1 << 30)
    #expect(try header { $0.addBitmaps() }.bitmapsAreValid)
    let old = try header {
        $0.addBitmaps(count: 0, reserved: 1)
        $0.autoclear = 0
    }
    #expect(!old.bitmapsAreValid)
    // An end is an end, and has no length.
    #expect(throws: DiskHeader.Problem.corrupt("header extension of 70000 bytes")) {
        var bytes = Qcow2Image().bytes
        bytes.replaceSubrange(112..<120, with: [0, 0, 0, 0, 0, 1, 0x11, 0x70])
        _ = try DiskHeader.read(window(bytes))
    }
}

@Test func otherFormatsAreNamed() throws {
    let cases: [([UInt8], DiskHeader)] = [
        ([], .none),
        ([0x51], .none),
        (.init(repeating: 0, count: 4096), .none),
        (Array("KDMV".utf8), .foreign("VMDK")),
        (Array("QED\0".utf8), .foreign("QED")),
        (.init(repeating: 0x20, count: 0x40) + [0x7F, 0x10, 0xDA, 0xBE], .foreign("VDI")),
        (Array("conectix".utf8), .foreign("VHD")),
        ([0x51, 0x46, 0x49, 0xFB, 0, 0, 0, 1], .foreign("qcow version 1")),
        ([0x1F, 0x8B, 8], .foreign("gzip-compressed")),
    ]
    for (bytes, expected) in cases { #expect(try DiskHeader.read(window(bytes)) == expected) }
}

@Test func noHeaderCrashesTheReader() {
    var random = SeededGenerator(seed: 3)
    let seeds = [
        Qcow2Image().bytes, Qcow2Image.with { $0.version = 2 }.bytes,
        Qcow2Image.with {
            $0.clusterBits = 9
            $0.backingFile = "base.qcow2"
            $0.extensions = [(0xE279_2ACA, Array("qcow2".utf8)), (0x6803_F857, .init(repeating: 1, count: 96))]
        }.bytes,
    ]
    var parsed = 0
    for round in 0..<100_000 {
        var head: [UInt8]
        let size: Int64
        if round % 4 == 0 {
            head = (0..<Int.random(in: 0...160, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            head.replaceSubrange(0..<min(4, head.count), with: Qcow2Header.magic.prefix(min(4, head.count)))
            if head.count > 7 { head.replaceSubrange(4..<8, with: [0, 0, 0, 3]) }
            size = round % 8 == 0 ? Int64(head.count) : Int64.random(in: Int64(head.count)...Int64.max, using: &random)
        } else {
            head = Array(seeds[round % seeds.count].prefix(512))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 4..<head.count - 8, using: &random) % 200
                let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
                let value = values.randomElement(using: &random) ?? 0
                // A whole field at its extremes, or one byte.
                let width = [1, 4, 8].randomElement(using: &random) ?? 1
                for byte in index..<(index + width) { head[byte] = value }
            }
            size = [Int64(head.count), 0x30010, .max, 1 << 40].randomElement(using: &random) ?? 0
        }
        let image = ImageWindow(size: size) { (offset, count) throws(Errno) in
            let (end, overflow) = offset.addingReportingOverflow(Int64(count))
            if offset < 0 || count <= 0 || count > ImageWindow.limit || overflow || end > size {
                Issue.record("round \(round): read of \(count) bytes at \(offset) of \(size)")
            }
            // Zeros past the head; short when asked for little, as of a file that shrinks.
            let there = head.dropFirst(Int(min(offset, Int64(head.count)))).prefix(count)
            return round % 2 == 0
                ? Array(there) : there + [UInt8](repeating: 0, count: min(count, 2048) - min(there.count, 2048))
        }
        do {
            _ = try DiskHeader.read(image)
            parsed += 1
        } catch {}
    }
    // Both outcomes are exercised.
    #expect(parsed > 1000 && parsed < 99_000)
}
