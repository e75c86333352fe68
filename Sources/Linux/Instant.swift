import Glibc

/// A point on CLOCK_MONOTONIC.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since an arbitrary start.
    public let nanoseconds: UInt64

    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    public static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Saturates at both ends, so that no sum of times can trap.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = Int64(clamping: instant.nanoseconds).addingReportingOverflow(duration.nanoseconds)
        if overflow { return Instant(nanoseconds: duration < .zero ? 0 : UInt64(Int64.max)) }
        return Instant(nanoseconds: UInt64(max(sum, 0)))
    }

    public static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(Int64(clamping: left.nanoseconds) - Int64(clamping: right.nanoseconds))
    }
}

/// Of the wall clock, since 1970; it may jump.
public func currentSecond() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec
}

extension Duration {
    /// Saturates beyond 292 years.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
    }

    /// For people: `0.4 s`, `12 s`, `3.1 ms`.
    public var brief: String {
        let milliseconds = Double(nanoseconds) / 1e6
        func tenths(_ value: Double) -> String {
            let scaled = Int((value * 10).rounded())
            return "\(scaled / 10).\(abs(scaled % 10))"
        }
        if milliseconds < 100 { return tenths(milliseconds) + " ms" }
        if milliseconds < 10_000 { return tenths(milliseconds / 1000) + " s" }
        return "\(Int((milliseconds / 1000).rounded())) s"
    }
}
