import Linux

/// What a stretch of the guest's console says.
public struct ConsoleFinding: Equatable, Sendable {
    /// Its last line, when that says that the guest has halted. One that says so says nothing after it.
    public var haltLine: String?
    /// A line held the text that shows that the guest is ready.
    public var showsReadiness: Bool
    /// The first line that says that the guest is shutting down.
    public var shutdownLine: String?
    /// What its lines stand for, each once.
    public var hints: [Hint]
    /// What it stands for if nothing follows: it ends in an unfinished line.
    public var standstill: Hint?

    public init(
        haltLine: String? = nil, showsReadiness: Bool = false, shutdownLine: String? = nil, hints: [Hint] = [],
        standstill: Hint? = nil
    ) {
        self.haltLine = haltLine
        self.showsReadiness = showsReadiness
        self.shutdownLine = shutdownLine
        self.hints = hints
        self.standstill = standstill
    }
}

/// Looks through the guest's console, a line at a time, for what decides something.
///
/// The guest may write hundreds of thousands of lines a second: a line costs one pass for all phrases, and another for the text of
/// `READY_CHECK` while that is awaited.
struct ConsoleWatch {
    /// What is looked for in every line.
    struct Awaited: Equatable, Sendable {
        /// The text that shows that the guest is ready.
        var readiness = false
        /// That the guest is shutting down.
        var shutdown = false
    }

    private let pattern: [UInt8]
    private var awaited: Awaited
    private let phrases = Self.phrases
    private var hasLooked = false
    private var found = ConsoleFinding()

    init(pattern: String?, _ awaited: Awaited) {
        self.pattern = Array((pattern ?? "").utf8)
        self.awaited = awaited
    }

    mutating func look(in line: UnsafeRawBufferPointer) {
        hasLooked = true
        if found.haltLine != nil { found.haltLine = nil }
        if awaited.readiness, pattern.withUnsafeBytes({ line.holds($0) }) {
            found.showsReadiness = true
            awaited.readiness = false
        }
        if phrases.mayBe(in: line) { lookCloser(at: line) }
    }

    /// A line that the guest has not finished, and may never.
    mutating func look(inUnfinished line: UnsafeRawBufferPointer) {
        look(in: line)
        found.standstill = Hint.ofSilence(after: line)
    }

    /// Nil: there was no line.
    var finding: ConsoleFinding? { hasLooked ? found : nil }

    private mutating func lookCloser(at line: UnsafeRawBufferPointer) {
        if Self.isHalt(line) { found.haltLine = String(decoding: line, as: UTF8.self) }
        if awaited.shutdown, Self.isShutdown(line) {
            found.shutdownLine = String(decoding: line, as: UTF8.self)
            awaited.shutdown = false
        }
        if let hint = Hint.of(line), !found.hints.contains(hint) { found.hints.append(hint) }
    }

    private static let phrases = PhraseSet(haltPhrases + shutdownPhrases + Hint.phrases)

    /// What a guest writes last when it halts without powering off.
    ///
    /// GNU Mach (`halt_all_cpus` in `i386/i386at/model_dep.c`) writes two lines: "Shutdown completed successfully, now in
    /// tight loop." and "You can safely power off the system or hit ctl-alt-del to reboot". Linux (`kernel/reboot.c`):
    /// "reboot: System halted".
    private static let haltPhrases: [StaticString] = [
        "now in tight loop", "hit ctl-alt-del to reboot", "System halted",
    ]

    /// What a guest writes when it has begun to come down: sysvinit and busybox's init, sysvinit's change of runlevel, systemd's
    /// target, systemd when nothing else is left. It is for messages only: a reboot says much the same.
    private static let shutdownPhrases: [StaticString] = [
        "The system is going down", "Switching to runlevel: 0", "Reached target shutdown.target", "systemd-shutdown[1]",
    ]

    private static func isShutdown(_ line: UnsafeRawBufferPointer) -> Bool {
        shutdownPhrases.contains { line.holds($0) }
    }

    static func isHalt(_ line: String) -> Bool {
        Array(line.utf8).withUnsafeBytes(isHalt)
    }

    private static func isHalt(_ line: UnsafeRawBufferPointer) -> Bool {
        haltPhrases.contains { line.holds($0) }
    }
}
