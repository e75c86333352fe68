/// What the loop has still to do.
enum Work {
    case event(Supervisor.Event)
    case outcome(ClientPort.Outcome)
    /// QEMU's control channels have ended: what came through them before is done first.
    case qemuIsGone(reason: String)
}
