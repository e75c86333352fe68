/// A family of time series: its declaration in `Series.all` is the only place that knows its name, kind and meaning. What is
/// served and docs/metrics.md come from it.
public struct Series: Hashable, Sendable {
    public enum Kind: String, Sendable { case counter, gauge, info }

    /// As it is stored, with the suffix of its kind: `_total`, `_info`.
    public let name: String
    public let kind: Kind
    /// The names of its labels.
    public let labels: [String]
    /// One line.
    public let help: String

    init(_ name: String, _ kind: Kind, _ labels: [String], _ help: String) {
        (self.name, self.kind, self.labels, self.help) = (name, kind, labels, help)
    }

    init(_ name: String, _ kind: Kind, _ help: String) { self.init(name, kind, [], help) }

    /// Without the suffix, as OpenMetrics calls the family.
    var family: String {
        switch kind {
        case .counter: String(name.dropLast("_total".utf8.count))
        case .info: String(name.dropLast("_info".utf8.count))
        case .gauge: name
        }
    }

    /// Part of the name, as both formats want it; nil: a number of things, or yes and no.
    public var unit: String? {
        ["seconds", "bytes"].first { family.hasSuffix("_" + $0) }
    }

    /// Which each of its labels gets a value.
    func callAsFunction(_ value: Double, _ labelValues: String...) -> Sample {
        Sample(series: self, labelValues: labelValues, value: value)
    }

    func callAsFunction(_ value: some BinaryInteger, _ labelValues: String...) -> Sample {
        Sample(series: self, labelValues: labelValues, value: Double(value))
    }

    func callAsFunction(_ value: Bool, _ labelValues: String...) -> Sample {
        Sample(series: self, labelValues: labelValues, value: value ? 1 : 0)
    }
}

/// One number.
public struct Sample: Equatable, Sendable {
    public let series: Series
    /// In the order of the series' labels.
    public let labelValues: [String]
    public let value: Double
}
