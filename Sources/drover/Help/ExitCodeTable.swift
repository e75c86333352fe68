import Basics

/// The exit codes, as help shows them.
enum ExitCodeTable {
    static let ofRun = ExitCode.allCases.map { (code: $0.rawValue, meaning: $0.meaning) }
    static let ofClients = ClientExit.allCases.map { (code: $0.rawValue, meaning: $0.meaning) }
    /// Of the clients except healthcheck, which only says yes or no.
    static let clients = Subcommand.all.filter { $0.needsRun && $0.title != "healthcheck" || $0.title == "snapshot" }
        .map(\.title)

    static var helpPage: String {
        let clients = Self.clients.dropLast().joined(separator: ", ") + " and " + (Self.clients.last ?? "")
        var lines = ["Exit codes", ""]
        lines += Self.lines(ofRun)
        lines += [""] + wrapped("Those of \(clients)", indent: 0) + [""]
        lines += Self.lines(ofClients)
        lines.append("")
        lines += wrapped(
            "healthcheck: 0, 1 or 64. A signal that ends a client at a terminal: 128 plus its number.", indent: 0)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ entries: [(code: Int32, meaning: String)]) -> [String] {
        entries.map { code, meaning in
            let digits = String(code)
            return String(repeating: " ", count: 5 - digits.count) + digits + "  " + meaning
        }
    }
}
