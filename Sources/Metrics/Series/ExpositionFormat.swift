import Basics

/// How metrics are written.
public enum ExpositionFormat: Equatable, Sendable {
    /// Prometheus' text format 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.
    case openMetrics

    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// - Parameter accepted: the members of `Accept` in lower case; the one that is wanted most wins (RFC 9110 §12.5.1).
    init(accepting accepted: [String]) {
        var (text, openMetrics) = (0, 0)
        for member in accepted {
            let parts = member[...].fields(at: ";").map(\.trimmed)
            guard let type = parts.first else { continue }
            let weight = parts.first { $0.hasPrefix("q=") }.map { Self.thousandths($0.dropFirst(2)) } ?? 1000
            switch type {
            case "application/openmetrics-text":
                let version = parts.first { $0.hasPrefix("version=") }?.dropFirst(8) ?? "1.0.0"
                if version == "1.0.0" { openMetrics = max(openMetrics, weight) }
            case "text/plain", "text/*", "*/*": text = max(text, weight)
            default: break
            }
        }
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .prometheus
    }

    /// `0.5`; what is no weight weighs nothing.
    private static func thousandths(_ text: Substring) -> Int {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int(decimal: parts[0]), whole <= 1 else { return 0 }
        let digits = parts.count > 1 ? String(parts[1].prefix(3)) : ""
        let padded = digits + String(repeating: "0", count: 3 - digits.utf8.count)
        return min(whole * 1000 + (Int(decimal: padded) ?? 0), 1000)
    }
}
