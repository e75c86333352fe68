import Basics

/// The lines that `drover provision` types at the guest's shell, and the reports it reads back.
///
/// A line ends in the printing of a report: which step was the last to be done, and its status. The typed line never
/// looks like the report, so that its echo is not taken for one.
struct ProvisionScript: Equatable, Sendable {
    /// In this order.
    enum Step: Int, CaseIterable, Sendable {
        /// It is a shell, and root's.
        case probe
        case makeDirectory
        case mount
        case install
        case unmount

        var command: String {
            switch self {
            case .probe: "[ $(id -u) = 0 ]"
            case .makeDirectory: "d=$(mktemp -d)"
            // On GNU/Hurd the CD is hd2 where the kernel's own IDE driver has it.
            case .mount:
                "case $(uname -s) in GNU)for c in cd0 hd2;do settrans -a $d /hurd/iso9660fs /dev/$c&&break;done;;"
                    + "*)mount -r $(findfs LABEL=cidata||echo /dev/sr0) $d;;esac;[ -f $d/drover/kit/install ]"
            // What is typed meanwhile is for the shell.
            case .install: "sh $d/drover/kit/install </dev/null"
            case .unmount: "case $(uname -s) in GNU)settrans -fg $d;;*)umount $d;;esac;rmdir $d"
            }
        }
    }

    struct Report: Equatable, Sendable {
        /// Nil: none was done in this shell.
        let step: Step?
        let status: Int
    }

    /// Of this run, so that no report of an earlier one counts.
    let nonce: String
    /// Of the line that is typed next: an answer to an earlier one may come late.
    private var serial = 0
    /// Of the first line whose report counts for the step that is under way.
    private var firstSerial = 0

    init(nonce: String) {
        self.nonce = nonce
    }

    /// The line for a step.
    ///
    /// - Parameter isRepeated: a late report of the line before counts as well.
    mutating func line(for step: Step, isRepeated: Bool = false) -> String {
        if !isRepeated { firstSerial = serial }
        return "\(step.command);s=\(step.rawValue):$?;\(question())"
    }

    /// The line that asks for a report again, which changes nothing: the first may have been torn by a message of the
    /// kernel.
    mutating func question() -> String {
        defer { serial += 1 }
        return "printf 'drover-%s.\\n' \(nonce):$s:\(serial)"
    }

    /// The first report among `text` that answers a line of the step under way.
    func report(in text: [UInt8]) -> Report? {
        let mark = Array("drover-\(nonce):".utf8)
        var rest = text[...]
        while let found = rest.firstPlace(of: mark) {
            rest = rest[found.upperBound...]
            let fields = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "\n") }
            guard fields.endIndex < rest.endIndex, rest[fields.endIndex] == UInt8(ascii: ".") else { continue }
            let words = String(decoding: fields, as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
            guard let serial = words.last.flatMap({ Int($0) }), serial >= firstSerial else { continue }
            if words.count == 2, words[0].isEmpty { return Report(step: nil, status: 0) }
            guard words.count == 3, let number = Int(words[0]), let status = Int(words[1]) else { continue }
            if let step = Step(rawValue: number) { return Report(step: step, status: status) }
        }
        return nil
    }
}
