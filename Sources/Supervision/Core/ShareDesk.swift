import JSON
import Machine
import QMP

/// Between those who make the shared folder's CD anew and QEMU, which changes the medium.
struct ShareDesk: Equatable, Sendable {
    /// Who waits for QEMU's answer.
    private var asking: QMPServer.Ticket?
    /// QEMU still has the CD with which it was started.
    private var hasFirst = true

    private static let changeName = "blockdev-change-medium"

    static func owns(_ command: QMPCommand) -> Bool { command == letGo || command.name == changeName }

    /// The descriptor would keep the first CD in memory.
    private static let letGo = QMPCommand("remove-fd", ["fdset-id": .integer(VirtualMachine.shareDescriptorSet)])

    mutating func offered(_ path: String, _ ticket: QMPServer.Ticket) -> [Supervisor.Action] {
        guard asking == nil else {
            return [.answer(ticket, .failure(desc: "the CD is being changed for somebody else; try again"))]
        }
        asking = ticket
        let change = QMPCommand(
            Self.changeName,
            [
                "id": .string(VirtualMachine.shareDeviceID), "filename": .string(path), "format": "raw",
                "read-only-mode": "read-only",
            ])
        return [.send(change)]
    }

    mutating func answered(_ command: QMPCommand) -> [Supervisor.Action] {
        guard command.name == Self.changeName, let ticket = asking else { return [] }
        asking = nil
        let letGo: [Supervisor.Action] = hasFirst ? [.send(Self.letGo)] : []
        hasFirst = false
        return letGo + [.answer(ticket, .success(#"{"inserted":true}"#))]
    }

    mutating func refused(_ command: QMPCommand, reason: String) -> [Supervisor.Action] {
        guard command.name == Self.changeName, let ticket = asking else { return [] }
        asking = nil
        return [.answer(ticket, .failure(desc: reason))]
    }

    mutating func qemuStarts() {
        (asking, hasFirst) = (nil, true)
    }
}
