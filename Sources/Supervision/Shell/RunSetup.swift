import QMP

/// What a run is given, and stays the same until its end.
public struct RunSetup {
    let launcher: QEMULauncher
    let facts: RunFacts
    let sockets: ControlSockets
    /// The guest's console lines go into the log.
    let logsConsole: Bool
    /// What the guest has written ends with the run.
    let throwsDisksAway: Bool
    let policy: QMPPolicy

    public init(
        launcher: QEMULauncher, facts: RunFacts, sockets: ControlSockets, logsConsole: Bool,
        throwsDisksAway: Bool = false,
        policy: QMPPolicy
    ) {
        self.launcher = launcher
        self.facts = facts
        self.sockets = sockets
        self.logsConsole = logsConsole
        self.throwsDisksAway = throwsDisksAway
        self.policy = policy
    }

    var console: GuestConsole.Use {
        GuestConsole.Use(inLog: logsConsole, readyPattern: facts.readyPattern)
    }
}
