import QMP

/// Between those who want backups and the child that makes them: the last report, and the orders it has not taken up.
struct BackupDesk: Equatable, Sendable {
    /// The child's name.
    static let child = "backup"

    /// Nil: it has not reported yet, or has ended since.
    private var report: BackupReport?
    /// The last one of a child that has ended in vain, until the next child reports: how its order went.
    private var farewell: BackupReport?
    private var lastNumber = 0
    /// The last order has not been taken up.
    private var isAsked = false
    private let isOn: Bool

    init(_ children: [Child]) {
        isOn = children.contains { $0.name == Self.child }
    }

    mutating func order(_ kind: BackupOrder.Kind, _ ticket: QMPServer.Ticket) -> [Supervisor.Action] {
        guard let report, !report.isStuck else { return [.answer(ticket, .failure(desc: absence))] }
        if isAsked || report.isBusy, kind != .cancel {
            return [
                .answer(
                    ticket,
                    .failure(desc: "a backup is under way, or a test of one; wait for it, or: drover backup cancel"))
            ]
        }
        if kind != .cancel {
            lastNumber += 1
            isAsked = true
        }
        let order = BackupOrder(kind, number: lastNumber)
        return [.tell(child: Self.child, order.line), .answer(ticket, .success(#"{"number":\#(order.number)}"#))]
    }

    mutating func reported(_ report: BackupReport, _ ticket: QMPServer.Ticket) -> [Supervisor.Action] {
        (self.report, farewell) = (report, nil)
        if report.number == lastNumber { isAsked = false }
        return [.answer(ticket, .success("{}"))] + (report.isStuck ? [.log(.warning, absence)] : [])
    }

    func status(_ ticket: QMPServer.Ticket) -> [Supervisor.Action] {
        [.answer(ticket, (report ?? farewell).map { .success($0.text) } ?? .failure(desc: absence))]
    }

    /// Cuts what QEMU writes to: a stop does not wait for a volume of backups that does not answer, which can keep from ending
    /// whoever waits for it; QEMU would go on waiting for them. The child ends after that, for its servers end with it, and must
    /// have read what QEMU has sent, or QEMU does not hear of it.
    ///
    /// - Returns: nil when nothing is written.
    func cut() -> [Supervisor.Action]? {
        guard let report, !report.targets.isEmpty else { return nil }
        return [.send(.cut(report.targets))]
    }

    mutating func ended() {
        if let report { farewell = report.isStuck ? report : nil }
        report = nil
        isAsked = false
    }

    private var absence: String {
        guard isOn else { return "backups are off: BACKUP_DIR is not set" }
        return report == nil
            ? "the process that makes backups is being started; try again in a moment, or see the container's log"
            : "the process that makes backups waits in vain for the volume of BACKUP_DIR, or of the fleece, and is started "
                + "again when that has answered"
    }
}
