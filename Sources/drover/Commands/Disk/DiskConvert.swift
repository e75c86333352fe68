import Basics
import Machine
import Operator

/// `drover disk convert`.
struct DiskConvert: Command {
    static let declaration = Subcommand(
        "disk convert", "copies one into a new file, of another format or layout",
        options: [format, DiskCommand.compress, DiskCommand.clusterSize, DiskCommand.oneDisk],
        operands: [Operand("FILE", "file", .file)],
        text: """
            The copy is compared with the disk, and holds what that lies over as well; snapshots and bitmaps it has none. The
            machine gets it by QEMU_DRIVE or QEMU_DISKS.
            """,
        DiskConvert.self)

    private static let format = Option.choice(
        "--format", "FORMAT", Configuration.DiskFormat.allCases.map(\.rawValue), "of the copy", unlessGiven: "qcow2")

    let file: String
    let format: Configuration.DiskFormat
    let layout: DiskCare.Layout
    let number: Int?

    func run() throws -> Int32 {
        show(try DiskCommand.findOne(number).convert(to: file, format, layout) { report([$0]) } + "\n")
        return ClientExit.success.rawValue
    }
}

extension DiskConvert {
    init(_ arguments: Arguments) throws(UsageError) {
        file = arguments.operand(0) ?? ""
        format = arguments.text(Self.format).flatMap(Configuration.DiskFormat.init(rawValue:)) ?? .qcow2
        layout = DiskCommand.layout(arguments)
        number = try DiskCommand.number(arguments, DiskCommand.oneDisk)
        if format == .raw, layout != DiskCare.Layout() {
            throw UsageError(
                message: "disk convert: a raw file has no layout; leave --compress and --cluster-size away")
        }
    }
}
