import Foundation
import Machine
import TestSupport
import Testing

/// What QEMU does not open, `check` refuses.
@Suite(.enabled(if: QEMUImg.path != nil, "qemu-img is not installed"))
struct HeaderAgreementTests {
    /// Images with bitmaps and snapshots of QEMU's own, in whose headers and tables something is changed.
    @Test func whatQEMURefusesIsRefused() throws {
        let qemuImg = try QEMUImg()
        for step in [
            ["create", "-q", "-f", "qcow2", "-o", "cluster_size=4096", "one", "4M"],
            ["bitmap", "--add", "one", "first"],
            ["bitmap", "--add", "-g", "512", "one", "second"], ["snapshot", "-c", "first", "one"],
            ["snapshot", "-c", "second", "one"],
            ["create", "-q", "-f", "qcow2", "-o", "cluster_size=16k,extended_l2=on", "two", "4M"],
            ["snapshot", "-c", "first", "two"],
        ] { try qemuImg.run(step) }
        let images = try ["one", "two"].map { try Array(Data(contentsOf: URL(fileURLWithPath: qemuImg.path($0)))) }
        let path = qemuImg.path("changed")
        func verdicts(_ bytes: [UInt8]) throws -> (drover: Bool, qemu: Bool) {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let drover = DiskInspector().inspect(DiskRequest(path: path, variable: "QEMU_DRIVE")).faults.isEmpty
            return (drover, try shell("qemu-io -f qcow2 -c quit '\(path)' >/dev/null 2>&1; echo $?") == "0\n")
        }
        for image in images { #expect(try verdicts(image) == (true, true)) }

        var chance = SeededGenerator(seed: 17)
        var counts = (agreed: 0, refused: 0)
        for round in 0..<400 {
            var image = images[round % 2]
            let areas = Self.areas(image)
            for _ in 0..<Int.random(in: 1...3, using: &chance) {
                let area = areas.randomElement(using: &chance) ?? 0..<112
                let width = [1, 1, 2, 4, 8].randomElement(using: &chance) ?? 1
                let start = Int.random(in: area, using: &chance) / width * width
                let value = [0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &chance) ?? UInt8(0)
                let field = [UInt8](repeating: Bool.random(using: &chance) ? value : 0, count: width - 1) + [value]
                image.replaceSubrange(start..<(start + width), with: field)
            }
            guard image.starts(with: [0x51, 0x46, 0x49, 0xFB]) else { continue }
            let (drover, qemu) = try verdicts(image)
            #expect(qemu || !drover, "round \(round)")
            if !qemu { counts.refused += 1 }
            if drover == qemu { counts.agreed += 1 }
        }
        #expect(counts.refused > 100 && counts.agreed > 300, "\(counts)")
    }

    /// The header with its extensions, and the tables of snapshots and bitmaps.
    private static func areas(_ image: [UInt8]) -> [Range<Int>] {
        func number(_ offset: Int, _ count: Int) -> Int {
            image[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
        }
        var areas = [0..<112, 112..<600, number(64, 8)..<(number(64, 8) + 160)]
        var offset = 112
        while number(offset, 4) != 0 {
            if number(offset, 4) == 0x2385_2875 {
                let directory = number(offset + 24, 8)
                areas += [offset..<(offset + 32), directory..<(directory + number(offset + 16, 8))]
            }
            offset += 8 + (number(offset + 4, 4) + 7) / 8 * 8
        }
        return areas.map { $0.clamped(to: 0..<(image.count - 8)) }
    }
}
