import Backup
import Basics
import Linux
import Operator

/// `drover backup now`.
struct BackupNow: Command {
    static let declaration = Subcommand(
        "backup now", "makes one, and waits for it", needsRun: true, options: [full, label, json],
        text: """
            Copies every disk that the guest writes to, all as they are at one moment, while the guest goes on. It is an
            increment of the last backup where that can be, and says why where it cannot. Who interrupts this does not
            interrupt the backup: drover backup cancel does.
            """,
        examples: ["docker exec NAME drover backup now --label before-upgrade"],
        BackupNow.self)

    private static let full = Option.flag("--full", "all of the disks, not what has changed")
    private static let label = Option.text("--label", "TEXT", "a name for people, 1 to 64 characters")
    private static let json = Option.flag("--json", "print one JSON object when it is done, and nothing else")

    let isFull: Bool
    let label: String?
    let asJSON: Bool

    func run() throws -> Int32 {
        let orders = BackupOrders(try connectToPID1())
        let number = try orders.start(isFull: isFull, label: label)
        let line = ProgressLine(isSilent: asJSON)
        var rate = CopyRate()
        var title = ""
        let outcome = try orders.follow(number) { step in
            if step.title != title { line.show(step.title) }
            title = step.title
            if let text = rate.text(step, at: .now()) { line.update(text) }
        }
        line.end()
        if asJSON {
            show(outcome.json.encodedText(.readable) + "\n")
        } else if outcome.isGood {
            show(outcome.message + "\n")
        } else {
            report(["the backup failed: \(outcome.message)"])
        }
        return (outcome.isGood ? ClientExit.success : .no).rawValue
    }
}

extension BackupNow {
    init(_ arguments: Arguments) {
        isFull = arguments.has(Self.full)
        label = arguments.text(Self.label)
        asJSON = arguments.has(Self.json)
    }
}

/// What goes on: a line for each step, and on a terminal one that changes.
private struct ProgressLine {
    private let terminal: Descriptor?
    private let isSilent: Bool

    init(isSilent: Bool) {
        self.isSilent = isSilent
        let standardError = try? Descriptor.duplicate(of: 2)
        terminal = standardError?.isTerminal == true ? standardError : nil
    }

    func show(_ text: String) {
        guard !isSilent else { return }
        end()
        report([text])
    }

    func update(_ text: String) {
        guard !isSilent, let terminal else { return }
        _ = try? terminal.write(Array("\r\u{1B}[K\(text)".utf8))
    }

    func end() {
        update("")
    }
}
