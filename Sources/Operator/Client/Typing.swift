import Linux
import QMP

/// `drover type`: presses keys one after the other.
public enum Typing {
    public static func press(_ presses: [KeyPress], _ client: QMPClient) throws(ClientFailure) {
        // QEMU drops what is pressed meanwhile.
        guard try client.status(until: .now() + .seconds(5)).state != .paused else {
            throw ClientFailure(.no, "the guest is paused and hears no keys; let it go on by drover monitor cont")
        }
        for press in presses {
            try client.expectSuccess(of: press.command, until: .now() + .seconds(30))
            try client.pause(until: .now() + press.duration)
        }
    }
}
