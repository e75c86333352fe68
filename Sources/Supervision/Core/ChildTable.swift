import Basics
import Linux
import QMP

/// The children of a run: which are there, and when one that ended is started again.
///
/// A child that ends, for whatever reason, comes back after 1 s, twice as long each time up to 60 s, and after 1 s again
/// once it has lived for a minute.
struct ChildTable: Equatable, Sendable {
    enum Action: Equatable, Sendable {
        case launch(Child)
        case kill(pid: Int32, Signal)
        case log(LogLevel, String)
    }

    static let firstPause = Duration.seconds(1)
    static let longestPause = Duration.seconds(60)
    /// A child that has lived this long is well.
    static let minuteOfLife = Duration.seconds(60)
    /// How long a child may take to end before it is killed; nobody waits for that.
    static let endTime = Duration.seconds(2)

    private enum State: Equatable, Sendable {
        case notStarted
        /// The launch has been asked for.
        case asked
        case running(pid: Int32, since: Instant)
        case pausing(until: Instant)
        case ending(pid: Int32, killAt: Instant)
        case killed(pid: Int32)
        /// It has ended during a stop, and stays so.
        case over
    }

    private struct Entry: Equatable, Sendable {
        let child: Child
        var state = State.notStarted
        /// Before it is started again, should it end now.
        var pause = ChildTable.firstPause
        var launches = 0
        /// Launches with earlier QEMUs that were restarts.
        var earlierRestarts = 0
        /// Ended because its QEMU was, it is wanted with the next.
        var comesBack = false

        var restarts: Int { earlierRestarts + max(launches - 1, 0) }

        var pid: Int32? {
            switch state {
            case .running(let pid, _), .ending(let pid, _), .killed(let pid): pid
            case .notStarted, .asked, .pausing, .over: nil
            }
        }
    }

    private var entries: [Entry]

    init(_ children: [Child]) {
        entries = children.map { Entry(child: $0) }
    }

    var restarts: [DroverStatus.Counters.Restarts] {
        entries.map { DroverStatus.Counters.Restarts(child: $0.child.name, count: $0.restarts) }
    }

    var nextDeadline: Instant? {
        entries.compactMap { entry in
            switch entry.state {
            case .pausing(let until): until
            case .ending(_, let killAt): killAt
            case .notStarted, .asked, .running, .killed, .over: nil
            }
        }.min()
    }

    /// Starts those that have not been, or have ended with an earlier QEMU; the latter as soon as they have ended.
    mutating func start() -> [Action] {
        forEach { entry in
            switch entry.state {
            case .notStarted, .over:
                return Self.launch(&entry)
            case .ending, .killed:
                entry.comesBack = true
                return []
            case .asked, .running, .pausing:
                return []
            }
        }
    }

    /// QEMU has ended without the run, and their channels with it; that they end is no fault of theirs.
    mutating func qemuHasGone(at now: Instant) -> [Action] {
        forEach { entry in
            Self.end(&entry, at: now)
        }
    }

    mutating func launched(_ name: String, _ pid: Int32, at now: Instant) -> [Action] {
        forEach { entry in
            guard entry.child.name == name else { return [] }
            // A stop has come between the launch and its answer.
            guard entry.state == .asked else {
                entry.state = .killed(pid: pid)
                return [.kill(pid: pid, .kill)]
            }
            entry.state = .running(pid: pid, since: now)
            entry.launches += 1
            return [.log(.debug, "\(name) runs, pid \(pid)")]
        }
    }

    mutating func launchFailed(_ name: String, _ errno: Errno, at now: Instant) -> [Action] {
        forEach { entry in
            guard entry.child.name == name, entry.state == .asked else { return [] }
            return Self.pause(&entry, "\(name) cannot be started: \(errno)", at: now)
        }
    }

    func name(of pid: Int32) -> String? {
        entries.first { $0.pid == pid }?.child.name
    }

