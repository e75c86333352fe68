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
    /// - Returns: a line that says how it ended.
    public func carryOut(_ client: QMPClient, budget: Duration) throws(ClientFailure) -> String {
        var seen = StopEvents()
        let asked = Instant.now()
        let command = QMPCommand(
            "drover-stop", ["force": .boolean(force), "timeout": timeout.map { .integer($0) }])
        do throws(ClientFailure) {
            let answerDeadline = asked + .seconds(10)
            // The run's end is that of the connection.
            let _: Never? = try client.execute(
                command, answerBefore: answerDeadline, until: asked + budget + .seconds(30)
            ) { event in
                seen.take(event)
                return nil
            }
        } catch {
            guard error.exit == .broken else { throw error }
            guard let ending = seen.ending(after: Instant.now() - asked) else {
                throw ClientFailure(
                    .broken, "PID 1 has ended the connection, \(seen.lastText); see the container's log for how it went"
                )
            }
            return ending
        }
        let waited = (Instant.now() - asked).brief
        throw ClientFailure(.deadline, "the run has not ended in \(waited); \(seen.lastText); see the container's log")
    }
}

/// What is seen of a stop from outside.
struct StopEvents: Sendable {
    private var shutdown: (guest: Bool, reason: String)?
    private var last: String?

    mutating func take(_ reply: ClientMessage) {
        guard case .event(let name) = reply.kind else { return }
        last = reply.eventText
        guard name == "SHUTDOWN" else { return }
        // The first says who did it; QEMU's own end follows with another.
        if shutdown == nil {
            shutdown = (reply.data?["guest"]?.boolean ?? false, terminalLine(reply.data?["reason"]?.text ?? "unknown"))
        }
    }

    /// Nil: nothing was seen of it.
    func ending(after duration: Duration) -> String? {
        switch shutdown {
        case (true, let reason)?: "stopped after \(duration.brief): the guest went down by itself (\(reason))"
        case (false, let reason)?: "stopped after \(duration.brief): QEMU ended the machine (\(reason))"
        case nil: nil
        }
    }

    var lastText: String { last.map { "last seen: \($0)" } ?? "no event was seen" }
}
