import Linux
import QMP

/// `drover start`: asks PID 1 for the guest that has powered itself off, and waits until it runs.
public enum StartRequest {
    /// QEMU may repair an image and allocate memory before the guest runs.
    static let patience = Duration.seconds(240)

    /// - Parameter connect: to PID 1 anew: the first connection ends when QEMU is started.
    /// - Returns: a line that says how it went.
    /// - Throws: `.no` when there is nothing to be started.
    public static func carryOut(
        connect: (_ deadline: Instant) throws(ClientFailure) -> QMPClient
    ) throws(ClientFailure) -> String {
        let deadline = Instant.now() + patience
        let asking = try connect(deadline)
        try asking.expectSuccess(of: QMPCommand(DroverCommand.start.rawValue), until: deadline)
        var said = "the guest has not come up in \(patience.brief)"
        while Instant.now() < deadline {
            let client: QMPClient
            do throws(ClientFailure) {
                // It is greeted when QEMU has greeted, or hears nothing any more.
                client = try connect(deadline)
            } catch {
                throw ClientFailure(.no, "the run has ended, or QEMU does not start; see the container's log")
            }
            while true {
                let status: DroverStatus
                do throws(ClientFailure) {
                    status = try client.status(until: deadline)
                } catch {
                    // Another step of starting QEMU, most likely.
                    said = error.message
                    break
                }
                if status.state != .starting {
                    return "the guest is \(status.state.rawValue)"
                        + (status.qemu.map { ", QEMU's pid is \($0.pid)" } ?? "")
                }
                try client.pause(until: min(deadline, .now() + .milliseconds(100)))
            }
        }
        throw ClientFailure(.deadline, "\(said); see the container's log")
    }
}
