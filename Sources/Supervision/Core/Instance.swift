import Linux
import Machine

/// One QEMU, from the decision to launch it to its end, and what it has shown of its guest.
struct Instance: Equatable, Sendable {
    /// How far it has come. What is known of it is known from then on.
    enum Progress: Equatable, Sendable {
        /// The launch has been asked for; its answer is still to come.
        case asked
        case launched(pid: Int32)
        case greeted(pid: Int32, version: String)
        /// The guest's CPUs have run.
        case ran(pid: Int32, version: String, since: Instant)
    }

    let step: LaunchStep
    let launchedAt: Instant
    var progress = Progress.asked
    /// Its control channel has ended, or what comes through it cannot be trusted.
    var channelIsLost = false
    var guest = Guest()

    init(_ step: LaunchStep, launchedAt: Instant) {
        self.step = step
        self.launchedAt = launchedAt
    }

    var pid: Int32? {
        switch progress {
        case .asked: nil
        case .launched(let pid), .greeted(let pid, _), .ran(let pid, _, _): pid
        }
    }

    /// As QEMU's greeting gives it.
    var version: String? {
        switch progress {
        case .asked, .launched: nil
        case .greeted(_, let version), .ran(_, let version, _): version
        }
    }

    var hasGreeted: Bool { version != nil }

    /// How long the guest's CPUs have run.
    func age(at now: Instant) -> Duration {
        switch progress {
        case .asked, .launched, .greeted: .zero
        case .ran(_, _, let since): now - since
        }
    }
}

/// What is known of the guest that one QEMU runs.
struct Guest: Equatable, Sendable {
    /// It has written to its console.
    var hasWritten = false
    var isPaused = false
    /// What is known of a revert that has failed.
    var revert = FailedRevert()
    /// Its last line, when that says that the guest has halted.
    var haltLine: String?
    /// Its first line that says that it is coming down, during a stop.
    var shutdownLine: String?
    /// By the guest itself.
    var resets = 0
    /// As a panic device of QEMU's has told.
    var panics = 0
    /// When the machine was last reset.
    var lastReset: Instant?
    /// QEMU's word that the guest powered itself off.
    var isPoweredOff = false
    /// QEMU's reason for the last SHUTDOWN.
    var downReason: String?
}
