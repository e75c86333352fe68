import Basics
import Linux

// What a stop is given, and what it wants done.
extension Stop {
    enum Action: Equatable, Sendable {
        case resumeGuest
        /// To be answered by `agentAppeared`, when there is one.
        case seekAgent
        /// To be answered by `nobodyReadsSerial`, when that is so.
        case lookWhoReadsSerial
        /// To be answered by `screenRead`.
        case readScreen
        /// To be answered by `cpusRead`.
        case readCPUs
        case askAgent
        case pressPowerButton
        case quitQEMU
        /// Sent to QEMU's process.
        case signal(Signal, pid: Int32)
        case log(LogLevel, String)
        /// The run is over.
        case end(ExitCode, String)
    }

    /// What has been asked for, by whom.
    struct Order: Equatable, Sendable {
        /// Such as `SIGTERM`, or `drover stop (pid 12, uid 0)`.
        let reason: String
        let ladder: ShutdownLadder
        /// The guest is not waited for.
        var isForced = false
        /// By a signal: the next one does not wait for the guest.
        var isSignal = false
        /// PID 1 itself has failed.
        var isFailure = false
    }

    /// What is known of the guest's agent when the stop begins.
    enum Agent { case none, unknown, answers }
}