    /// - Returns: nil when the pid is no child's.
    mutating func ended(_ pid: Int32, _ status: WaitStatus, at now: Instant) -> [Action]? {
        guard let index = entries.firstIndex(where: { $0.pid == pid }) else { return nil }
        guard case .running(_, let since) = entries[index].state else {
            let comesBack = entries[index].comesBack
            entries[index].comesBack = false
            entries[index].state = .over
            return comesBack ? Self.launch(&entries[index]) : []
        }
        if now - since >= Self.minuteOfLife { entries[index].pause = Self.firstPause }
        let name = entries[index].child.name
        // Its own watchdog.
        let isStuck = status == .killed(.alarm, coreDumped: false)
        return Self.pause(
            &entries[index],
            isStuck ? "\(name) waited in vain for a volume to answer, and has ended itself" : "\(name) \(status)",
            at: now)
    }

    /// Anew with its QEMU, which is no restart.
    private static func launch(_ entry: inout Entry) -> [Action] {
        entry.state = .asked
        (entry.earlierRestarts, entry.launches) = (entry.restarts, 0)
        return [.launch(entry.child)]
    }

    private static func pause(_ entry: inout Entry, _ what: String, at now: Instant) -> [Action] {
        let pause = entry.pause
        entry.state = .pausing(until: now + pause)
        entry.pause = min(pause * 2, longestPause)
        return [.log(.warning, "\(what); it is started again in \(pause.brief)")]
    }

    mutating func deadlineReached(at now: Instant) -> [Action] {
        forEach { entry in
            switch entry.state {
            case .pausing(let until) where until <= now:
                entry.state = .asked
                return [.launch(entry.child)]
            case .ending(let pid, let killAt) where killAt <= now:
                entry.state = .killed(pid: pid)
                return [.log(.warning, "\(entry.child.name) does not end; killing it"), .kill(pid: pid, .kill)]
            default:
                return []
            }
        }
    }

    /// A stop has been asked for, or the guest has powered itself off; what serves the guest to its end goes on, and comes back if it dies.
    ///
    /// - Parameter busy: who has something to finish first, and `finished` when that is done; killed after the same time.
    mutating func stopBegan(at now: Instant, busy: String? = nil) -> [Action] {
        forEach { entry in
            guard entry.child.stopOrder == .beforeGuest else { return [] }
            let ending = Self.end(&entry, at: now)
            return entry.child.name == busy ? [] : ending
        }
    }

    /// Has it end within `endTime`, if it runs, and not come back.
    private static func end(_ entry: inout Entry, at now: Instant) -> [Action] {
        entry.comesBack = false
        switch entry.state {
        case .running(let pid, _):
            entry.state = .ending(pid: pid, killAt: now + endTime)
            return [.kill(pid: pid, .terminate)]
        case .notStarted, .asked, .pausing:
            entry.state = .over
            return []
        case .ending, .killed, .over:
            return []
        }
    }

    mutating func finished(_ name: String) -> [Action] {
        forEach { entry in
            guard entry.child.name == name, case .ending(let pid, _) = entry.state else { return [] }
            return [.kill(pid: pid, .terminate)]
        }
    }

    /// The run is over, and waits for nobody.
    mutating func endAtOnce() -> [Action] {
        forEach { entry in
            defer { entry.state = .over }
            return entry.pid.map { [.kill(pid: $0, .kill)] } ?? []
        }
    }

    private mutating func forEach(_ act: (inout Entry) -> [Action]) -> [Action] {
        var actions: [Action] = []
        for index in entries.indices { actions += act(&entries[index]) }
        return actions
    }
}

extension Supervisor {
    func perform(_ wanted: [ChildTable.Action]) -> [Action] {
        wanted.map { action in
            switch action {
            case .launch(let child): .launchChild(child)
            case .kill(let pid, let signal): .kill(pid: pid, signal)
            case .log(let level, let message): .log(level, message)
            }
        }
    }
}
