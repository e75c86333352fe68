import Linux
import TestSupport
import Testing

/// Volumes that are too small: a file system in memory of a few MiB.
@Suite struct SpaceTests {
    /// What `check` says with a disk in a volume of its own, and its exit code last.
    private func check(_ size: String, _ setup: String, _ more: [String: String]) throws -> String {
        let workspace = try Workspace()
        let assignments = workspace.variables(disk: "\(workspace.path)/volume/disk", more)
            .map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
        return try shell(
            """
            mkdir '\(workspace.path)/volume' && unshare --mount --propagation private sh -c '
              mount -t tmpfs -o size=\(size) none "$1/volume" && cd "$1/volume" && { \(setup); } && shift && "$@" 2>&1
              echo "code $?"' sh '\(workspace.path)' env -i PATH=\(systemPath) \(assignments) '\(DroverRun.binary)' check
            """)
    }

    @Test func whatAnImageMayGrowIsComparedWithWhatIsFree() throws {
        let warning = "may still grow by"
        let image = "qemu-img create -q -f qcow2 disk 64M"
        // Less than the old fixed bound, and enough.
        let enough = try check("100m", image, [:])
        #expect(enough.contains("code 0") && !enough.contains(warning), "\(enough)")
        let short = try check("50m", image, [:])
        #expect(
            short.contains("code 0") && short.contains("\(warning) 63 MiB, and the volume has 49 MiB free"), "\(short)")
        let sparse = try check("50m", "truncate -s 64M disk", ["QEMU_DRIVE_FORMAT": "raw"])
        #expect(sparse.contains("\(warning) 64 MiB"), "\(sparse)")
        let grown = try check("100m", image, ["DISK_SIZE": "1T"])
        #expect(grown.contains("code 0") && grown.contains("\(warning) 1048575 MiB"), "\(grown)")
        // Where the data is, when that is another file.
        let write = "qemu-io -f qcow2 -c \"write 0 10M\" disk >/dev/null"
        let data = try check("50m", "qemu-img create -q -f qcow2 -o data_file=data disk 64M; \(write)", [:])
        #expect(data.contains("\(warning) 53 MiB") || data.contains("\(warning) 54 MiB"), "\(data)")
    }

    /// SeaBIOS finds no system on it, which ends a stop at once.
    @Test func aNewDiskAndItsGrowthAreToldAndItIsTheOwnersAlone() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/new.qcow2"
        for (size, line) in [
            ("64M", "drover: made \"\(disk)\", an empty disk: 64 MiB (CREATE_DISK)"),
            (
                "128M",
                "drover: grew \"\(disk)\" from 64 MiB to 128 MiB (DISK_SIZE); the guest's partitions are as before"
            ),
        ] {
            let run = try DroverRun(["run"], workspace.variables(disk: disk, ["CREATE_DISK": "1", "DISK_SIZE": size]))
            try run.wait(for: "the guest runs", within: 60)
            try waitForScreen(showing: "No bootable device", workspace, within: 120)
            try run.signal(.terminate)
            #expect(try run.waitForExit(within: 60) == .exited(0))
            #expect(run.lines.contains(line), "\(run.lines)")
            #expect(run.lines.contains { $0.contains("the screen shows the firmware, which finds no system") })
            #expect(try FileStatus(of: disk).permissions == 0o600)
        }
    }

    @Test func aDiskWhoseTablesDoNotFitIsNotMade() throws {
        let created = ["CREATE_DISK": "1", "DISK_SIZE": "64G"]
        let tiny = try check("4m", "true", created)
        #expect(tiny.contains("code 75"), "\(tiny)")
        let reason = "DISK_SIZE: 65536 MiB cannot be created: the tables of such an image take 10 MiB at once"
        #expect(tiny.contains(reason) && tiny.contains("has 4 MiB free"), "\(tiny)")
        let small = try check("40m", "true", created)
        #expect(
            small.contains("code 0") && small.contains("may still grow by 65536 MiB, and the volume has 40 MiB"),
            "\(small)")
    }
}
