import Basics
import FoundationEssentials
import Linux
import Machine
import QMP

/// `drover guest`: what is asked of the guest's agent, through PID 1, which holds the only line to it.
public struct GuestAgent {
    /// For an answer, in seconds: to hash a password takes an emulated guest a while.
    private static let patience = 15

    private let client: QMPClient

    public init(_ client: QMPClient) {
        self.client = client
    }

    /// - Returns: a line that says so.
    public func ping() throws(ClientFailure) -> String {
        let asked = Instant.now()
        try ask(AgentCommand(execute: "guest-ping", timeout: 5))
        return "the guest agent answered in \((Instant.now() - asked).brief)\n"
    }

    public func info() throws(ClientFailure) -> String {
        let reply = try ask(AgentCommand(execute: "guest-info", timeout: Self.patience))
        guard let info: AgentInfo = reply.result() else {
            throw ClientFailure(.broken, "guest-info: the agent's answer is not understood; is it QEMU's protocol?")
        }
        return info.text
    }

    private struct Password: Encodable {
        let username: String
        /// Base64.
        let password: String
        let crypted = false
    }

    public func setPassword(of user: String, _ password: [UInt8]) throws(ClientFailure) -> String {
        try Self.checkUser(user)
        let arguments = Password(username: user, password: Data(password).base64EncodedString())
        try ask(AgentCommand(execute: "guest-set-user-password", arguments: arguments, timeout: Self.patience))
        return "the password of \(user) is set\n"
    }

    private struct Keys: Encodable {
        let username: String
        let keys: [String]
        let reset = false
    }

    /// - Parameter keys: lines of `authorized_keys`, checked.
    public func addKeys(_ keys: [String], of user: String) throws(ClientFailure) -> String {
        try Self.checkUser(user)
        let arguments = Keys(username: user, keys: keys)
        try ask(AgentCommand(execute: "guest-ssh-add-authorized-keys", arguments: arguments, timeout: Self.patience))
        return "\(keys.count == 1 ? "1 key is" : "\(keys.count) keys are") in \(user)'s authorized_keys\n"
    }

    @discardableResult
    private func ask<Arguments>(_ command: AgentCommand<Arguments>) throws(ClientFailure) -> ClientMessage {
        let deadline = Instant.now() + .seconds(command.timeout + 5)
        let reply = try client.execute(DroverCommand.agent.rawValue, command, until: deadline)
        if case .failure(_, let description) = reply.kind {
            throw ClientFailure(.no, "\(command.execute): \(terminalLine(description))")
        }
        return reply
    }

    /// What would end the field of a password file is refused before the guest is asked.
    static func checkUser(_ user: String) throws(ClientFailure) {
        let isPlain = user.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != ":" && $0 != "/" }
        guard !user.isEmpty, isPlain, user.utf8.count <= 256, terminalText(user) == user else {
            throw ClientFailure(.usage, "\(quoted(user, limit: 60)) is no user's name; write it as the guest knows it")
        }
    }
}

/// The answer to `guest-info`.
struct AgentInfo: Decodable, Equatable, Sendable {
    struct Command: Decodable, Equatable, Sendable {
        let name: String
        let enabled: Bool?
    }

    let version: String?
    let supportedCommands: [Command]?

    enum CodingKeys: String, CodingKey {
        case version
        case supportedCommands = "supported_commands"
    }

    var text: String {
        let commands = (supportedCommands ?? []).sorted { $0.name < $1.name }
        let lines = commands.map { "  \($0.name)\($0.enabled == false ? " (switched off)" : "")" }
        return (["version: \(version ?? "not told")", "commands:\(commands.isEmpty ? " not told" : "")"] + lines)
            .map { terminalLine($0) + "\n" }.joined()
    }
}
