import Testing

@testable import Metrics

/// Prometheus' naming rules, https://prometheus.io/docs/practices/naming/, and OpenMetrics' on suffixes.
@Test func namesFollowTheRules() {
    let reserved = ["_bucket", "_count", "_sum", "_created"]
    for series in Series.all {
        let name = series.name
        #expect(name.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil, "\(name)")
        #expect(["drover_", "qemu_", "container_"].contains { name.hasPrefix($0) }, "\(name)")
        #expect(name.hasSuffix("_total") == (series.kind == .counter), "\(name)")
        #expect(name.hasSuffix("_info") == (series.kind == .info), "\(name)")
        #expect(!reserved.contains { series.family.hasSuffix($0) }, "\(name)")
        for unit in ["milliseconds", "ms", "minutes", "kilobytes", "megabytes", "kb", "mb", "percent"] {
            #expect(!series.family.hasSuffix("_\(unit)"), "\(name)")
        }
        for label in series.labels {
            #expect(label.wholeMatch(of: /[a-z][a-z_]*/) != nil && !["le", "quantile"].contains(label), "\(name)")
        }
        #expect(!series.help.isEmpty && series.help.hasSuffix(".") && !series.help.contains("\n"), "\(name)")
    }
    #expect(Set(Series.all.map(\.name)).count == Series.all.count)
    #expect(Set(Series.all.map(\.family)).count == Series.all.count)
}

private let samples = [
    Series.consoleBytes(1 << 40, "out"), Series.startTime(1_795_787_247.493), Series.buildInfo(1, "1.0"),
    Series.consoleBytes(0, "in"), Series.diskFree(-1, "a\"b\\c\nd"), Series.ready(true), Series.vcpuSeconds(0.25, "0"),
]

@Test func prometheusTextIsWrittenByFamily() {
    let text = String(decoding: Exposition.text(samples, .prometheus), as: UTF8.self)
    let values = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(
        values == [
            #"drover_build_info{version="1.0"} 1"#, "drover_start_time_seconds 1795787247.493", "drover_ready 1",
            #"drover_console_bytes_total{direction="out"} 1099511627776"#,
            #"drover_console_bytes_total{direction="in"} 0"#, #"drover_disk_free_bytes{path="a\"b\\c\nd"} -1"#,
            #"qemu_vcpu_seconds_total{vcpu="0"} 0.25"#,
        ])
    #expect(text.contains("# TYPE drover_build_info gauge\n"))
    #expect(text.contains("# TYPE drover_console_bytes_total counter\n"))
    #expect(text.hasSuffix("0.25\n"))
}

@Test func openMetricsHasFamiliesUnitsAndAnEnd() {
    let text = String(decoding: Exposition.text(samples, .openMetrics), as: UTF8.self)
    #expect(text.contains("# TYPE drover_build info\n") && text.contains("\ndrover_build_info{version=\"1.0\"} 1\n"))
    #expect(text.contains("# TYPE drover_console_bytes counter\n# UNIT drover_console_bytes bytes\n"))
    #expect(text.contains("\ndrover_console_bytes_total{direction=\"out\"} 1099511627776\n"))
    #expect(text.hasSuffix("\n# EOF\n"))
}
