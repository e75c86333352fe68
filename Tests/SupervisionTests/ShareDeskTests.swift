import JSON
import Testing

@testable import QMP
@testable import Supervision

/// The change of the shared folder's CD, between who has made the new one and QEMU.
@Suite struct ShareDeskTests {
    private let ticket = QMPServer.Ticket(client: QMPServer.ClientID(serial: 1), serial: 1)
    private let other = QMPServer.Ticket(client: QMPServer.ClientID(serial: 2), serial: 2)
    private let change = QMPCommand(
        "blockdev-change-medium",
        ["id": "share-cd", "filename": "/proc/7/fd/3", "format": "raw", "read-only-mode": "read-only"])
    private let letGo = QMPCommand("remove-fd", ["fdset-id": 2])

    @Test func theFirstCDIsLetGoOnceTheSecondIsIn() {
        var desk = ShareDesk()
        #expect(desk.offered("/proc/7/fd/3", ticket) == [.send(change)])
        #expect(
            desk.offered("/proc/8/fd/3", other)
                == [.answer(other, .failure(desc: "the CD is being changed for somebody else; try again"))])
        #expect(desk.answered(change) == [.send(letGo), .answer(ticket, .success(#"{"inserted":true}"#))])
        #expect(ShareDesk.owns(change) && ShareDesk.owns(letGo))
        #expect(desk.answered(letGo).isEmpty)
        #expect(desk.offered("/proc/7/fd/3", other) == [.send(change)])
        #expect(desk.answered(change) == [.answer(other, .success(#"{"inserted":true}"#))])
    }

    @Test func aRefusalIsToldAndLeavesTheFirst() {
        var desk = ShareDesk()
        _ = desk.offered("/proc/7/fd/3", ticket)
        #expect(desk.refused(change, reason: "locked") == [.answer(ticket, .failure(desc: "locked"))])
        _ = desk.offered("/proc/7/fd/3", ticket)
        #expect(desk.answered(change).first == .send(letGo))
        // The next QEMU has been given one too.
        desk.qemuStarts()
        _ = desk.offered("/proc/7/fd/3", ticket)
        #expect(desk.answered(change).first == .send(letGo))
    }
}
