extension ProvisionOptions {
    /// The dialogue, for people: what is waited for and what is typed.
    public var dryRun: String {
        var script = ProvisionScript(nonce: "NONCE")
        let prompts = ["login: ", "login> "] + [loginPrompt].compactMap { $0 }
        let names = prompts.map { "\"\($0)\"" }.joined(separator: " or ")
        var lines = [
            "asks    the guest agent; when it answers there is nothing to do",
            "types   Ctrl-U and Return",
            "awaits  \(names) at the end of a line, for \(timeout) s in all",
            "        (or the prompt of a shell: root may be logged in)",
            "types   \(user), and at \"login> \" login \(user)",
            "awaits  \"Password: \"\(passwordPrompt.map { " or \"\($0)\"" } ?? ""), or the prompt of a shell",
            "types   \(password == nil ? "an empty password, if it is asked for" : "the password, if it is asked for")",
        ]
        for step in ProvisionScript.Step.allCases {
            lines.append("types   \(script.line(for: step))")
            lines.append("awaits  drover-NONCE:\(step.rawValue):STATUS:\(step.rawValue).")
        }
        lines += [
            "types   exit, unless root was logged in",
            "asks    the guest agent, for \(Int(ProvisionDialogue.agentLimit.components.seconds)) s",
        ]
        return lines.map { terminalLine($0) + "\n" }.joined()
    }
}
