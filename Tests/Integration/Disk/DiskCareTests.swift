import Foundation
import JSON
import Linux
import TestSupport
import Testing

/// `drover disk`, on disks that nobody has.
@Suite struct DiskCareTests {
    private let workspace: Workspace
    private var path: String { workspace.path }

    init() throws {
        workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && qemu-img create -q -f qcow2 one.qcow2 64M && truncate -s 8M two.raw
            seq 1 1000000 >text && qemu-io -f qcow2 -c 'write -s text 0 6M' -c 'write -P 7 16M 16M' -c 'write -z -u 16M 16M' one.qcow2
            qemu-io -f qcow2 -c 'write -P 3 20M 4M' -c 'write -z 20M 4M' one.qcow2
            qemu-img bitmap --add one.qcow2 drover-x && qemu-io -f qcow2 -c 'write -P 5 40M 64k' one.qcow2
            qemu-img convert -O raw one.qcow2 expected
            """)
    }

    private func disk(
        _ words: String..., more: [String: String] = [:]
    ) throws -> (status: WaitStatus, output: String) {
        let variables = workspace.variables(
            disk: "\(path)/one.qcow2", ["QEMU_DISKS": "\(path)/two.raw:raw"].merging(more) { $1 })
        let command = try DroverRun(["disk"] + words, variables)
        let status = try command.waitForExit(within: 60)
        return (status, command.lines.joined(separator: "\n"))
    }

    private func isAsBefore(_ file: String, _ format: String = "qcow2") throws -> Bool {
        try shell("cd '\(path)' && qemu-img compare -f \(format) -F raw \(file) expected").contains("identical")
    }

    private func allocated(_ file: String) throws -> Int64 { try FileStatus(of: "\(path)/\(file)").allocated }

    @Test func whatEachIsIsShown() throws {
        let text = try disk("info")
        #expect(text.status == .exited(0), "\(text)")
        let lines = text.output.split(separator: "\n")
        #expect(
            lines.count == 2 && lines[0].contains("qcow2, 64 MiB, ") && lines[0].hasSuffix("bitmaps drover-x"),
            "\(text)")
        #expect(lines[1].hasPrefix("\"\(path)/two.raw\": raw, 8 MiB, 0 MiB on its volume"), "\(text)")
        let json = try JSONParser.parse(Array(disk("info", "--json", "--disk", "0").output.utf8))
        #expect(json.elements?.count == 1 && json.elements?.first?["clusterSize"]?.integer() == 65536)
        let checked = try disk("check")
        #expect(checked.status == .exited(0) && checked.output.contains("one.qcow2\": no damage"), "\(checked)")
        #expect(checked.output.contains("two.raw\": raw, which has nothing to check"))
    }

    @Test func damageIsFound() throws {
        // The first L2 table leads beyond the file's end.
        try shell(
            """
            cd '\(path)' && l1=$(od -An -t u4 --endian=big -j 44 -N 4 one.qcow2 | tr -d ' ')
            l2=$(od -An -t u4 --endian=big -j $((l1 + 4)) -N 4 one.qcow2 | tr -d ' ')
            printf '\\200\\0\\0\\0\\100\\0\\0\\0' | dd of=one.qcow2 bs=1 seek=$l2 conv=notrunc status=none
            """)
        let checked = try disk("check", "--disk", "0")
        #expect(checked.status == .exited(1) && checked.output.contains("places are damaged"), "\(checked)")
        // Nor is it taken for a copy's source without a word.
        let before = try shell("sha256sum '\(path)/one.qcow2'")
        #expect(try disk("compact", "--disk", "0").status != .exited(0))
        #expect(try shell("sha256sum '\(path)/one.qcow2'") == before)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".drover-new") }.isEmpty)
    }

    @Test(arguments: [[], ["--compress"], ["--cluster-size", "1M", "--compress"]])
    func aCompactedDiskIsTheSame(options: [String]) throws {
        let before = try allocated("one.qcow2")
        try shell("chmod 640 '\(path)/one.qcow2'")
        let command = try DroverRun(
            ["disk", "compact", "--disk", "0"] + options, workspace.variables(disk: "\(path)/one.qcow2"))
        #expect(try command.waitForExit(within: 60) == .exited(0), "\(command.lines)")
        #expect(try isAsBefore("one.qcow2") && allocated("one.qcow2") < before, "\(command.lines)")
        let info = try shell("cd '\(path)' && qemu-img info one.qcow2 && stat -c %a one.qcow2")
        // What has changed since a backup is known still.
        #expect(info.contains("name: drover-x") && info.hasSuffix("640\n"))
        #expect(info.contains(options.isEmpty ? "compression type: zlib" : "compression type: zstd"))
        #expect(info.contains(options.count > 1 ? "cluster_size: 1048576" : "cluster_size: 65536"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix("one") } == ["one.qcow2"])
    }

    @Test func growingAndCopying() throws {
        let grown = try disk("resize", "128M", "--disk", "0")
        #expect(grown.status == .exited(0) && grown.output.contains("128 MiB"), "\(grown)")
        let smaller = try disk("resize", "64M", "--disk", "0")
        #expect(smaller.status == .exited(64) && smaller.output.contains("shrinking destroys data"), "\(smaller)")
        #expect(try disk("resize", "64M").output.contains("the machine has 2 disks; name one by its number"))
        let raw = try disk("convert", "\(path)/copy.raw", "--format", "raw", "--disk", "0")
        #expect(raw.status == .exited(0), "\(raw)")
        #expect(try isAsBefore("copy.raw", "raw"))
        let again = try disk("convert", "\(path)/copy.raw", "--disk", "0")
        #expect(
            again.status == .exited(1) && again.output.contains("is there already, and nothing is overwritten"),
            "\(again)")
        let qcow2 = try disk("convert", "\(path)/two.qcow2", "--disk", "1", "--cluster-size", "2M")
        #expect(qcow2.status == .exited(0), "\(qcow2)")
        #expect(try disk("convert", "x", "--format", "raw", "--compress", "--disk", "0").status == .exited(64))
    }

    @Test func whatACopyWouldLoseIsNotCompacted() throws {
        try shell(
            "cd '\(path)' && qemu-img snapshot -c keep one.qcow2 && qemu-img create -q -f qcow2 -b one.qcow2 -F qcow2 over.qcow2"
        )
        let snapshots = try disk("compact", "--disk", "0")
        #expect(
            snapshots.status == .exited(64)
                && snapshots.output.contains("has snapshots, which a copy would not have (keep)"))
        let over = try disk("compact", "--disk", "0", more: ["QEMU_DRIVE": "\(path)/over.qcow2"])
        #expect(over.status == .exited(64) && over.output.contains("lies over \"\(path)/one.qcow2\""), "\(over)")
        let raw = try disk("compact", "--disk", "1")
        #expect(raw.status == .exited(64) && raw.output.contains("is raw; make it a qcow2"), "\(raw)")
        #expect(try disk("compact", "--disk", "5").output.contains("the machine has no disk 5"))
    }

    @Test func disksInUseAreLeftAlone() throws {
        let run = try DroverRun(["run"], workspace.variables(disk: "\(path)/one.qcow2"))
        try run.wait(for: "the guest runs", within: 60)
        for words in [["info"], ["check"], ["compact"], ["resize", "1G"], ["convert", "\(path)/x"]] {
            let command = try DroverRun(["disk"] + words, workspace.variables(disk: "\(path)/one.qcow2"))
            #expect(try command.waitForExit(within: 60) == .exited(1))
            #expect(command.lines.contains { $0.contains("in use") }, "\(words): \(command.lines)")
        }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }
}
