import JSON

/// What the log says of a command: enough to know what was done, nothing that may be secret.
extension QMPPolicy.Need {
    private static let limit = 200
    /// Somebody may type a password with these.
    private static let keyCommands: Set = ["send-key", "input-send-event", "sendkey"]

    static func pressesKeys(_ command: ClientCommand) -> Bool {
        keyCommands.contains(command.humanMonitorLine?.visibleName ?? command.visibleName)
    }

    func auditText(of command: ClientCommand) -> String {
        let name = command.visibleName
        switch name {
        case "human-monitor-command":
            let text = command.arguments?["command-line"]?.string ?? []
            let shown = level == .full || Self.pressesKeys(command) ? HumanMonitorLine(text).name : text
            return "\(name): " + String(visible: shown, limit: Self.limit)
        case DroverCommand.agent.rawValue:
            // Passwords are among its arguments.
            return "\(name): " + String(visible: command.arguments?["execute"]?.string ?? [], limit: 64)
        default:
            guard level != .full, !Self.pressesKeys(command), let arguments = command.arguments,
                arguments.members?.isEmpty == false
            else {
                return name
            }
            return "\(name) " + String(visible: command.text(of: arguments), limit: Self.limit)
        }
    }
}
