import Linux

/// What a stretch of the guest's console says.
public struct ConsoleFinding: Equatable, Sendable {
    /// Its last line, when that says that the guest has halted. One that says so says nothing after it.
    public var haltLine: String?
    /// A line held the text that shows that the guest is ready.
    public var showsReadiness: Bool
    /// The first line that says that the guest is shutting down.
    public var shutdownLine: String?

    public init(haltLine: String? = nil, showsReadiness: Bool = false, shutdownLine: String? = nil) {
        self.haltLine = haltLine
        self.showsReadiness = showsReadiness
        self.shutdownLine = shutdownLine
    }
}

/// Looks through the guest's console, a line at a time, for what decides something.
///
/// The guest may write hundreds of thousands of lines a second: a line costs a search while something is awaited, and
/// nothing otherwise.
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
    private var showsReadiness = false
    private var shutdownLine: String?

    init(pattern: String?, _ awaited: Awaited) {
        self.pattern = Array((pattern ?? "").utf8)
        self.awaited = awaited
    }

    mutating func look(in line: UnsafeRawBufferPointer) {
        if awaited.readiness, pattern.withUnsafeBytes({ line.holds($0) }) {
            showsReadiness = true
            awaited.readiness = false
        }
        if awaited.shutdown, Self.isShutdown(line) {
            shutdownLine = String(decoding: line, as: UTF8.self)
            awaited.shutdown = false
        }
    }

    func finding(lastLine: UnsafeRawBufferPointer) -> ConsoleFinding {
        ConsoleFinding(
            haltLine: Self.isHalt(lastLine) ? String(decoding: lastLine, as: UTF8.self) : nil,
            showsReadiness: showsReadiness, shutdownLine: shutdownLine)
    }

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
