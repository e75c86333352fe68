import CLinux
import Glibc

/// One deadline as a descriptor (timerfd_create(2) on CLOCK_MONOTONIC).
public struct TimerDescriptor: Sendable {
    public let descriptor: Descriptor

    public init() throws(Errno) {
        let flags = Int32(TFD_CLOEXEC | TFD_NONBLOCK)
        descriptor = Descriptor(owning: try retryingInterrupts { timerfd_create(CLOCK_MONOTONIC, flags) })
    }

    /// Becomes readable at `deadline`, at once when it has passed; nil disarms. Clears an expiry not yet read.
    public func arm(at deadline: Instant?) throws(Errno) {
        var setting = itimerspec()
        if let deadline {
            let nanoseconds = max(deadline.nanoseconds, 1)  // zero would disarm
            setting.it_value.tv_sec = Int(clamping: nanoseconds / 1_000_000_000)
            setting.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        let absolute = Int32(TFD_TIMER_ABSTIME)
        try retryingInterrupts { timerfd_settime(descriptor.rawValue, absolute, &setting, nil) }
    }
}
