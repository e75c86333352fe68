import Basics

extension Configuration {
    /// What tells that the guest is ready (`READY_CHECK`).
    public enum ReadyCheck: Equatable, Sendable {
        case auto, agent, none
        /// A port of the host that leads to the guest, whose server speaks first.
        case banner(port: UInt16)
        /// A text in a line of the guest's console.
        case console(text: String)
    }
}

extension ValueSyntax where Value == Configuration.ReadyCheck {
    static var readyCheck: ValueSyntax<Configuration.ReadyCheck> {
        ValueSyntax("auto|agent|banner:PORT|console:TEXT|none") { text throws(Rejection) in
            let remedy = "write auto, agent, banner:PORT such as banner:2222, console:TEXT, or none"
            switch text.lowercased() {
            case "auto": return .auto
            case "agent": return .agent
            case "none": return .none
            default: break
            }
            if text.hasPrefix("banner:") {
                guard let port = UInt16(text.dropFirst(7)), port > 0 else {
                    throw Rejection(text, "has no port number; \(remedy)")
                }
                return .banner(port: port)
            }
            if text.hasPrefix("console:") {
                let pattern = String(text.dropFirst(8))
                guard !pattern.isEmpty else { throw Rejection(text, "has no text to look for; \(remedy)") }
                return .console(text: pattern)
            }
            throw Rejection(text, "is no check; \(remedy)")
        } show: { check in
            switch check {
            case .auto: "auto"
            case .agent: "agent"
            case .none: "none"
            case .banner(let port): "banner:\(port)"
            case .console(let text): "console:\(text)"
            }
        }
    }
}
