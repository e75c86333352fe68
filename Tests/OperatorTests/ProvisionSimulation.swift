import Linux
import Testing

@testable import Operator

/// `drover provision` at a fake guest, in simulated time.
struct ProvisionSimulation {
    var guest: FakeGuest
    private(set) var dialogue: ProvisionDialogue
    private(set) var said: [String] = []
    private(set) var asked = 0
    private let start = Instant(nanoseconds: 1_000_000_000)
    private(set) var now: Instant
    /// What is on its way to us.
    private var output: [(at: Instant, bytes: [UInt8])] = []
    private var actions: [ProvisionDialogue.Action]
    /// Bytes come in pieces of this size, so long after each other.
    private let pieces: (size: Int, gap: Duration)
    /// After this many bytes the guest is held up.
    private let hesitation: (after: Int, for: Duration)?
    private var delivered = 0
    private var interruption: Instant?
    private let isOnScreen: Bool
    private var display = FakeScreen()
    private var stream = ScreenStream()
    private var nextLook: Instant
    /// When what is being typed has been.
    private var typedAt: Instant?

    init(
        _ guest: FakeGuest, _ options: ProvisionOptions = ProvisionOptions(), replay: String = "",
        pieces: (size: Int, gap: Duration) = (4096, .zero), hesitation: (after: Int, for: Duration)? = nil,
        interruptedAfter: Duration? = nil
    ) {
        self.guest = guest
        self.pieces = pieces
        self.hesitation = hesitation
        (now, nextLook) = (start, start)
        isOnScreen = options.console == .screen
        dialogue = ProvisionDialogue(options, nonce: "4e6f", at: start)
        actions = dialogue.begin()
        interruption = interruptedAfter.map { [start] in start + $0 }
        arrive(replay, at: start)
    }

    struct Endless: Error {}

    /// - Returns: why it failed; nil: all is well.
    mutating func run() throws -> ClientFailure? {
        for _ in 0..<200_000 {
            while !actions.isEmpty {
                switch actions.removeFirst() {
                case .say(let text): said.append(text)
                case .type(let bytes):
                    #expect(bytes.count < 256)
                    // A key takes 40 to 80 ms.
                    if isOnScreen { typedAt = (typedAt ?? now) + .milliseconds(50 * bytes.count) }
                    var time = typedAt ?? now
                    for (pause, text) in guest.typed(bytes) {
                        time = time + pause
                        arrive(text, at: time)
                    }
                case .askAgent:
                    asked += 1
                    let answers = asked == 1 ? guest.agentAnswersFirst : guest.agentAnswersAtLast
                    actions += dialogue.handle(.agent(problem: answers ? nil : "it does not answer"), at: now)
                case .end(let failure): return failure
                }
            }
            let wake = isOnScreen ? typedAt ?? nextLook : dialogue.wake
            #expect(dialogue.wake > now || typedAt != nil)
            if let interruption, interruption <= min(wake, output.first?.at ?? wake) {
                now = max(now, interruption)
                self.interruption = nil
                actions = dialogue.handle(.interrupted, at: now)
            } else if isOnScreen {
                look(at: wake)
            } else if let first = output.first, first.at <= wake {
                output.removeFirst()
                now = max(now, first.at)
                actions = dialogue.handle(.output(first.bytes), at: now)
            } else {
                now = wake
                actions = dialogue.handle(.time, at: now)
            }
        }
        throw Endless()
    }

    /// Nobody looks while keys are pressed.
    private mutating func look(at time: Instant) {
        now = max(now, time)
        while let first = output.first, first.at <= now { display.write(output.removeFirst().bytes) }
        if typedAt != nil {
            typedAt = nil
            actions = dialogue.handle(.typed, at: now)
            return
        }
        nextLook = now + .milliseconds(250)
        let bytes = stream.bytes(of: display.picture)
        actions = dialogue.handle(bytes.isEmpty ? .time : .output(bytes), at: now)
    }

    mutating func close() -> [ProvisionDialogue.Action] { dialogue.handle(.consoleClosed, at: now) }

    /// How long it has taken.
    var took: Duration { now - start }
    var screen: String { dialogue.transcript.joined(separator: "\n") }

    private mutating func arrive(_ text: String, at time: Instant) {
        var time = max(time, output.last?.at ?? time)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            var size = min(pieces.size, rest.count)
            if let hesitation, (delivered..<delivered + size).contains(hesitation.after) {
                size = hesitation.after - delivered
                if size == 0 {
                    time = time + hesitation.for
                    size = 1
                }
            }
            output.append((time, Array(rest.prefix(size))))
            delivered += size
            rest = rest.dropFirst(size)
            time = time + pieces.gap
        }
    }
}
