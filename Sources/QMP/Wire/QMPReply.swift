import JSON

/// QEMU's reply to a client's command.
public struct QMPReply: Equatable, Sendable {
    /// Ids of clients' commands begin here; those of PID 1's own are below.
    static let firstID = 1 << 32

    let id: Int
    let line: [UInt8]
    /// Where in `line` the member `return` or `error` is, its name included.
    let outcome: Range<Int>

    var isFailure: Bool { line[outcome].starts(with: #""error""#.utf8) }

    /// - Returns: nil when the line is anything else.
    init?(_ line: [UInt8]) {
        let found = line.withUnsafeBytes { bytes -> (Int, Range<Int>)? in
            guard let members = QMPMembers(bytes, in: 0..<bytes.count), let id = members.find("id")?.value,
                let number = Int(String(decoding: bytes[id], as: UTF8.self)), number >= Self.firstID,
                let outcome = members.find("return") ?? members.find("error")
            else { return nil }
            return (number, outcome.name.lowerBound - 1..<outcome.value.upperBound)
        }
        guard let (id, outcome) = found else { return nil }
        (self.id, self.outcome) = (id, outcome)
        self.line = line
    }

    /// An error in the place of a reply that is too long to be passed on.
    ///
    /// - Parameter tail: its end. QEMU writes the id of a `return` behind it.
    /// - Returns: nil when no id of a client's command is there.
    init?(tailOfLongLine tail: [UInt8]) {
        let text = String(decoding: tail, as: UTF8.self)
        guard text.hasSuffix("}"), let blank = text.lastIndex(of: " "), text[..<blank].hasSuffix("\"id\":"),
            let id = Int(text[blank...].dropFirst().dropLast()), id >= Self.firstID
        else { return nil }
        let error = QMPError.generic("the reply is longer than drover passes on (4 MiB)")
        self.id = id
        line = QMPLine.failure(error, id: nil)
        // Without the brackets and the line end.
        outcome = 1..<line.count - 3
    }

    /// What the human monitor has said, on one line; nil for another kind of answer.
    var humanText: String? {
        guard var text = (try? JSONParser.parse(line))?["return"]?.string else { return nil }
        while let last = text.last, last == 13 || last == 10 { text.removeLast() }
        return String(visible: text, limit: 400)
    }

    /// The line for the client, with its own id.
    func line(withID id: [UInt8]?) -> [UInt8] {
        var reply: [UInt8] = []
        reply.reserveCapacity(outcome.count + (id?.count ?? 0) + 12)
        reply.append(UInt8(ascii: "{"))
        reply += line[outcome]
        reply.append(id: id)
        return reply
    }
}
