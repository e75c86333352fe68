import Glibc

/// Ends this process by SIGALRM when it does not get on: a system call on a volume that has stopped answering has no deadline,
/// but gives way to a signal that kills.
public enum Watchdog {
    /// Until it is called again, or rests.
    public static func allow(_ time: Duration) {
        alarm(UInt32(clamping: time.nanoseconds / 1_000_000_000 + 1))
    }

    public static func rest() {
        alarm(0)
    }
}
