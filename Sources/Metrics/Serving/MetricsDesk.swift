import Basics
import Linux
import Operator
import QMP

/// Who waits for what: the requests of all connections, the scrape and the health checks that they share. Pure: bytes, answers
/// and time come in, and what to send goes out.
public struct MetricsDesk {
    /// Names a connection.
    public typealias Client = Int

    public enum Action: Equatable, Sendable {
        /// To PID 1's channel.
        case sendToPID1([UInt8])
        /// Have the guest's health found out, within so many seconds.
        case check(HealthCheck.Depth, seconds: Int)
        case answer(Client, HTTPAnswer)
    }

    private enum Scrape: Sendable {
        case idle
        /// The batch is under way.
        case asking(began: Instant)
        /// The readings lack whether the guest is ready.
        case checking(Readings, until: Instant)
    }

    private struct Waiting: Sendable {
        let client: Client
        let format: ExpositionFormat
    }

    private let setting: Readings.Setting
    /// Adds what the host tells; whether all of it could be had.
    private let readHost: (inout Readings) -> Bool
    private var batch: QMPBatch
    private var scrape = Scrape.idle
    private var scraping: [Waiting] = []
    private var failedScrapes = 0
    /// Who waits for a health check; a check that is under way has an entry.
    private var checks: [HealthCheck.Depth: [Client]] = [:]

    public init(_ setting: Readings.Setting, readHost: @escaping (inout Readings) -> Bool) {
        (self.setting, self.readHost) = (setting, readHost)
        batch = QMPBatch(asksForBackups: setting.backups != nil, asksForBalloon: setting.hasBalloon)
    }

    /// Nothing is under way.
    public var isIdle: Bool {
        if case .idle = scrape { checks.isEmpty } else { false }
    }

    public var deadline: Instant? {
        switch scrape {
        case .idle: nil
        case .asking: batch.deadline
        case .checking(_, let until): until
        }
    }

    // MARK: What happens

    public mutating func request(_ request: HTTPRequest, of client: Client, at now: Instant) -> [Action] {
        switch request.path {
        case "/metrics":
            scraping.append(Waiting(client: client, format: request.format))
            guard case .idle = scrape else { return [] }
            scrape = .asking(began: now)
            return [.sendToPID1(batch.ask(at: now))]
        case "/live": return check(.live, for: client)
        case "/ready": return check(.ready, for: client)
        case "/":
            let paths = "/metrics for Prometheus; /live and /ready as drover healthcheck answers"
            return [.answer(client, HTTPAnswer(.ok, "drover \(setting.version): \(paths)"))]
        default:
            return [.answer(client, HTTPAnswer(.notFound))]
        }
    }

    private mutating func check(_ depth: HealthCheck.Depth, for client: Client) -> [Action] {
        let isUnderWay = checks[depth] != nil
        checks[depth, default: []].append(client)
        return isUnderWay ? [] : [.check(depth, seconds: HealthCheck.standardTimeout)]
    }

    /// It waits for nothing any more; what was begun for it goes on.
    public mutating func left(_ client: Client) {
        scraping.removeAll { $0.client == client }
        for depth in checks.keys { checks[depth]?.removeAll { $0 == client } }
    }

    /// - Throws: when this cannot be QMP.
    public mutating func received(
        _ bytes: some Sequence<UInt8>, at now: Instant
    ) throws(QMPFramer.LineTooLong) -> [Action] {
        guard let outcome = try batch.receive(bytes) else { return [] }
        return asked(outcome, at: now)
    }

    public mutating func checked(_ depth: HealthCheck.Depth, _ verdict: HealthVerdict) -> [Action] {
        let waiting = checks.removeValue(forKey: depth) ?? []
        var actions = waiting.map {
            Action.answer($0, HTTPAnswer(verdict.isHealthy ? .ok : .serviceUnavailable, verdict.line))
        }
        if depth == .ready, case .checking(var readings, _) = scrape {
            readings.isReady = verdict.isHealthy
            actions += publish(readings)
        }
        return actions
    }

    public mutating func deadlineReached(at now: Instant) -> [Action] {
        switch scrape {
        case .asking(let began):
            if let due = batch.deadline, due > now { return [] }
            if let outcome = batch.deadlineReached(at: now) { return asked(outcome, at: now) }
            return giveUp("PID 1 did not answer within \((now - began).brief)")
        case .checking(let readings, let until) where until <= now:
            return publish(readings)
        case .idle, .checking:
            return []
        }
    }

    // MARK: The scrape

    private mutating func asked(_ outcome: QMPBatch.Outcome, at now: Instant) -> [Action] {
        guard case .asking(let began) = scrape else { return [] }
        var readings = Readings(outcome.status, outcome.qemu)
        readings.backup = outcome.backup.flatMap { try? BackupFigures($0) }
        // A QEMU that does not answer is not asked again by the check.
        guard outcome.qemu != nil else { return publish(readings) }
        let until = max(began + QMPBatch.patience, now + .milliseconds(100))
        scrape = .checking(readings, until: until)
        if checks[.ready] != nil { return [] }
        checks[.ready] = []
        return [.check(.ready, seconds: Int(QMPBatch.patience.nanoseconds / 1_000_000_000))]
    }

    private mutating func publish(_ found: Readings) -> [Action] {
        var readings = found
        let isWhole = readHost(&readings)
        if !isWhole || readings.lacksQEMU { failedScrapes += 1 }
        readings.failedScrapes = failedScrapes
        let samples = readings.samples(setting)
        var texts: [(format: ExpositionFormat, answer: HTTPAnswer)] = []
        var actions: [Action] = []
        for waiting in scraping {
            if let made = texts.first(where: { $0.format == waiting.format }) {
                actions.append(.answer(waiting.client, made.answer))
                continue
            }
            let text = Exposition.text(samples, waiting.format)
            let answer = HTTPAnswer(.ok, contentType: waiting.format.contentType, text)
            texts.append((waiting.format, answer))
            actions.append(.answer(waiting.client, answer))
        }
        (scrape, scraping) = (.idle, [])
        return actions
    }

    private mutating func giveUp(_ reason: String) -> [Action] {
        failedScrapes += 1
        let answer = HTTPAnswer(.serviceUnavailable, reason)
        let actions = scraping.map { Action.answer($0.client, answer) }
        (scrape, scraping) = (.idle, [])
        return actions
    }
}
