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
    /// Anything else, by name.
    case other(String)
}
