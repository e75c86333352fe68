import Basics
import Linux
import Machine
import QMP

/// A QEMU that is being started, until its guest's CPUs run.
struct Launch: Equatable, Sendable {
    /// How long QEMU may take from its launch to its greeting, and from there to the guest's start. It repairs an image that
    /// was not closed, and allocates memory, before it greets; a stop does not wait for it.
    static let patience = Duration.seconds(120)

    var instance: Instance
    /// When QEMU must have come further; nil until its launch has been answered.
    var deadline: Instant?

    init(_ step: LaunchStep, at now: Instant) {
        instance = Instance(step, launchedAt: now)
    }

    mutating func launched(_ pid: Int32, at now: Instant) {
        instance.progress = .launched(pid: pid)
        deadline = now + Self.patience
    }

    mutating func greeted(_ pid: Int32, _ version: String, at now: Instant) {
        instance.progress = .greeted(pid: pid, version: version)
        deadline = now + Self.patience
    }
}

extension Supervisor {
    /// Starts QEMU by the first of these steps that works.
    mutating func launch(_ steps: [LaunchStep], at now: Instant) -> [Action] {
        stepsLeft = steps[...]
        return launchNextStep(at: now)
    }

    mutating func launchNextStep(at now: Instant) -> [Action] {
        guard let step = stepsLeft.popFirst() else { return end(.qemuFailed, "there is no way left to start QEMU") }
        state = .starting(Launch(step, at: now))
        readiness.reset()
        screen = ScreenReading()
        share.qemuStarts()
        hints.reset()
        return [.log(.info, "starting QEMU: \(step)"), .launch(step)]
    }

    mutating func launched(_ pid: Int32, at now: Instant) -> [Action] {
        switch state {
        case .starting(var launch) where launch.instance.pid == nil:
            launch.launched(pid, at: now)
            state = .starting(launch)
            return []
        case .stopping(let stop) where stop.instance.pid == nil:
            // The stop came between the launch and its answer.
            update { $0.progress = .launched(pid: pid) }
            return [.kill(pid: pid, .kill)]
        case .idle, .starting, .running, .stopping, .ending, .poweredOff, .ended:
            return [.log(.error, "pid \(pid) was launched without being asked for")]
        }
    }

    mutating func launchFailed(_ errno: Errno) -> [Action] {
        if case .stopping = state { return end(.success, "stopped before QEMU was started") }
        switch errno {
        case .noSuchFile: return end(.unavailable, "QEMU cannot be executed: \(errno)")
        case .permissionDenied, .notPermitted: return end(.notPermitted, "QEMU cannot be executed: \(errno)")
        case .noMemory, .wouldBlock: return end(.tryAgain, "QEMU cannot be started now: \(errno)")
        default: return end(.qemuFailed, "QEMU cannot be started: \(errno)")
        }
    }

    mutating func greeted(version: String, at now: Instant) -> [Action] {
        guard case .starting(var launch) = state, case .launched(let pid) = launch.instance.progress else { return [] }
        launch.greeted(pid, version, at: now)
        state = .starting(launch)
        let elapsed = (now - launch.instance.launchedAt).brief
        return [.log(.info, "QEMU \(version) greets, pid \(pid), after \(elapsed)"), .send(.capabilities)]
    }

    /// QEMU has answered `query-status` for the first time.
    mutating func guestRuns(in launch: Launch, status: String, at now: Instant) -> [Action] {
        guard case .greeted(let pid, let version) = launch.instance.progress else { return [] }
        var instance = launch.instance
        instance.progress = .ran(pid: pid, version: version, since: now)
        state = .running(instance)
        if !instance.guest.hasWritten { hints.guestStarted(at: now) }
        let others = withAgent(at: now) { $0.guestStarted(at: now) } + perform(children.start())
        let log: Action =
            status == "running"
            ? .log(.info, "the guest runs")
            : .log(.warning, "QEMU reports the guest as \(status) right after its start")
        return [log] + others
    }

    mutating func deadlineReached(in launch: Launch, at now: Instant) -> [Action] {
        let limit = Launch.patience.brief
        let message =
            launch.instance.version == nil
            ? "QEMU has not greeted within \(limit)" : "QEMU has greeted, but has not let the guest run within \(limit)"
        return [.log(.error, message)] + killQEMU(launch.instance, at: now)
    }
}
