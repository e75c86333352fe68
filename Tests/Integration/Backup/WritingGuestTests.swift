import Foundation
import TestSupport
import Testing

/// Backups of a guest that writes without a pause: each shows one moment of it.
@Suite struct WritingGuestTests {
    /// The guest overwrites them one after the other, again and again.
    private static let slots = 1024
    private static let size = 4096

    /// Record N is 512 times the number N, written and flushed before N is shown on the console, on the first disk of records
    /// before the second: at any moment there are all records up to one of them, as far as they have not been overwritten, and
    /// none is in pieces.
    ///
    /// - Parameter disks: one disk goes on meanwhile, several are paused for the moment.
    @Test(arguments: [1, 2, 3]) func eachPointHoldsAllThatWasFlushedBeforeIt(disks: Int) throws {
        let guest = try TestedGuest(["BACKUP_RATE": "16M"])
        let system = try #require(guest.variables["QEMU_DRIVE"])
        // Behind the partitions, or on disks of their own, which the guest knows by their sizes.
        let base = disks == 1 ? try Self.virtualSize(system) : 0
        var written = [(number: 0, image: system)]
        if disks == 1 {
            try shell("qemu-img resize -q '\(system)' +8M")
        } else {
            written = (1..<disks).map { ($0, "\(guest.workspace.path)/records\($0).qcow2") }
            for (number, image) in written { try shell("qemu-img create -q -f qcow2 '\(image)' \(8 + 4 * number)M") }
            guest.variables["QEMU_DISKS"] = written.map(\.image).joined(separator: ",")
        }
        let sizes = try written.map { "\(try Self.virtualSize($0.image) / 512)" }.joined(separator: " ")
        try guest.workspace.runAtBoot(
            """
            #!/bin/sh
            devices=
            for size in \(sizes); do
              for disk in /sys/block/sd?; do
                [ "$(cat "$disk/size")" = "$size" ] && devices="$devices /dev/${disk##*/}"
              done
            done
            number=0
            while true; do
              number=$((number + 1))
              record=$(printf '%07d ' $number)
              for _ in 1 2 3; do record=$record$record$record$record$record$record$record$record; done
              for device in $devices; do
                printf %s "$record" |
                  dd of=$device bs=\(Self.size) seek=$((\(base / Self.size) + number % \(Self.slots))) conv=notrunc,fsync \
                    2>/dev/null || exit
              done
              echo "flushed $number"
            done &
            """, on: system)
        let run = try guest.start(waitingFor: "console: flushed 50")
        var lengths: [[Int]] = []
        for point in 1...6 {
            let before = try lastFlushed(run)
            let id = try guest.backup()
            let after = try lastFlushed(run)
            let copy = "\(guest.workspace.path)/point.raw"
            let lasts = try written.map { written in
                try shell("qemu-img convert -O raw '\(guest.backups)/\(id)/disk\(written.number).qcow2' '\(copy)'")
                return try check(copy, base)
            }
            let (first, last) = (try #require(lasts.first), try #require(lasts.last))
            #expect(before <= last && first <= after + 1, "point \(point): \(before), \(lasts), \(after)")
            #expect(first == last || first == last + 1, "the disks are of two moments: \(lasts)")
            lengths.append(lasts)
        }
        print("records at each point: \(lengths)")
        #expect(try guest.drover("backup", "verify", "--all").status == .exited(0))
        try guest.stop()
    }

    private static func virtualSize(_ image: String) throws -> Int {
        let text = try shell(
            "qemu-img info --output=json '\(image)' | sed -n 's/^ *\"virtual-size\": \\([0-9]*\\).*/\\1/p' | tail -n 1")
        return try #require(text.split(separator: "\n").first.flatMap { Int($0) })
    }

    /// Of which the console has told by now.
    private func lastFlushed(_ run: DroverRun) throws -> Int {
        // It reads what there is.
        _ = try? run.wait(for: "a line that never comes", after: run.lines.count, within: 1)
        let line = try #require(run.lines.last { $0.hasPrefix("console: flushed ") })
        return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    /// - Returns: the number of the last record; all before it, and nothing else, must be there.
    private func check(_ copy: String, _ base: Int) throws -> Int {
        let file = try #require(FileHandle(forReadingAtPath: copy))
        try file.seek(toOffset: UInt64(base))
        let bytes = try #require(try file.read(upToCount: Self.slots * Self.size))
        try file.close()
        let numbers = try (0..<Self.slots).map { slot -> Int in
            let record = bytes[bytes.startIndex + slot * Self.size..<bytes.startIndex + (slot + 1) * Self.size]
            if record.allSatisfy({ $0 == 0 }) { return 0 }
            let word = Array(record.prefix(8))
            #expect(record.elementsEqual((0..<Self.size).lazy.map { word[$0 % 8] }), "slot \(slot) is in pieces")
            return try #require(Int(String(decoding: word.dropLast(), as: UTF8.self)))
        }
        let last = numbers.max() ?? 0
        let expected = (0..<Self.slots).map { slot -> Int in
            let number = last - ((last - slot) % Self.slots + Self.slots) % Self.slots
            return max(number, 0)
        }
        #expect(numbers == expected)
        return last
    }
}
