/// What the loop has still to do.
enum Work {
    case event(Supervisor.Event)
    case outcome(ClientPort.Outcome)
}
