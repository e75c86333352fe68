/// `drover guest`: what the guest's agent is asked.
enum GuestCommand {
    static let declaration = Subcommand(
        "guest", "ask the agent in the guest: ping, info, passwords, SSH keys", needsRun: true,
        text: "Asks the agent in the guest (GUEST_AGENT).",
        examples: ["docker exec -i NAME drover guest add-key root < ~/.ssh/id_ed25519.pub"],
        verbs: [
            GuestPing.declaration,
            GuestInfo.declaration,
            GuestSetPassword.declaration,
            GuestAddKey.declaration,
        ])

    static let user = Operand("USER", "user")
}
