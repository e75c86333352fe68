import JSON

/// What QEMU tells unasked (QEMU QMP reference: run state, block core and other events).
public enum QMPEvent: Equatable, Sendable {
    /// The machine went down; `guest` is true only when the guest did it. Reason: `guest-shutdown`, `host-signal`, …
    case shutdown(guest: Bool, reason: String)
    /// The machine was reset; by the guest or from outside.
    case reset(guest: Bool, reason: String)
    /// The power button was pressed; says nothing of the guest's reaction.
    case powerdown
    /// The guest's CPUs stopped.
    case stop
    /// The guest's CPUs run again.
    case resume
    /// A read or write of an image failed.
    case blockIOError(device: String, reason: String)
    /// The guest opened or closed a virtio-serial port.
    case portChanged(id: String, isOpen: Bool)
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
            case "STOP": .stop
            case "RESUME": .resume
            case "BLOCK_IO_ERROR": .blockIOError(device: data?["device"]?.text ?? "unknown", reason: reason)
            case "VSERPORT_CHANGE":
                .portChanged(id: data?["id"]?.text ?? "unknown", isOpen: data?["open"]?.boolean ?? false)
            default: .other(name)
            }
    }
}
