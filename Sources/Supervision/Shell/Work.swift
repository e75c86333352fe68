/// What the loop has still to do.
enum Work {
    case event(Supervisor.Event)
    case outcome(ClientPort.Outcome)
    /// QEMU's control channel has ended: what came through it before is done first.
    case qemuIsGone(reason: String)
}
