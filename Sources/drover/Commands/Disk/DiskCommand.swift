import Basics
import Linux
import Operator

/// `drover disk`: care of disks that no guest has.
enum DiskCommand {
    static let declaration = Subcommand(
        "disk", "look at the disks of a stopped machine, compact, grow and copy them",
        text: """
            For disks that no guest has: the environment names them, as it does for run. --disk N takes one of them, counted from
            0. A copy is compared with the disk before it takes its place.
            """,
        examples: [
            "docker compose run --rm hurd disk info",
            "docker compose run --rm hurd disk compact --compress",
            "docker compose run --rm hurd disk resize 40G",
        ],
        verbs: [
            DiskInfo.declaration, DiskCheck.declaration, DiskCompact.declaration, DiskResize.declaration,
            DiskConvert.declaration,
        ])

    static let disk = Option.text("--disk", "N", "this one alone, counted from 0", unlessGiven: "all")
    static let oneDisk = Option.text("--disk", "N", "which one, counted from 0", unlessGiven: "the only one")
    static let compress = Option.flag("--compress", "by zstd; what the guest writes later is not compressed")
    static let clusterSize = Option.choice(
        "--cluster-size", "SIZE", DiskCare.Layout.clusterSizes, "of the new qcow2", unlessGiven: "64K")

    static func number(_ arguments: Arguments, _ option: Option) throws(UsageError) -> Int? {
        guard let text = arguments.text(option) else { return nil }
        guard let number = Int(decimal: text), number < 100 else {
            throw UsageError(
                message: "\(option.name): \(quoted(text, limit: 60)) is no number of a disk; write 0 for the first")
        }
        return number
    }

    static func layout(_ arguments: Arguments) -> DiskCare.Layout {
        DiskCare.Layout(isCompressed: arguments.has(compress), clusterSize: arguments.text(clusterSize))
    }

    static func find(_ number: Int?) throws(ClientFailure) -> [DiskCare] {
        let qemuImg = try qemuImg()
        var disks: [DiskCare] = []
        for image in try StoppedDisks.find(processEnvironment(), only: number) {
            disks.append(try DiskCare(image, qemuImg))
        }
        return disks
    }

    static func findOne(_ number: Int?) throws(ClientFailure) -> DiskCare {
        let disks = try find(number)
        guard let disk = disks.first, disks.count == 1 else {
            throw ClientFailure(.usage, "the machine has \(disks.count) disks; name one by its number: --disk 0")
        }
        return disk
    }
}
