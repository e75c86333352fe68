import Backup
import Basics
import Linux
import Operator

/// `drover backup verify`.
struct BackupVerify: Command {
    static let declaration = Subcommand(
        "backup verify", "reads them, and says whether they are what they were when they were made", options: [all],
        operands: [Operand("ID", "backup", .text, .optional)],
        text: """
            Of the newest, or the one that is named: every file is hashed, and its qcow2 checked, of that backup and of those that
            it lies over, and what was found is noted beside it. While it is at work, no backup is made. That a guest boots from it,
            drover backup test proves.
            """,
        BackupVerify.self)

    private static let all = Option.flag("--all", "every backup")

    let id: BackupID?
    let isAll: Bool

    func run() throws -> Int32 {
        let folder = try BackupCommand.folder(try BackupCommand.configuration(.backup))
        let lock = try folder.lockForReading()
        let list = try folder.list()
        let ids =
            isAll ? list.backups.map(\.id) + list.broken.map(\.id) : [id ?? list.backups.last?.id].compactMap { $0 }
        guard !ids.isEmpty else { throw ClientFailure(.no, "there are no backups in \(quoted(folder.path))") }
        let second = currentSecond()
        let problems = try Verifier(folder, list, try qemuImg()) { report(["verifying \($0)"]) }.verify(ids)
        for problem in problems { show("\(problem.id): \(problem.text)\n") }
        let wrong = Set(problems.map(\.id))
        if wrong.isEmpty {
            show(
                ids.count == 1
                    ? "\(ids[0]) is as it was when it was made\n"
                    : "all \(ids.count) are as they were when they were made\n")
        }
        note(problems, of: ids, in: list, folder, second)
        withExtendedLifetime(lock) {}
        return (wrong.isEmpty ? ClientExit.success : .no).rawValue
    }

    /// A folder that can only be read is verified all the same.
    private func note(
        _ problems: [Verifier.Problem], of ids: [BackupID], in list: BackupList, _ folder: BackupFolder, _ second: Int
    ) {
        for id in ids where list[id] != nil {
            let chain = (try? list.chain(of: id).map(\.id)) ?? [id]
            let found = problems.filter { chain.contains($0.id) }.map { "\($0.id): \($0.text)" }
            do throws(ClientFailure) {
                try folder.note(
                    VerifyResult(id: id, second: second, problems: found, droverVersion: droverVersion))
            } catch {
                report(["the result is not noted: \(error.message)"])
                return
            }
        }
    }
}

extension BackupVerify {
    init(_ arguments: Arguments) throws(UsageError) {
        isAll = arguments.has(Self.all)
        id = try arguments.operand(0).map { (text) throws(UsageError) in try BackupCommand.id(text) }
        if isAll, id != nil {
            throw UsageError(message: "backup verify: --all has every backup; name one, or write --all")
        }
    }
}
