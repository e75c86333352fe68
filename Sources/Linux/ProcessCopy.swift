import CLinux
import Glibc

/// Runs `body` in a copy of this process, which must have one thread (fork(2)). The copy has nothing open but the standard
/// streams and these two, ends with `body`, and is killed when this process dies.
public func runInCopy(keeping kept: Descriptor, _ also: Descriptor, _ body: () -> Void) throws(Errno) {
    guard try retryingInterrupts({ clinux_fork_bound(kept.rawValue, also.rawValue) }) == 0 else { return }
    body()
    _exit(0)
}
