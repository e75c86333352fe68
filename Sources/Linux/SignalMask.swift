import Glibc

/// Runs `body` with every signal held back but those that report a fault of this program; what has come meanwhile acts
/// afterwards. For what must not be left half done, and ends soon.
public func holdingSignals<Result>(_ body: () throws -> Result) throws -> Result {
    var held = sigset_t()
    sigfillset(&held)
    for signal in Signal.synchronous { sigdelset(&held, signal) }
    var before = sigset_t()
    try retryingInterrupts { sigprocmask(SIG_SETMASK, &held, &before) }
    defer { _ = sigprocmask(SIG_SETMASK, &before, nil) }
    return try body()
}
