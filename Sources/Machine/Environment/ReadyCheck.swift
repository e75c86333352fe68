import Basics

extension Configuration {
    /// What tells that the guest is ready (`READY_CHECK`).
    public enum ReadyCheck: Equatable, Sendable {
        case auto, agent, none
        /// A port of the host that leads to the guest, whose server speaks first.
        case banner(port: UInt16)
        /// Such a port with an HTTP server behind it, and the path that is asked for.
        case http(port: UInt16, path: String)
        /// A text in a line of the guest's console.
        case console(text: String)
    }
}

extension ValueSyntax where Value == Configuration.ReadyCheck {
    static var readyCheck: ValueSyntax<Configuration.ReadyCheck> {
        ValueSyntax("auto|agent|banner:PORT|http:PORT[/PATH]|console:TEXT|none") { text throws(Rejection) in
            let remedy =
                "write auto, agent, banner:PORT such as banner:2222, http:PORT/PATH such as http:8080/, console:TEXT, or none"
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
            if text.hasPrefix("http:") {
                let place = text.dropFirst(5)
                let path = place.firstIndex(of: "/").map { place[$0...] } ?? ""
                guard let port = UInt16(place.dropLast(path.count)), port > 0 else {
                    throw Rejection(text, "has no port number; \(remedy)")
                }
                guard path.utf8.count <= 255, path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                    throw Rejection(text, "has a path that is too long or has other characters than a URL; \(remedy)")
                }
                return .http(port: port, path: path.isEmpty ? "/" : String(path))
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
            case .http(let port, let path): "http:\(port)\(path)"
            case .console(let text): "console:\(text)"
            }
        }
    }
}
