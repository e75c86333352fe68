import JSON
import Linux
import QMP

/// `drover stop`: asks PID 1 to stop the guest, and waits for the end of the run.
public struct StopRequest: Equatable, Sendable {
    /// QEMU quits at once, and the guest is cut off.
    public let force: Bool
    /// The budget in seconds; nil: SHUTDOWN_TIMEOUT.
    public let timeout: Int?

    public init(force: Bool, timeout: Int?) {
        self.force = force
        self.timeout = timeout
    }

    /// - Parameter budget: what PID 1 takes for the stop, as far as we know.
    /// - Returns: a line that says how it went, in PID 1's words.
    /// - Throws: `.no` with such a line when the guest was cut off, or the run has failed.
    public func carryOut(_ client: QMPClient, budget: Duration) throws(ClientFailure) -> String {
        let asked = Instant.now()
        let command = QMPCommand(
            DroverCommand.stop.rawValue, ["force": .boolean(force), "timeout": timeout.map { .integer($0) }])
        let end: DroverEnd?
        do throws(ClientFailure) {
            end = try client.execute(
                command, answerBefore: asked + .seconds(10), until: asked + budget + .seconds(30)
            ) { $0.end }
        } catch {
            guard error.exit == .broken else { throw error }
            throw ClientFailure(
                .broken, "PID 1 has ended the connection without a word of how the stop went; see the container's log")
        }
        guard let end else {
            let waited = (Instant.now() - asked).brief
            throw ClientFailure(.deadline, "the run has not ended in \(waited); see the container's log")
        }
        guard end.exit == 0 else { throw ClientFailure(.no, terminalLine(end.reason)) }
        return terminalLine(end.reason)
    }
}
