import Linux

/// How far a dialogue has come.
extension ProvisionDialogue {
    struct Times: Sendable {
        /// For everything up to the installation's end.
        let deadline: Instant
        var stateBegan: Instant
        /// Since when nothing has come and nothing was typed.
        var quietSince: Instant
        var handledAt: Instant
    }

    /// The way to a shell.
    struct Login: Sendable {
        var hasNudged = false
        /// User names that were typed.
        var attempts = 0
        var hasTypedPassword = false
        /// A shell was there before us; it stays.
        var isShellFound = false
    }

    /// What is waited for: a step's report, or the agent's answer.
    struct Inquiry: Sendable {
        var questions = 0
        /// A step's line that the guest has lost.
        var losses = 0
        /// When the agent may be asked again; nil while it is being asked.
        var nextQuestion: Instant?
    }
}
