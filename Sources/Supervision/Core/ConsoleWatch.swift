import Linux

/// What a stretch of the guest's console says.
public struct ConsoleFinding: Equatable, Sendable {
    /// Its last line, when that says that the guest has halted. One that says so says nothing after it.
    public var haltLine: String?
    /// A line held the text that shows that the guest is ready.
    public var showsReadiness: Bool

    public init(haltLine: String? = nil, showsReadiness: Bool = false) {
        self.haltLine = haltLine
        self.showsReadiness = showsReadiness
    }
}

/// Looks through the guest's console, a line at a time, for what decides something.
///
/// The guest may write hundreds of thousands of lines a second: a line costs a search while a pattern is awaited, and
/// nothing otherwise.
struct ConsoleWatch {
    private let pattern: [UInt8]
    private var isPatternAwaited: Bool
    private var showsReadiness = false

    init(pattern: String?, isAwaited: Bool) {
        self.pattern = Array((pattern ?? "").utf8)
        isPatternAwaited = isAwaited
    }

    mutating func look(in line: UnsafeRawBufferPointer) {
        guard isPatternAwaited else { return }
        if pattern.withUnsafeBytes({ line.holds($0) }) {
            showsReadiness = true
            isPatternAwaited = false
        }
    }

    func finding(lastLine: UnsafeRawBufferPointer) -> ConsoleFinding {
        ConsoleFinding(
            haltLine: Self.isHalt(lastLine) ? String(decoding: lastLine, as: UTF8.self) : nil,
            showsReadiness: showsReadiness)
    }

    /// What a guest writes last when it halts without powering off.
    ///
    /// GNU Mach (`halt_all_cpus` in `i386/i386at/model_dep.c`) writes two lines: "Shutdown completed successfully, now in
    /// tight loop." and "You can safely power off the system or hit ctl-alt-del to reboot". Linux (`kernel/reboot.c`):
    /// "reboot: System halted".
    private static let haltPhrases: [StaticString] = [
        "now in tight loop", "hit ctl-alt-del to reboot", "System halted",
    ]

    private static func isHalt(_ line: UnsafeRawBufferPointer) -> Bool {
        haltPhrases.contains { line.holds($0) }
    }
}
