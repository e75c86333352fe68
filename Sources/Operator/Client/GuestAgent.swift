import Basics
import JSON
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
        let info: AgentInfo
        do throws(JSONMismatch) {
            info = try AgentInfo(reply.result ?? .null)
        } catch {
            let reason = "the agent's answer is not understood (\(error))"
            throw ClientFailure(.broken, "guest-info: \(reason); is it QEMU's protocol?")
        }
        return info.text
    }

    public func setPassword(of user: String, _ password: [UInt8]) throws(ClientFailure) -> String {
        try Self.checkUser(user)
        let arguments: JSONValue = ["username": .string(user), "password": .string(base64(password)), "crypted": false]
        try ask(AgentCommand(execute: "guest-set-user-password", arguments: arguments, timeout: Self.patience))
        return "the password of \(user) is set\n"
    }

    /// - Parameter keys: lines of `authorized_keys`, checked.
    public func addKeys(_ keys: [String], of user: String) throws(ClientFailure) -> String {
        try Self.checkUser(user)
        let arguments: JSONValue = ["username": .string(user), "keys": .strings(keys), "reset": false]
        try ask(AgentCommand(execute: "guest-ssh-add-authorized-keys", arguments: arguments, timeout: Self.patience))
        return "\(keys.count == 1 ? "1 key is" : "\(keys.count) keys are") in \(user)'s authorized_keys\n"
    }

    @discardableResult
    private func ask(_ command: AgentCommand) throws(ClientFailure) -> ClientMessage {
        let deadline = Instant.now() + .seconds(command.timeout + 5)
        let reply = try client.execute(command.qmp, until: deadline)
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
