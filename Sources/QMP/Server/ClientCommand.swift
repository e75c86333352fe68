import JSON

/// A command as a client issued it (QMP specification, "Issuing Commands").
struct ClientCommand {
    let name: [UInt8]
    let arguments: JSONValue?
    /// As the client wrote it.
    let id: [UInt8]?
    private let text: [UInt8]
    private let execute: Range<Int>

    /// QEMU reads its monitor byte by byte, some 4 µs each and ten times that on a busy machine: this is a second or two of
    /// its time. No command of QEMU's comes near; what the guest agent gets has to fit into its port's buffer anyway.
    static let maximumLength = 64 << 10

    /// A text that is no command, with the id to answer it by.
    struct Malformed: Error {
        let error: QMPError
        var id: [UInt8]?
    }

    /// The checks, their order and their words are QEMU's (qapi/qmp-dispatch.c).
    ///
    /// - Parameter text: one line without its end.
    init(_ text: [UInt8]) throws(Malformed) {
        let value: JSONValue
        do throws(JSONProblem) {
            value = try JSONParser.parse(text)
        } catch {
            throw Malformed(error: .generic(error.desc))
        }
        guard let members = value.members else { throw Malformed(error: .generic("QMP input must be a JSON object")) }
        let id = value["id"].map { Array(text[$0.place]) }
        for member in members {
            let problem: String? =
                switch member.name.asName {
                case "execute": member.value.string == nil ? "'execute' must be a string" : nil
                case "arguments": member.value.members == nil ? "'arguments' must be an object" : nil
                case "id": nil
                default: "'\(String(visible: member.name, limit: 64))' is unexpected"
                }
            if let problem { throw Malformed(error: .generic("QMP input member \(problem)"), id: id) }
        }
        guard let execute = value["execute"], let name = execute.string else {
            throw Malformed(error: .generic("QMP input lacks member 'execute'"), id: id)
        }
        // Single quotes may have become two bytes each.
        guard text.count <= Self.maximumLength else { throw Malformed(error: Self.tooLong(name), id: id) }
        self.name = name
        self.execute = execute.place
        arguments = value["arguments"]
        self.id = id
        self.text = text
    }

    static func tooLong(_ name: [UInt8]) -> QMPError {
        let name = String(visible: name, limit: 64)
        return .generic("the command \(name) is longer than drover passes on (\(maximumLength >> 10) KiB)")
    }

    /// For messages.
    var visibleName: String {
        String(visible: name, limit: 64)
    }

    /// A value of this command as the client wrote it.
    func text(of value: JSONValue) -> ArraySlice<UInt8> {
        text[value.place]
    }

    /// The line for QEMU up to our own id.
    var lineBeforeID: [UInt8] {
        var line = Array("{\"execute\": ".utf8)
        line += text[execute]
        if let arguments {
            line += ", \"arguments\": ".utf8
            line += text[arguments.place]
        }
        line += ", \"id\": ".utf8
        return line
    }
}
