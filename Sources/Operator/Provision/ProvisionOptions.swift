import Basics

/// How `drover provision` logs in.
public struct ProvisionOptions: Equatable, Sendable {
    /// Where the guest has its login.
    public enum Console: Equatable, Sendable {
        case serial
        /// The text screen and the keyboard.
        case screen

        var place: String {
            self == .serial ? "the guest's first serial port, as with console=com0" : "the guest's text screen"
        }
        /// What shows it to a person, and what that person types by.
        var viewer: String { self == .serial ? "drover console" : "drover screen" }
        var keyboard: String { self == .serial ? "drover console" : "drover type" }
    }

    public let console: Console
    public let user: String
    /// Nil: none is known, as for the root of a pristine guest.
    public let password: [UInt8]?
    /// How a login prompt ends that is none of the built-in ones.
    public let loginPrompt: String?
    public let passwordPrompt: String?
    /// From the start to the end of the installation, in seconds.
    public let timeout: Int

    public init(
        _ console: Console = .serial, user: String = "root", password: [UInt8]? = nil, loginPrompt: String? = nil,
        passwordPrompt: String? = nil,
        timeout: Int = 300
    ) {
        self.console = console
        self.user = user
        self.password = password
        self.loginPrompt = loginPrompt
        self.passwordPrompt = passwordPrompt
        self.timeout = timeout
    }

    /// Refuses a user or a prompt that cannot be meant.
    public func check() throws(ClientFailure) {
        try GuestAgent.checkUser(user)
        if console == .screen { try checkKeys() }
        for (option, text) in [("--login-prompt", loginPrompt), ("--password-prompt", passwordPrompt)] {
            guard let text else { continue }
            if Self.trimmed(text).isEmpty || terminalLine(text) != text || text.utf8.count > 200 {
                let remedy = "write the end of the line as the guest shows it, such as 'login: '"
                throw ClientFailure(.usage, "\(option): that is no prompt; \(remedy)")
            }
        }
    }

    /// Refuses what no key makes, before anything is typed.
    private func checkKeys() throws(ClientFailure) {
        for (option, text) in [("--user", Array(user.utf8)), ("--password-file", password ?? [])] {
            if (try? KeyPress.typing(String(decoding: text, as: UTF8.self))) == nil {
                let reason = "a character there has no key on a US keyboard; nothing was typed"
                throw ClientFailure(.usage, "\(option): \(reason); name a user, or give a password, that can be typed")
            }
        }
    }

    /// What is typed at a prompt; nil when it is no login prompt.
    func answer(toLoginPrompt prompt: String) -> String? {
        if let loginPrompt, prompt.hasSuffix(Self.trimmed(loginPrompt)) { return user }
        // The Hurd's own is a little shell with this as a command.
        if prompt.hasSuffix("login>") { return "login \(user)" }
        // getty's, of Linux and Debian; login(1) asks in the same way after a failure.
        return prompt.hasSuffix("login:") ? user : nil
    }

    func isPasswordPrompt(_ prompt: String) -> Bool {
        if let passwordPrompt, prompt.hasSuffix(Self.trimmed(passwordPrompt)) { return true }
        return prompt.hasSuffix(":") && prompt.lowercased().holds("password")
    }

    /// As a prompt on the screen is: a terminal's line does not show the blanks at its end.
    private static func trimmed(_ text: String) -> String {
        String(text.reversed().drop { $0 == " " }.reversed())
    }
}
