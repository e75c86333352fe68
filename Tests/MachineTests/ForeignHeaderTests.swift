import Linux
import TestSupport
import Testing

@testable import Machine

/// Hands out bytes and records a failure for a request the bounds forbid.
private func window(_ bytes: [UInt8], size: Int64? = nil) -> ImageWindow {
    let size = size ?? Int64(bytes.count)
    return ImageWindow(size: size) { (offset, count) throws(Errno) in
        if offset < 0 || count <= 0 || count > ImageWindow.limit || offset > size - Int64(count) {
            Issue.record("read of \(count) bytes at \(offset) of \(size)")
        }
        let there = bytes.dropFirst(Int(min(offset, Int64(bytes.count)))).prefix(count)
        return there + [UInt8](repeating: 0, count: count - there.count)
    }
}

private func read(_ format: ImageFormat, _ bytes: [UInt8]) throws -> ForeignHeader {
    try ForeignHeader(format, window(bytes))
}

private func vhdx(_ change: (inout ForeignImages.VHDX) -> Void = { _ in }) -> [UInt8] {
    var image = ForeignImages.VHDX()
    change(&image)
    return image.bytes
}

private func vmdk(_ change: (inout ForeignImages.VMDK) -> Void = { _ in }) -> [UInt8] {
    var image = ForeignImages.VMDK()
    change(&image)
    return image.bytes
}

private func descriptor(_ extents: String, _ rest: String = "parentCID=ffffffff") -> [UInt8] {
    Array("# Disk DescriptorFile\r\nversion=1\r\nCID=12345678\r\n\(rest)\r\n\r\n\(extents)\r\n".utf8)
}

@Suite struct ForeignHeaderTests {
    @Test func goodImagesAreRead() throws {
        let cases: [(ImageFormat, [UInt8], Int64)] = [
            (.vdi, ForeignImages.vdi(), 3 << 20), (.vpc, ForeignImages.fixedVHD(), 1 << 20),
            (.vpc, ForeignImages.dynamicVHD(), 1 << 20), (.vhdx, vhdx(), 1 << 30), (.vmdk, vmdk(), 16 << 20),
            // The descriptor of an extent is room that nobody has used.
            (.vmdk, vmdk { $0.descriptor = "" }, 16 << 20),
        ]
        for (format, bytes, size) in cases {
            #expect(try read(format, bytes) == ForeignHeader(virtualSize: size), "\(format)")
            #expect(try DiskHeader.read(window(bytes)) == .foreign(format.noun))
        }
        // A fixed VHD is known by nothing but its footer, and by that only if it is one.
        var broken = ForeignImages.fixedVHD()
        broken[broken.count - 400] = 1
        #expect(try DiskHeader.read(window(broken)) == .none)
    }

