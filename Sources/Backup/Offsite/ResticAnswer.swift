import Basics
import JSON
import Linux
import Operator

/// What a restic has come to. Its exit codes are those of restic 0.17 and later.
struct ResticAnswer {
    let status: WaitStatus
    /// What it wrote to standard output.
    let output: [UInt8]
    /// The end of what it wrote to standard error.
    let messages: [UInt8]
    /// It was ended after so long, in seconds.
    let limit: Int?

    var isGood: Bool { status == .exited(0) }
    /// A snapshot was made, and lacks files that could not be read.
    var isIncomplete: Bool { status == .exited(3) }
    var isLocked: Bool { status == .exited(11) }

    /// - Parameter what: such as `the snapshot`.
    func failure(of what: String) -> ClientFailure {
        if let limit {
            return ClientFailure(
                .deadline,
                "\(what): the repository has not answered for \(limit) s: \(reason); look at its address, the network and the "
                    + "access keys")
        }
        switch status {
        case .exited(10):
            return ClientFailure(
                .absent,
                "\(what): \(reason); if that is where it is to be, make one: run \"restic init\" once, in this container's "
                    + "image and with its settings")
        case .exited(12):
            return ClientFailure(
                .notPermitted,
                "\(what): the password does not open the repository; RESTIC_PASSWORD_FILE must hold the one that it was made "
                    + "with")
        case .exited(11):
            return ClientFailure(
                .deadline,
                "\(what): \(reason); a lock that nobody has refreshed for 30 minutes is removed by the next try")
        default:
            return ClientFailure(.no, "\(what): restic \(status): \(reason)")
        }
    }

    /// What it has said of its failure, in one line: the last error; what it was trying again, when it was ended.
    var reason: String {
        let lines = String(decoding: messages, as: UTF8.self).split(separator: "\n").map(Self.text)
            .filter { !$0.isEmpty && !$0.holds("received, cleaning up") }
        let tried = lines.last { $0.holds("returned error, retrying") }
        let line = (limit == nil ? nil : tried) ?? lines.last ?? "it has not said why"
        // What the ssh of a repository by SFTP says; restic only knows that it is gone.
        let cause = lines.last { $0.hasPrefix("subprocess ") }.map { $0 == line ? "" : "\($0); " } ?? ""
        return String(terminalLine(cause + line).prefix(600))
    }

    /// restic writes some of its messages as JSON when it is asked to.
    private static func text(_ line: Substring) -> String {
        guard line.hasPrefix("{"), let value = try? JSONParser.parse(Array(line.utf8)) else { return String(line) }
        let error = value["error"]?["message"]?.text
        let message = error ?? value["message"]?.text ?? ""
        let item = value["item"]?.text
        return item.map { "\($0): \(message)" } ?? message
    }

    /// The last line of its output that is JSON: pruning adds others, such as `[0:00] 100.00%  1 / 1 files deleted`.
    func json() throws(ClientFailure) -> JSONValue {
        for line in output.split(separator: UInt8(ascii: "\n")).reversed() {
            if let value = try? JSONParser.parse(Array(line)) { return value }
        }
        throw ClientFailure(.broken, "restic's answer is not understood; Drover knows restic 0.17 and later")
    }
}
