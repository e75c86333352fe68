import Basics

/// Where something is served (`METRICS_LISTEN`).
public enum ListenAddress: Equatable, Sendable {
    /// IPv4.
    case ipv4(String, port: UInt16)
    /// Without brackets. `::` is every address, IPv4's too.
    case ipv6(String, port: UInt16)
    case unix(path: String)

    /// As `METRICS_LISTEN` has it.
    public var text: String {
        switch self {
        case .ipv4(let address, let port): "\(address):\(port)"
        case .ipv6(let address, let port): "[\(address)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Nil: it is no port.
    var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port
        case .unix: nil
        }
    }

    /// Whether both would listen on the same socket address.
    func overlaps(_ forward: PortForward) -> Bool {
        guard forward.transport == .tcp, forward.hostPort == port else { return false }
        switch self {
        case .ipv4(let address, _):
            return address == "0.0.0.0" || forward.hostAddress == nil || forward.hostAddress == address
        case .ipv6(let address, _): return address == "::"
        case .unix: return false
        }
    }
}

extension ValueSyntax where Value == ListenAddress {
    static var listenAddress: ValueSyntax<ListenAddress> {
        ValueSyntax("ADDRESS:PORT|unix:PATH") { text throws(Rejection) in
            let remedy = "write such as 0.0.0.0:9177, 127.0.0.1:9177, [::]:9177 or unix:/run/drover/metrics.sock"
            if text.hasPrefix("unix:") {
                let path = String(text.dropFirst(5))
                try checkPath(path, limit: 107)
                return .unix(path: path)
            }
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(decimal: text[text.index(after: colon)...]),
                port > 0
            else { throw Rejection(text, "has no port from 1 to 65535 at its end; \(remedy)") }
            let address = text[..<colon]
            if PortForward.isIPv4(address) { return .ipv4(String(address), port: port) }
            let inside = address.dropFirst().dropLast()
            guard address.first == "[", address.last == "]", isIPv6(inside) else {
                throw Rejection(text, "has no IPv4 address and no IPv6 address in brackets; \(remedy)")
            }
            return .ipv6(String(inside), port: port)
        } show: {
            $0.text
        }
    }
}

/// As far as its characters go: the kernel has the last word.
private func isIPv6(_ text: Substring) -> Bool {
    text.utf8.count { $0 == UInt8(ascii: ":") } >= 2
        && text.utf8.allSatisfy { $0.isDigit || "abcdefABCDEF:.".utf8.contains($0) }
}

extension UInt16 {
    fileprivate init?(decimal text: some StringProtocol) {
        guard !text.isEmpty, let number = Int(decimal: text), let port = UInt16(exactly: number) else { return nil }
        self = port
    }
}
