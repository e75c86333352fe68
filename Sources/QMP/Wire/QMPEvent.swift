import JSON

/// What QEMU tells unasked (QEMU QMP reference: run state, block core and other events).
public enum QMPEvent: Equatable, Sendable {
    /// The machine went down; `guest` is true only when the guest did it. Reason: `guest-shutdown`, `host-signal`, …
    case shutdown(guest: Bool, reason: String)
    /// The machine was reset; by the guest or from outside.
    case reset(guest: Bool, reason: String)
    /// The power button was pressed; says nothing of the guest's reaction.
    case powerdown
    /// The guest's kernel has told a panic device that it crashed.
    case panicked
    /// The guest's CPUs stopped.
    case stop
    /// The guest's CPUs run again.
    case resume
    /// A read or write of an image failed.
    case blockIOError(BlockError)
    /// The guest opened or closed a virtio-serial port.
    case portChanged(id: String, isOpen: Bool)
    /// A background job has come to its end, good or bad; QEMU remembers how until it is dismissed.
    case jobConcluded
    /// Anything else, by name.
    case other(String)
}

extension QMPEvent {
    /// Data of another shape carries nothing we read.
    init(name: String, data: JSONValue?) {
        let guest = data?["guest"]?.boolean ?? false
        let reason = data?["reason"]?.text ?? "unknown"
        self =
            switch name {
            case "SHUTDOWN": .shutdown(guest: guest, reason: reason)
            case "RESET": .reset(guest: guest, reason: reason)
            case "POWERDOWN": .powerdown
            case "GUEST_PANICKED": .panicked
            case "STOP": .stop
            case "RESUME": .resume
            case "BLOCK_IO_ERROR": .blockIOError(BlockError(data, reason: reason))
            case "VSERPORT_CHANGE":
                .portChanged(id: data?["id"]?.text ?? "unknown", isOpen: data?["open"]?.boolean ?? false)
            case "JOB_STATUS_CHANGE" where data?["status"]?.text == "concluded":
                .jobConcluded
            default: .other(name)
            }
    }
}

extension QMPEvent {
    /// BLOCK_IO_ERROR: a read or write of a disk that failed, and what becomes of the guest.
    public struct BlockError: Equatable, Sendable {
        public enum Action: Equatable, Sendable {
            case pauses, told, ignored
        }

        /// The name of the disk's block node.
        public let node: String
        public let isWrite: Bool
        public let isForSpace: Bool
        public let action: Action
        /// In words, for people alone.
        public let reason: String

        public init(node: String, isWrite: Bool, isForSpace: Bool, action: Action, reason: String) {
            self.node = node
            self.isWrite = isWrite
            self.isForSpace = isForSpace
            self.action = action
            self.reason = reason
        }

        /// `device` is the name of a back end, which those without a drive of the old kind have not.
        init(_ data: JSONValue?, reason: String) {
            let device = data?["device"]?.text ?? ""
            let action: Action =
                switch data?["action"]?.text {
                case "stop": .pauses
                case "ignore": .ignored
                default: .told
                }
            self.init(
                node: data?["node-name"]?.text ?? (device.isEmpty ? "unknown" : device),
                isWrite: data?["operation"]?.text == "write", isForSpace: data?["nospace"]?.boolean ?? false,
                action: action, reason: reason)
        }
    }
}
