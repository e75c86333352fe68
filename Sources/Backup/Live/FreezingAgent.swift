import JSON
import Linux
import Operator
import QMP

/// The guest's agent, where it can freeze file systems (QEMU guest agent protocol, `guest-fsfreeze-*`).
struct FreezingAgent {
    /// For the freeze, and for the thaw with a second try, in seconds. Nobody is to wait longer before it is told.
    static let patience = 9

    private let client: QMPClient

    init(_ client: QMPClient) {
        self.client = client
    }

    /// How it would do it.
    func way() throws(ClientFailure) -> Result<Manifest.Consistency, NotPossible> {
        let state = try client.status(until: .now() + BlockCommands.patience).agent
        guard state == .answering else {
            return .failure(
                NotPossible(
                    reason: state == .off ? "the machine has no port for a guest agent" : "no guest agent answers"))
        }
        let answer = try ask("guest-info", timeout: 5)
        guard let info = try? AgentInfo(answer.result ?? .null), info.offers("guest-fsfreeze-freeze") else {
            return .failure(NotPossible(reason: "the guest's agent cannot freeze its file systems"))
        }
        // The kit's, which makes the root of a Hurd read-only.
        return .success(info.version?.hasPrefix("drover-") == true ? .readOnlyByAgent : .frozenByAgent)
    }

    struct NotPossible: Error {
        let reason: String
    }

    /// - Returns: why it could not; nil when they are frozen.
    func freeze() throws(ClientFailure) -> String? {
        if case .failure(_, let description) = try ask("guest-fsfreeze-freeze", timeout: Self.patience).kind {
            return "the guest's agent did not freeze its file systems: \(description)"
        }
        return nil
    }

    /// - Throws: when the guest may be frozen still.
    func thaw() throws(ClientFailure) {
        var reason = ""
        let deadline = Instant.now() + .seconds(Self.patience)
        repeat {
            switch try ask("guest-fsfreeze-thaw", timeout: Self.patience / 2).kind {
            case .failure(_, let description): reason = description
            default: return
            }
            try client.pause(until: min(deadline, .now() + .milliseconds(500)))
        } while Instant.now() < deadline
        throw ClientFailure(
            .broken,
            "the guest's file systems may still be frozen: its agent does not thaw them (\(terminalLine(reason))); it is "
                + "asked again and again; if that does not help, reset the guest (drover monitor system_reset)")
    }

    private func ask(_ command: String, timeout: Int) throws(ClientFailure) -> ClientMessage {
        try client.execute(
            AgentCommand(execute: command, timeout: timeout).qmp, until: .now() + .seconds(timeout + 5))
    }
}