    @Test func extentsAreRead() throws {
        let text = """
            RW 4192256 SPARSE "my disk-s001.vmdk"
            RDONLY 63 FLAT "disk-f002.vmdk" 128
            # RW 1 SPARSE "comment"
            RW 10 VMFS "disk-flat.vmdk"
            """
        #expect(
            try read(.vmdk, descriptor(text)).extents == [
                VMDKExtent(name: "my disk-s001.vmdk", kind: .sparse, sectors: 4_192_256),
                VMDKExtent(name: "disk-f002.vmdk", kind: .flat(offset: 128), sectors: 63),
                VMDKExtent(name: "disk-flat.vmdk", kind: .flat(offset: 0), sectors: 10),
            ])
        #expect(try read(.vmdk, descriptor(text)).virtualSize == 4_192_329 * 512)
    }

    @Test func damageIsNamed() {
        typealias Problem = DiskHeader.Problem
        let cases: [(Problem, ImageFormat, [UInt8])] = [
            (.truncated("the header"), .vdi, Array(ForeignImages.vdi().prefix(300))),
            (.truncated("the last of 1 blocks"), .vdi, Array(ForeignImages.vdi().dropLast())),
            (
                .corrupt("size of 9223372036854775808 bytes"), .vdi,
                ForeignImages.vdi { $0.put(1 << 63 as UInt64, at: 0x170) }
            ),
            (.corrupt("size of 0 bytes"), .vdi, ForeignImages.vdi { $0.put(0 as UInt64, at: 0x170) }),
            (.corrupt("blocks of 512 bytes"), .vdi, ForeignImages.vdi { $0.put(512 as UInt32, at: 0x178) }),
            (
                .corrupt("2 blocks, 1 of them in use, for 3145728 bytes"), .vdi,
                ForeignImages.vdi { $0.put(2 as UInt32, at: 0x180) }
            ),
            (.corrupt("map of blocks at 2048"), .vdi, ForeignImages.vdi { $0.put(2048 as UInt32, at: 0x154) }),
            (.truncated("the footer"), .vpc, Array(ForeignImages.fixedVHD().dropLast())),
            (.truncated("the footer"), .vpc, Array(ForeignImages.dynamicVHD().dropLast(512))),
            (.corrupt("size of 2097152 bytes in a file of 1049088"), .vpc, ForeignImages.fixedVHD(size: 2 << 20)),
            (.corrupt("kind 3"), .vpc, ForeignImages.fixedVHD(kind: 3)),
            (.corrupt("size of 9223372036854775808 bytes"), .vpc, ForeignImages.dynamicVHD(size: 1 << 63)),
            (
                .corrupt("1 blocks of 65536 bytes for 1048576"), .vpc,
                ForeignImages.dynamicVHD { $0.put((65536 as UInt32).bigEndian, at: 32) }
            ),
            (
                .corrupt("blocks of 3 bytes"), .vpc,
                ForeignImages.dynamicVHD { $0.put((3 as UInt32).bigEndian, at: 32) }
            ),
            (
                .truncated("the table of blocks"), .vpc,
                ForeignImages.dynamicVHD { $0.put((1 << 40 as UInt64).bigEndian, at: 16) }
            ),
            (.truncated("the table of its regions"), .vhdx, vhdx { $0.fileSize = 100_000 }),
            (.truncated("its metadata"), .vhdx, vhdx { $0.fileSize = 1 << 20 + 65536 }),
            (.corrupt("table of its regions, without that of metadata"), .vhdx, vhdx { $0.hasMetadata = false }),
            (.corrupt("size of 9223372036854775808 bytes"), .vhdx, vhdx { $0.size = 1 << 63 }),
            (.corrupt("size of 513 bytes"), .vhdx, vhdx { $0.size = 513 }),
            (.corrupt("blocks of 512 bytes"), .vhdx, vhdx { $0.blockSize = 512 }),
            (.truncated("the last grain"), .vmdk, vmdk { $0.fileSize -= 1 }),
            (.truncated("the last grain"), .vmdk, vmdk { $0.lastGrain = .max }),
            (.truncated("the grain directory"), .vmdk, vmdk { $0.fileSize = 21 * 512 }),
            (.truncated("a grain table"), .vmdk, vmdk { $0.fileSize = 23 * 512 }),
            (.truncated("the footer"), .vmdk, vmdk { $0.directory = .max }),
            (
                .truncated("the last grain"), .vmdk,
                vmdk {
                    ($0.flags, $0.grainHead) = (0x30001, [UInt8](repeating: 0, count: 8) + [0, 0, 1, 0])
                }
            ),
            (.corrupt("size of 0 sectors"), .vmdk, vmdk { $0.capacity = 0 }),
            (.corrupt("size of 18014398509481984 sectors"), .vmdk, vmdk { $0.capacity = 1 << 54 }),
            (.corrupt("grains of 0 sectors, 512 in a table"), .vmdk, vmdk { $0.grain = 0 }),
            (.corrupt("grains of 128 sectors, 513 in a table"), .vmdk, vmdk { $0.entries = 513 }),
            (
                .corrupt("ends of lines, which a transfer as text has changed"), .vmdk,
                vmdk { $0.check = [0x0A, 0x20, 0x0A, 0x0A] }
            ),
            (.corrupt("descriptor without extents"), .vmdk, descriptor("")),
            (.corrupt("descriptor that is no UTF-8 text"), .vmdk, Array("# Disk DescriptorFile\n".utf8) + [0xFF]),
            (.corrupt("extent without a size"), .vmdk, descriptor(#"RW -1 FLAT "a" 0"#)),
            (.corrupt(#"offset of the extent "a""#), .vmdk, descriptor(#"RW 1 FLAT "a" 18014398509481983"#)),
            (
                .corrupt("size of more than 8 EiB"), .vmdk,
                descriptor(Array(repeating: #"RW 9007199254740992 FLAT "a" 0"#, count: 3).joined(separator: "\n"))
            ),
        ]
        for (problem, format, bytes) in cases {
            #expect(throws: problem, "\(problem)") { try read(format, bytes) }
        }
    }

    @Test func whatIsNotReadIsRefusedWithTheReason() {
        let many = Array(repeating: #"RW 1 FLAT "a" 0"#, count: 401).joined(separator: "\n")
        let cases: [(String, ImageFormat, [UInt8])] = [
            ("is a differencing image", .vdi, ForeignImages.vdi { $0.put(4 as UInt32, at: 0x4C) }),
            ("is a differencing image", .vdi, ForeignImages.vdi { $0[0x1B8] = 1 }),
            ("is a VDI of kind 3", .vdi, ForeignImages.vdi { $0.put(3 as UInt32, at: 0x4C) }),
            ("is VDI of version 1.2", .vdi, ForeignImages.vdi { $0.put(0x0001_0002 as UInt32, at: 0x44) }),
            ("is a differencing image", .vpc, ForeignImages.dynamicVHD(kind: 4)),
            ("is a differencing image", .vhdx, vhdx { $0.flags = 2 }),
            ("is a differencing image", .vhdx, vhdx { $0.hasParentLocator = true }),
            ("has sectors of 4096 bytes", .vhdx, vhdx { $0.sector = 4096 }),
            ("is VMDK of version 4", .vmdk, vmdk { $0.version = 4 }),
            ("is a snapshot's image", .vmdk, vmdk { $0.descriptor = "parentCID=12345678\nRW 32768 SPARSE \"a\"\n" }),
            ("is a snapshot's image", .vmdk, descriptor(#"RW 1 FLAT "a" 0"#, "parentFileNameHint = \"/etc/shadow\"")),
            (
                "has a descriptor of 2 extents in it", .vmdk,
                vmdk { $0.descriptor = "RW 32768 SPARSE \"a\"\nRW 1 FLAT \"/etc/shadow\" 0\n" }
            ),
            (#"has an extent of kind "ZERO""#, .vmdk, descriptor("RW 128 ZERO")),
            (#"has an extent of kind "VMFSRDM""#, .vmdk, descriptor(#"RW 128 VMFSRDM "a""#)),
            ("has 401 extents, more than 400", .vmdk, descriptor(many)),
            (
                "is a VMDK descriptor of 70000 bytes", .vmdk,
                Array("# Disk DescriptorFile\n".utf8) + [UInt8](repeating: 10, count: 69978)
            ),
        ]
        for (reason, format, bytes) in cases {
            do {
                _ = try read(format, bytes)
                Issue.record("\(reason): read")
            } catch DiskHeader.Problem.refused(let text) {
                #expect(text.hasPrefix(reason), "\(text)")
            } catch {
                Issue.record("\(reason): \(error)")
            }
        }
    }

    @Test func noHeaderCrashesTheReaders() {
        var random = SeededGenerator(seed: 5)
        let seeds: [(ImageFormat, [UInt8])] = [
            (.vdi, ForeignImages.vdi()), (.vpc, ForeignImages.fixedVHD()), (.vpc, ForeignImages.dynamicVHD()),
            (.vhdx, vhdx()), (.vmdk, vmdk()), (.vmdk, vmdk { $0.directory = .max }),
            (.vmdk, descriptor("RW 4192256 SPARSE \"a b\"\nRW 63 FLAT \"c\" 128")),
        ]
        // What a reader looks at, where a changed byte tells.
        let places = [
            0..<160, 0x150..<0x1D0, 512..<700, 1536..<1600, 192 << 10..<192 << 10 + 64, 1 << 20..<1 << 20 + 130,
        ]
        var (good, bad) = (0, 0)
        for round in 0..<7_000 {
            var (format, bytes) = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                guard let place = places.filter({ $0.upperBound + 8 < bytes.count }).randomElement(using: &random)
                else {
                    bytes[Int.random(in: 22..<bytes.count, using: &random)] = UInt8.random(in: 9...127, using: &random)
                    continue
                }
                let value: UInt8 =
                    [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
                let width = [1, 4, 8].randomElement(using: &random) ?? 1
                let start = Int.random(in: place, using: &random)
                for index in start..<(start + width) { bytes[index] = value }
            }
            let size = round % 5 == 0 ? Int64.random(in: 0...Int64.max, using: &random) : Int64(bytes.count)
            do {
                _ = try ForeignHeader(format, window(bytes, size: max(size, 1)))
                good += 1
            } catch {
                bad += 1
            }
        }
        #expect(good > 500 && bad > 500, "\(good) \(bad)")
    }

    /// QEMU's own reader takes an empty line before an extent for one more of it.
    @Test func theDescriptorForQEMUNamesWhatWasFound() {
        let file = DiskFile(toBeMadeAt: "/images/a.vmdk")
        let image = ForeignImage(
            variable: "--from", format: .vmdk, virtualSize: 512, file: file,
            extents: [
                ForeignImage.Extent(file: file, kind: .sparse, sectors: 128),
                ForeignImage.Extent(file: file, kind: .flat(offset: 63), sectors: 2),
            ])
        #expect(image.descriptor.hasSuffix("RW 128 SPARSE \"/proc/self/fd/4\"\nRW 2 FLAT \"/proc/self/fd/5\" 63\n"))
        #expect(!image.descriptor.contains("\n\n"))
        #expect(image.imageName.contains(#""backing":null,"driver":"vmdk""#), "\(image.imageName)")
    }
}
