import CLinux
import Glibc

/// Gives every signal its default disposition and blocks none, whatever was inherited: with SIGCHLD ignored, for one, nobody
/// learns how a child has ended. What nohup and a shell's & ignore stays ignored.
public func resetSignals() {
    clinux_reset_signals()
}

/// Runs `body` with every signal held back but those that report a fault of this program; what has come meanwhile acts
/// afterwards. For what must not be left half done, and ends soon.
public func holdingSignals<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    var held = sigset_t()
    sigfillset(&held)
    for signal in Signal.synchronous { sigdelset(&held, signal) }
    var before = sigset_t()
    // It fails for an unknown first argument only.
    sigprocmask(SIG_SETMASK, &held, &before)
    defer { sigprocmask(SIG_SETMASK, &before, nil) }
    return try body()
}
