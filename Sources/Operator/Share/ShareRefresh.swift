import JSON
import Linux
import QMP

/// `drover share refresh`: a new CD of the shared folder for the guest.
public enum ShareRefresh {
    private static let patience = Duration.seconds(30)

    /// - Parameter cd: a sealed file in memory, which QEMU opens by its number.
    /// - Returns: whether the guest has it, and not only with its next start.
    /// - Throws: `.no` when the guest has the old one in use, or the machine has none.
    public static func insert(_ cd: Descriptor, _ client: QMPClient) throws(ClientFailure) -> Bool {
        let command = QMPCommand(DroverCommand.shareRefresh.rawValue, ["descriptor": .integer(Int(cd.rawValue))])
        let reply = try client.execute(command, until: .now() + patience)
        if case .failure(_, let description) = reply.kind {
            throw ClientFailure(.no, explain(terminalLine(description)))
        }
        return reply.result?["inserted"]?.boolean ?? false
    }

    private static func explain(_ description: String) -> String {
        guard description.holds("is locked") else { return description }
        return
            "the guest has the CD in use and keeps its drive closed; unmount it there (umount, or settrans -fg), and try again"
    }
}
