/// Writes samples as text.
public enum Exposition {
    /// Families are in the order of `Series.all`, and those without a sample are left out.
    public static func text(_ samples: [Sample], _ format: ExpositionFormat) -> [UInt8] {
        var byName: [String: [Sample]] = [:]
        for sample in samples { byName[sample.series.name, default: []].append(sample) }
        var text: [UInt8] = []
        text.reserveCapacity(16384)
        for series in Series.all {
            guard let samples = byName[series.name] else { continue }
            text += head(series, format).utf8
            for sample in samples {
                text += series.name.utf8
                text += labels(sample).utf8
                text += " \(number(sample.value))\n".utf8
            }
        }
        if format == .openMetrics { text += "# EOF\n".utf8 }
        return text
    }

    private static func head(_ series: Series, _ format: ExpositionFormat) -> String {
        switch format {
        case .prometheus:
            let kind = series.kind == .counter ? "counter" : "gauge"
            return "# HELP \(series.name) \(escaped(series.help, quotes: false))\n# TYPE \(series.name) \(kind)\n"
        case .openMetrics:
            let unit = series.unit.map { "# UNIT \(series.family) \($0)\n" } ?? ""
            let type = "# TYPE \(series.family) \(series.kind.rawValue)\n"
            return "\(type)\(unit)# HELP \(series.family) \(escaped(series.help, quotes: true))\n"
        }
    }

    private static func labels(_ sample: Sample) -> String {
        if sample.labelValues.isEmpty { return "" }
        let pairs = zip(sample.series.labels, sample.labelValues).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whole numbers without a fraction, as long as a double can tell them apart.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 9e15 ? String(Int(value)) : value.description
    }
}
