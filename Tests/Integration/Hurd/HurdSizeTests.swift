import TestSupport
import Testing

/// A Hurd's file system cannot be enlarged, and so its disk is not.
struct HurdSizeTests {
    private func size(_ disk: String) throws -> String {
        try shell("qemu-img info --output=json '\(disk)' | grep -o '\"virtual-size\": [0-9]*' | tail -n 1")
    }

    private func run(_ workspace: Workspace, _ disk: String, _ more: [String: String] = [:]) throws -> DroverRun {
        let variables = workspace.variables(disk: disk, ["DISK_SIZE": "8G"].merging(more) { $1 })
        let run = try DroverRun(["run"], variables)
        try run.wait(for: "the guest runs", within: 60)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        return run
    }

    @Test(arguments: ["qcow2", "raw"]) func aHurdsDiskKeepsItsSizeAndSaysSo(_ format: String) throws {
        let workspace = try Workspace()
        let disk = format == "raw" ? try workspace.rawHurd() : try workspace.hurd()
        let before = try size(disk)
        let run = try run(workspace, disk, ["QEMU_DRIVE_FORMAT": format])
        #expect(
            run.lines.contains {
                $0.contains("DISK_SIZE: \"\(disk)\" stays at ")
                    && $0.contains("unset DISK_SIZE, and give the guest a further disk (QEMU_DISKS)")
            }, "\(run.lines)")
        #expect(try size(disk) == before)
    }

    @Test func anotherSystemsDiskGrows() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/disk.img"
        try shell(
            """
            truncate -s 64M '\(disk)' && echo 'start=2048, type=83' | /sbin/sfdisk -q '\(disk)'
            /sbin/mkfs.ext2 -q -o Linux -E offset=1048576 '\(disk)' 62000
            """)
        let run = try run(workspace, disk, ["QEMU_DRIVE_FORMAT": "raw"])
        #expect(run.lines.contains { $0.contains("grew \"\(disk)\" from 64 MiB to 8192 MiB") }, "\(run.lines)")
    }
}
