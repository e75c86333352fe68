import Basics
import JSON

/// The commands PID 1 adds to QEMU's.
public enum DroverCommand: String, CaseIterable, Sendable {
    case status = "drover-status"
    case stop = "drover-stop"
    case start = "drover-start"
    case agent = "drover-agent"
    case screen = "drover-screen"
    case usbAttach = "drover-usb-attach"
    case usbDetach = "drover-usb-detach"
    case shareRefresh = "drover-share-refresh"
    case backupStart = "drover-backup-start"
    case backupTest = "drover-backup-test"
    case backupCancel = "drover-backup-cancel"
    case backupForget = "drover-backup-forget"
    case backupStatus = "drover-backup-status"
    /// PID 1's own child alone may report.
    case backupReport = "drover-backup-report"

    /// How long the agent's answer may be waited for, in seconds.
    public static let agentTimeouts = 1...300

    /// - Throws: what is wrong with the arguments, in QEMU's words.
    func work(_ command: ClientCommand, from peer: QMPServer.Peer) throws(QMPError) -> QMPServer.Pending.Work {
        switch self {
        case .status:
            try command.allowOnly([])
            return .request(.status)
        case .screen:
            try command.allowOnly(["cursor"])
            return .request(.screen(cursor: try command.boolean("cursor") ?? false))
        case .backupStart:
            return .request(.backup(try command.backupStart()))
        case .backupTest:
            return .request(.backup(try command.backupTest()))
        case .backupCancel:
            try command.allowOnly([])
            return .request(.backup(.cancel))
        case .backupForget:
            try command.allowOnly([])
            return .request(.backup(.forget))
        case .backupStatus:
            try command.allowOnly([])
            return .request(.backupStatus)
        case .backupReport:
            return .request(.backupReport(try command.backupReport()))
        case .usbAttach:
            return .relay(try command.usbDevice().attach.lineBeforeID, .clients)
        case .usbDetach:
            return .relay(try command.usbDevice().detach.lineBeforeID, .clients)
        case .shareRefresh:
            return .request(.refreshShare(descriptor: try command.descriptor(), peer))
        case .stop:
            try command.allowOnly(["force", "timeout"])
            let force = try command.boolean("force") ?? false
            let timeout = try command.seconds("timeout", in: ShutdownBudget.range)
            return .request(.stop(force: force, timeout: timeout, peer))
        case .start:
            try command.allowOnly([])
            return .request(.start(peer))
        case .agent:
            try command.allowOnly(["execute", "arguments", "timeout"])
            guard let execute = command.arguments?["execute"] else {
                throw .generic("Parameter 'execute' is missing")
            }
            // It is written into a line for the agent, whose parser takes several objects on one.
            guard let name = execute.name, name.utf8.allSatisfy(\.isInCommandName) else {
                throw .generic("Invalid parameter type for 'execute', expected: name of a command")
            }
            // The answer would look like noise to PID 1, which has to keep its own track of the agent.
            if name.hasPrefix("guest-sync") { throw .generic("PID 1 synchronises with the agent itself") }
            let arguments = command.arguments?["arguments"]
            if let arguments, arguments.members == nil {
                throw .generic("Invalid parameter type for 'arguments', expected: object")
            }
            let timeout = try command.seconds("timeout", in: Self.agentTimeouts) ?? 5
            return .request(
                .agent(execute: name, arguments: arguments.map { Array(command.text(of: $0)) }, timeout: timeout))
        }
    }
}

extension UInt8 {
    /// QAPI schema language, "Naming rules and reserved names".
    fileprivate var isInCommandName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension ClientCommand {
    func allowOnly(_ names: [String]) throws(QMPError) {
        for member in arguments?.members ?? [] where !names.contains(where: { member.name.elementsEqual($0.utf8) }) {
            throw .generic("Parameter '\(String(visible: member.name, limit: 64))' is unexpected")
        }
    }

    fileprivate func backupStart() throws(QMPError) -> BackupOrder.Kind {
        try allowOnly(["full", "label"])
        let isFull = try boolean("full") ?? false
        guard let label = arguments?["label"] else { return .start(isFull: isFull, label: nil) }
        guard let text = label.text, 1...64 ~= text.utf8.count, text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw .generic("Parameter 'label' expects 1 to 64 characters of ASCII")
        }
        return .start(isFull: isFull, label: text)
    }

    fileprivate func backupTest() throws(QMPError) -> BackupOrder.Kind {
        try allowOnly(["id", "timeout"])
        let seconds = try seconds("timeout", in: BackupOrder.testTimes) ?? BackupOrder.standardTestTime
        guard let id = arguments?["id"] else { return .test(id: nil, seconds: seconds) }
        guard let text = id.text, 1...32 ~= text.utf8.count, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw .generic("Parameter 'id' expects a backup's name, such as 20261127T093000Z")
        }
        return .test(id: text, seconds: seconds)
    }

    fileprivate func backupReport() throws(QMPError) -> BackupReport {
        guard let arguments, let number = arguments["number"]?.integer(as: Int.self),
            let state = arguments["state"]?.text
        else { throw .generic("Parameters 'number' and 'state' are missing") }
        let targets = arguments["backup"]?["targets"]?.elements ?? []
        return BackupReport(
            number: number, isBusy: state != "idle", isStuck: state == "stuck", targets: targets.compactMap(\.text),
            text: Array(text(of: arguments)))
    }

    fileprivate func usbDevice() throws(QMPError) -> USBDeviceID {
        try allowOnly(["device"])
        guard let value = arguments?["device"] else { throw .generic("Parameter 'device' is missing") }
        guard let device = value.text.flatMap({ USBDeviceID($0) }) else {
            throw .generic("Parameter 'device' expects VENDOR:PRODUCT, such as 046d:c52b")
        }
        return device
    }

    fileprivate func descriptor() throws(QMPError) -> Int {
        try allowOnly(["descriptor"])
        guard let number = arguments?["descriptor"]?.integer(as: Int.self), number >= 0 else {
            throw .generic("Parameter 'descriptor' expects the number of an open descriptor")
        }
        return number
    }

    fileprivate func boolean(_ name: String) throws(QMPError) -> Bool? {
        guard let value = arguments?[name] else { return nil }
        guard let boolean = value.boolean else {
            throw .generic("Invalid parameter type for '\(name)', expected: boolean")
        }
        return boolean
    }

    fileprivate func seconds(_ name: String, in range: ClosedRange<Int>) throws(QMPError) -> Int? {
        guard let value = arguments?[name] else { return nil }
        guard let seconds = value.integer(as: Int.self) else {
            throw .generic("Invalid parameter type for '\(name)', expected: integer")
        }
        guard range.contains(seconds) else {
            throw .generic("Parameter '\(name)' expects \(range.lowerBound) to \(range.upperBound) seconds")
        }
        return seconds
    }
}
