import Linux
import QMP

/// `drover type`: presses keys one after the other.
public enum Typing {
    public static func press(_ presses: [KeyPress], _ client: QMPClient) throws(ClientFailure) {
        try checkGuestHears(client)
        for press in presses { try self.press(press, client) }
    }

    /// QEMU drops what is pressed while the guest is paused.
    static func checkGuestHears(_ client: QMPClient) throws(ClientFailure) {
        guard try client.status(until: .now() + .seconds(5)).state != .paused else {
            throw ClientFailure(.no, "the guest is paused and hears no keys; let it go on by drover monitor cont")
        }
    }

    static func press(_ press: KeyPress, _ client: QMPClient) throws(ClientFailure) {
        try client.expectSuccess(of: press.command, until: .now() + .seconds(30))
        try client.pause(until: .now() + press.duration)
    }
}
