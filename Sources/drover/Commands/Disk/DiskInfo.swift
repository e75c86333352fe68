import Basics
import JSON
import Linux
import Operator

/// `drover disk info`.
struct DiskInfo: Command {
    static let declaration = Subcommand(
        "disk info", "what each is: format, sizes, clusters, snapshots, bitmaps", options: [json, DiskCommand.disk],
        DiskInfo.self)

    private static let json = Option.flag("--json", "one JSON array; sizes in bytes")

    let asJSON: Bool
    let number: Int?

    func run() throws -> Int32 {
        let qemuImg = try qemuImg()
        let disks = try StoppedDisks.find(processEnvironment(), only: number).map { try DiskDetails($0, qemuImg) }
        show(
            asJSON
                ? JSONValue.array(disks.map(\.jsonValue)).encodedText(.readable) + "\n"
                : disks.map { $0.text + "\n" }.joined())
        return ClientExit.success.rawValue
    }
}

extension DiskInfo {
    init(_ arguments: Arguments) throws(UsageError) {
        asJSON = arguments.has(Self.json)
        number = try DiskCommand.number(arguments, DiskCommand.disk)
    }
}
