import JSON
import Testing

@testable import QMP
@testable import Supervision

/// Orders for the child that makes backups, and its reports.
@Suite struct BackupDeskTests {
    private let child = Child(name: BackupDesk.child, arguments: [], stopOrder: .beforeGuest, limits: .init())
    private let ticket = QMPServer.Ticket(client: QMPServer.ClientID(serial: 1), serial: 1)

    private func report(_ number: Int, isBusy: Bool) -> BackupReport {
        BackupReport(number: number, isBusy: isBusy, targets: [], text: Array(#"{"number":\#(number)}"#.utf8))
    }

    /// - Returns: what the child is told, and what the client gets.
    private func order(_ desk: inout BackupDesk, _ kind: BackupOrder.Kind) -> (told: String?, answer: QMPServer.Answer?)
    {
        var result: (told: String?, answer: QMPServer.Answer?)
        for action in desk.order(kind, ticket) {
            switch action {
            case .tell(_, let line): result.told = String(decoding: line, as: UTF8.self)
            case .answer(_, let answer): result.answer = answer
            default: Issue.record("\(action)")
            }
        }
        return result
    }

    @Test func withoutAChildBackupsAreOff() {
        var desk = BackupDesk([])
        let (told, answer) = order(&desk, .start(isFull: false, label: nil))
        #expect(told == nil && answer == .failure(desc: "backups are off: BACKUP_DIR is not set"))
        #expect(desk.status(ticket) == [.answer(ticket, .failure(desc: "backups are off: BACKUP_DIR is not set"))])
    }

    @Test func oneOrderIsTakenAtATime() {
        var desk = BackupDesk([child])
        #expect(order(&desk, .start(isFull: false, label: nil)).told == nil)
        _ = desk.reported(report(0, isBusy: false), ticket)
        let first = order(&desk, .start(isFull: true, label: "x"))
        #expect(
            first.told
                == #"{"event":"DROVER_BACKUP","data":{"number":1,"order":"start","full":true,"label":"x"}}"# + "\r\n")
        #expect(first.answer == .success(#"{"number":1}"#))
        let busy = QMPServer.Answer.failure(
            desc: "a backup is under way, or a test of one; wait for it, or: drover backup cancel")
        #expect(order(&desk, .start(isFull: false, label: nil)).answer == busy)
        // It may have told before it read the order.
        _ = desk.reported(report(0, isBusy: false), ticket)
        #expect(order(&desk, .forget).answer == busy)
        _ = desk.reported(report(1, isBusy: true), ticket)
        #expect(order(&desk, .forget).answer == busy)
        #expect(order(&desk, .cancel).told?.contains("cancel") == true)
        _ = desk.reported(report(1, isBusy: false), ticket)
        #expect(order(&desk, .forget).answer == .success(#"{"number":2}"#))
    }

    @Test(
        arguments: [
            .start(isFull: true, label: nil), .test(id: nil, seconds: 900), .test(id: "20261127T093000Z", seconds: 60),
            .cancel, .forget,
        ] as [BackupOrder.Kind]) func theChildReadsWhatIsWritten(kind: BackupOrder.Kind) throws
    {
        let order = BackupOrder(kind, number: 7)
        let event = try JSONParser.parse(Array(order.line.dropLast(2)))
        #expect(BackupOrder(event: event["event"]?.text ?? "", event["data"]) == order)
    }

    /// The volume of the backups may hold the child and its servers up.
    @Test func aStopCutsWhatIsBeingWritten() {
        var desk = BackupDesk([child])
        #expect(desk.cut() == nil)
        _ = desk.reported(BackupReport(number: 0, isBusy: true, targets: ["a", "b"], text: []), ticket)
        #expect(desk.cut() == [.send(.cut(["a", "b"]))])
        desk.ended()
        #expect(desk.cut() == nil)
    }

    /// Whether or not a signal can end it: who waits for its order hears how that went.
    @Test func aChildThatIsStuckHasSaidHowItsOrderWent() {
        var desk = BackupDesk([child])
        _ = desk.reported(report(0, isBusy: false), ticket)
        _ = order(&desk, .start(isFull: false, label: nil))
        let text = Array(#"{"last":{"number":1,"ok":false}}"#.utf8)
        let stuck = BackupReport(number: 1, isBusy: true, isStuck: true, targets: ["a"], text: text)
        #expect(desk.reported(stuck, ticket).contains { if case .log(.warning, _) = $0 { true } else { false } })
        #expect(desk.status(ticket) == [.answer(ticket, .success(text))])
        #expect(desk.cut() != nil && order(&desk, .forget).told == nil)
        desk.ended()
        #expect(desk.status(ticket) == [.answer(ticket, .success(text))])
        #expect(desk.cut() == nil && order(&desk, .forget).told == nil)
        _ = desk.reported(report(0, isBusy: false), ticket)
        #expect(desk.status(ticket) == [.answer(ticket, .success(#"{"number":0}"#))])
        desk.ended()
        #expect(desk.status(ticket) != [.answer(ticket, .success(#"{"number":0}"#))])
    }

    @Test func whatADeadChildHadIsForgotten() {
        var desk = BackupDesk([child])
        _ = desk.reported(report(0, isBusy: false), ticket)
        _ = order(&desk, .start(isFull: false, label: nil))
        desk.ended()
        #expect(order(&desk, .start(isFull: false, label: nil)).told == nil)
        _ = desk.reported(report(0, isBusy: false), ticket)
        #expect(order(&desk, .start(isFull: false, label: nil)).answer == .success(#"{"number":2}"#))
    }
}
