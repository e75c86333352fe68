import Glibc
import Linux

// What metrics cost: CPU time of a scrape in the child that serves them and in PID 1, what the child takes between scrapes, and
// what a guest feels of them.

/// CPU time that a process with one thread has had (Documentation/scheduler/sched-stats).
private func cpuTime(of pid: Int32) -> Duration {
    .nanoseconds(text("/proc/\(pid)/schedstat").split(separator: " ").first.flatMap { Int64($0) } ?? 0)
}

/// Reads the answers of a connection that is kept.
private struct Scraper {
    let connection: Descriptor
    private let request = Array("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n".utf8)

    init(port: UInt16) throws {
        connection = try Self.connect(to: port)
    }

    /// Nobody listens before QEMU has greeted.
    private static func connect(to port: UInt16) throws -> Descriptor {
        let deadline = Instant.now() + .seconds(30)
        while true {
            if let connection = try? Descriptor.connect(tcp: "127.0.0.1", port: port, until: deadline) {
                return connection
            }
            guard Instant.now() < deadline else { throw Errno.connectionRefused }
            sched_yield()
        }
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
    let scraper = try Scraper(port: port)
    for _ in 0..<20 { try scraper.scrape() }
    // PID 1 listens before the child is there, which has answered by now.
    guard let child = children(run).first(where: { text("/proc/\($0)/cmdline").hasPrefix("drover\0metrics") })
    else { throw Errno.inputOutput }
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

// MARK: The guest

/// A boot sector that does nothing but count, from 0x500 on, in 64 bits: `xor ax, ax; mov ds, ax; 1: add dword [0x500], 1;
/// adc dword [0x504], 0; jmp 1b`.
private let countingSector: [UInt8] =
    [0x31, 0xC0, 0x8E, 0xD8, 0x66, 0x83, 0x06, 0x00, 0x05, 0x01, 0x66, 0x83, 0x16, 0x04, 0x05, 0x00, 0xEB, 0xF2]
    + [UInt8](repeating: 0, count: 492) + [0x55, 0xAA]

/// The speed of a guest that is scraped once a second beside its speed when nobody asks, in pairs.
func measureScrapedGuest(_ drover: String, _ variables: [String], in folder: String) throws {
    let port: UInt16 = 46239
    let (disk, answer) = ("\(folder)/counter.raw", "\(folder)/counted")
    let file = try Descriptor.open(disk, [.writeOnly, .create])
    _ = try file.write(countingSector + [UInt8](repeating: 0, count: 1 << 20 - countingSector.count))
    let own = ["QEMU_DRIVE=\(disk)", "QMP_POLICY=full", "METRICS_LISTEN=127.0.0.1:\(port)"]
    let names = own.map { $0.prefix { $0 != "=" } + "=" }
    let variables = variables.filter { variable in !names.contains { variable.hasPrefix($0) } } + own
    let run = try startDrover(drover, variables, in: "\(folder)/run")
    defer {
        try? send(.kill, to: run)
        _ = try? waitForChild(run)
    }
    func counted() throws -> Double {
        let command = "exec '\(drover)' monitor xp /2xw 0x500 >'\(answer)'"
        guard try waitForChild(try spawn("/bin/bash", ["bash", "-c", command], variables)) == .exited(0) else {
            throw Errno.inputOutput
        }
        let words = text(answer).split(whereSeparator: { " \n".contains($0) }).suffix(2)
        let numbers = words.compactMap { UInt32($0.dropFirst(2), radix: 16) }
        guard numbers.count == 2 else { throw Errno.inputOutput }
        return Double(numbers[1]) * 0x1p32 + Double(numbers[0])
    }
    let deadline = Instant.now() + .seconds(60)
    while try counted() < 0x1p20 { guard Instant.now() < deadline else { throw Errno.timedOut } }
    let scraper = try Scraper(port: port)
    try scraper.scrape()
    /// Counts a second, for five seconds.
    func speed(isScraped: Bool) throws -> Double {
        let (before, start) = (try counted(), Instant.now())
        for _ in 0..<5 {
            if isScraped { try scraper.scrape() }
            // Nothing comes there.
            _ = try scraper.connection.wait(until: .readable, .now() + .seconds(1))
        }
        return (try counted() - before) / Double((Instant.now() - start).nanoseconds)
    }
    let ratios = try (0..<9).map { turn -> Double in
        let first = try speed(isScraped: turn % 2 == 0)
        let second = try speed(isScraped: turn % 2 == 1)
        return turn % 2 == 0 ? first / second : second / first
    }.sorted()
    row(
        "a guest's speed at one scrape a second, beside none",
        "\(ratio(ratios[4], 1)) x (\(ratio(ratios[0], 1)) to \(ratio(ratios[8], 1)))", "1 x")
}
