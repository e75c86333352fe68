import QMP

/// What a run is given, and stays the same until its end.
public struct RunSetup {
    let launcher: QEMULauncher
    let facts: RunFacts
    let sockets: ControlSockets
    /// The guest's console lines go into the log.
    let logsConsole: Bool
    let policy: QMPPolicy

    public init(
        launcher: QEMULauncher, facts: RunFacts, sockets: ControlSockets, logsConsole: Bool, policy: QMPPolicy
    ) {
        self.launcher = launcher
        self.facts = facts
        self.sockets = sockets
        self.logsConsole = logsConsole
        self.policy = policy
    }

    var console: GuestConsole.Use {
        GuestConsole.Use(inLog: logsConsole, readyPattern: facts.readyPattern)
    }
}
