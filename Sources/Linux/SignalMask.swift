import Glibc

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
