import Glibc
import Linux

// What metrics cost: CPU time of a scrape in the child that serves them and in PID 1, and what the child takes between scrapes.

/// CPU time that a process with one thread has had (Documentation/scheduler/sched-stats).
private func cpuTime(of pid: Int32) -> Duration {
    .nanoseconds(text("/proc/\(pid)/schedstat").split(separator: " ").first.flatMap { Int64($0) } ?? 0)
}

/// Reads the answers of a connection that is kept.
private struct Scraper {
    let connection: Descriptor
    private let request = Array("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n".utf8)

    init(port: UInt16) throws {
        connection = try Descriptor.connect(tcp: "127.0.0.1", port: port, until: .now() + .seconds(10))
    }

    func scrape() throws {
        _ = try connection.send(request)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            guard try connection.wait(until: .readable, .now() + .seconds(10)) else { throw Errno.timedOut }
            let count = try connection.read(into: &buffer)
            guard count > 0 else { throw Errno.brokenPipe }
            answer += buffer[..<count]
            let text = String(decoding: answer, as: UTF8.self)
            if let length = Self.length(of: text), answer.count >= length { return }
            if answer.count > 1 << 20 { throw Errno.tooLarge }
        }
    }

    /// Of the whole answer, as its header says.
    private static func length(of text: String) -> Int? {
        let lines = text.utf8.split(separator: 10)
        guard let place = lines.firstIndex(where: { $0.elementsEqual([13]) }),
            let field = lines[..<place].first(where: { $0.starts(with: "Content-Length: ".utf8) }),
            let body = Int(String(decoding: field.dropFirst(16).dropLast(), as: UTF8.self))
        else { return nil }
        return lines[...place].reduce(0) { $0 + $1.count + 1 } + body
    }
}

/// - Parameter variables: of a drover run whose PATH has the real QEMU.
func measureMetrics(_ drover: String, _ variables: [String], in folder: String) throws {
    let port: UInt16 = 46238
    let run = try startDrover(drover, variables + ["METRICS_LISTEN=127.0.0.1:\(port)"], in: "\(folder)/run")
    defer {
        try? send(.kill, to: run)
        _ = try? waitForChild(run)
    }
    let deadline = Instant.now() + .seconds(30)
    var scraper: Scraper?
    while scraper == nil, Instant.now() < deadline {
        scraper = try? Scraper(port: port)
        sched_yield()
    }
    guard let scraper,
        let child = children(run).first(where: { text("/proc/\($0)/cmdline").hasPrefix("drover\0metrics") })
    else { throw Errno.connectionRefused }
    for _ in 0..<20 { try scraper.scrape() }
    let count = 300
    var (own, ofPID1): ([Duration], [Duration]) = ([], [])
    for _ in 0..<count {
        let before = (cpuTime(of: child), cpuTime(of: run))
        try scraper.scrape()
        // Both have done with it when they sleep again.
        _ = try scraper.connection.wait(until: .readable, .now() + .milliseconds(2))
        own.append(cpuTime(of: child) - before.0)
        ofPID1.append(cpuTime(of: run) - before.1)
    }
    row("CPU time of a scrape, drover metrics", milliseconds(median(own)), "at most 3 ms")
    row("CPU time of a scrape, PID 1", milliseconds(median(ofPID1)), "at most 0.5 ms")
    row("resident memory of drover metrics", "\(status(child, "VmRSS")) KiB", "at most 4096 KiB")
    // Nothing comes there.
    _ = try scraper.connection.wait(until: .readable, .now() + .seconds(2))
    let before = status(child, "voluntary_ctxt_switches")
    _ = try scraper.connection.wait(until: .readable, .now() + .seconds(10))
    row(
        "wake-ups of drover metrics in 10 s without a scrape", "\(status(child, "voluntary_ctxt_switches") - before)",
        "0")
}
