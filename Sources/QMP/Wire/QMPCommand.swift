import JSON

/// A command to QEMU with its arguments (QMP specification, "Issuing Commands").
public struct QMPCommand: Hashable, Sendable {
    public let name: String
    /// An object; nil: none.
    public let arguments: JSONValue?

    public init(_ name: String, _ arguments: JSONValue? = nil) {
        self.name = name
        self.arguments = arguments
    }

    /// Ends capabilities negotiation; nothing else is answered before it.
    public static let capabilities = QMPCommand("qmp_capabilities")
    /// Lets the guest's CPUs run.
    public static let resume = QMPCommand("cont")
    public static let queryStatus = QMPCommand("query-status")
    /// The background jobs, with the errors of those that have come to their end.
    public static let queryJobs = QMPCommand("query-jobs")
    /// Presses the ACPI power button.
    public static let powerdown = QMPCommand("system_powerdown")
    /// Ends QEMU, which flushes and closes the images first.
    public static let quit = QMPCommand("quit")

    /// Ends the connections that block nodes have to their servers; none, if one of the nodes has none.
    public static func cut(_ nodes: [String]) -> QMPCommand {
        let instances = nodes.map { node -> JSONValue in ["type": "block-node", "node-name": .string(node)] }
        return QMPCommand("yank", ["instances": .array(instances)])
    }

    /// The line up to an id that somebody else puts there.
    var lineBeforeID: [UInt8] { Array(encoded(id: nil).dropLast()) + #", "id": "#.utf8 }

    /// The line that is sent, without its end.
    public func encoded(id: Int?) -> [UInt8] {
        let line: JSONValue = ["execute": .string(name), "arguments": arguments, "id": id.map { .integer($0) }]
        return line.encoded()
    }
}

/// Arguments may be secret.
extension QMPCommand: CustomStringConvertible {
    public var description: String { name }
}
