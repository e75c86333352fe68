import Glibc
import Synchronization

/// Ends this process by SIGALRM when it does not get on: a system call on a volume that has stopped answering has no deadline,
/// but gives way to a signal that kills.
///
/// Not so when the volume has taken up the request: then the process ends when that is answered. Therefore a thread of its own
/// says first what there is to say.
public enum Watchdog {
    private static let lastWords = Mutex<(bytes: [UInt8], descriptor: Descriptor)?>(nil)

    /// Before anything else is started that has signals blocked or threads.
    public static func start() throws(Errno) {
        var signals = alarmSignals
        try retryingInterrupts { sigprocmask(SIG_BLOCK, &signals, nil) }
        var thread = pthread_t()
        let error = pthread_create(&thread, nil, { _ in Watchdog.watch() }, nil)
        guard error == 0 else { throw Errno(rawValue: error) }
    }

    /// What is written to `descriptor` when the time is over.
    public static func say(_ bytes: [UInt8], to descriptor: Descriptor) {
        lastWords.withLock { $0 = (bytes, descriptor) }
    }

    /// Until it is called again, or rests.
    public static func allow(_ time: Duration) {
        alarm(UInt32(clamping: time.nanoseconds / 1_000_000_000 + 1))
    }

    public static func rest() {
        alarm(0)
    }

    private static var alarmSignals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGALRM)
        return signals
    }

    private static func watch() -> UnsafeMutableRawPointer? {
        var (signals, number) = (alarmSignals, Int32(0))
        while sigwait(&signals, &number) != 0 {}
        lastWords.withLock { words in
            if let words { _ = try? words.descriptor.write(words.bytes) }
        }
        // Its default action, which this thread does not block any more.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), SIGALRM)
        return nil
    }
}
