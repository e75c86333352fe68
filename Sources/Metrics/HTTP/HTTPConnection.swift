import Linux

/// A connection of a client: what it has sent, what it is to get, and how long it may take for both.
///
/// Requests are answered one after the other. While one is being answered nothing more is read, so that who sends without
/// reading is held up by its own socket.
public struct HTTPConnection: Sendable {
    /// For the header of a request, from the beginning of the connection or the request's first byte.
    public static let headerTime = Duration.seconds(5)
    /// For taking the answer.
    public static let answerTime = Duration.seconds(10)
    /// For the rest of what a refused client sends: closing at once would take the answer from it (RFC 9112 §9.6).
    public static let lingerTime = Duration.seconds(1)

    private enum Phase: Sendable {
        /// Nil: it has been answered, and may take its time to ask again.
        case reading(until: Instant?)
        case answering(HTTPRequest)
        case writing(until: Instant, isKeptAlive: Bool)
        case lingering(until: Instant)
        case over
    }

    private var phase: Phase
    private var parser = HTTPRequestParser()
    private var inputIsOver = false
    /// What it is still to get is from `start` on.
    public private(set) var output: [UInt8] = []
    public private(set) var start = 0

    public init(at now: Instant) {
        phase = .reading(until: now + Self.headerTime)
    }

    public var isOver: Bool { if case .over = phase { true } else { false } }

    /// Nothing is under way: it can be closed in favour of another one.
    public var isIdle: Bool {
        switch phase {
        case .reading(nil), .lingering: true
        case .reading, .answering, .writing, .over: false
        }
    }

    /// Bytes that it has sent and nobody has looked at yet.
    var held: Int { parser.count }

    public var wantsInput: Bool {
        switch phase {
        case .reading, .lingering: !inputIsOver
        case .answering, .writing, .over: false
        }
    }

    public var hasOutput: Bool { start < output.count }

    /// It has been told that no more comes, and is to be told so by its socket too.
    public var isLingering: Bool { if case .lingering = phase { true } else { false } }

    public var deadline: Instant? {
        switch phase {
        case .reading(let until): until
        case .writing(let until, _), .lingering(let until): until
        case .answering, .over: nil
        }
    }

    // MARK: What happens

    /// - Returns: a request that `answer` is to be called for.
    public mutating func receive(_ bytes: some Collection<UInt8>, at now: Instant, second: Int) -> HTTPRequest? {
        guard case .reading(let until) = phase else { return nil }
        parser.append(bytes)
        if until == nil, !parser.isEmpty { phase = .reading(until: now + Self.headerTime) }
        return next(at: now, second: second)
    }

    private mutating func next(at now: Instant, second: Int) -> HTTPRequest? {
        do throws(HTTPRefusal) {
            guard let request = try parser.next() else {
                if inputIsOver { phase = .over }
                return nil
            }
            phase = .answering(request)
            return request
        } catch {
            write(HTTPAnswer(error.status), isKeptAlive: error.isKeptAlive && !inputIsOver, at: now, second: second)
            return nil
        }
    }

    /// - Parameter second: since 1970.
    public mutating func answer(_ answer: HTTPAnswer, at now: Instant, second: Int) {
        guard case .answering(let request) = phase else { return }
        write(
            answer, withBody: !request.isHead, isKeptAlive: request.isKeptAlive && !inputIsOver, at: now,
            second: second)
    }

    private mutating func write(
        _ answer: HTTPAnswer, withBody: Bool = true, isKeptAlive: Bool, at now: Instant, second: Int
    ) {
        output = answer.encoded(withBody: withBody, isKeptAlive: isKeptAlive, second: second)
        start = 0
        phase = .writing(until: now + Self.answerTime, isKeptAlive: isKeptAlive)
    }

    /// - Returns: the next request, when it has been sent already.
    public mutating func wrote(_ count: Int, at now: Instant, second: Int) -> HTTPRequest? {
        start += count
        guard case .writing(_, let isKeptAlive) = phase, !hasOutput else { return nil }
        (output, start) = ([], 0)
        guard isKeptAlive else {
            phase = inputIsOver ? .over : .lingering(until: now + Self.lingerTime)
            return nil
        }
        phase = .reading(until: parser.isEmpty ? nil : now + Self.headerTime)
        return next(at: now, second: second)
    }

    /// It sends no more; what it has asked for it still gets.
    public mutating func inputEnded() {
        inputIsOver = true
        switch phase {
        case .reading, .lingering: phase = .over
        case .answering, .writing, .over: break
        }
    }

    /// Nobody is there any more.
    public mutating func lost() {
        phase = .over
    }

    public mutating func deadlineReached(at now: Instant, second: Int) {
        guard let deadline, deadline <= now else { return }
        if case .reading = phase {
            write(HTTPAnswer(.requestTimeout), isKeptAlive: false, at: now, second: second)
        } else {
            phase = .over
        }
    }
}
