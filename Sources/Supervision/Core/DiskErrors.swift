import Basics
import Linux
import Machine
import QMP

/// A file of a disk's, as it was found after an error.
public struct DiskPlace: Equatable, Sendable {
    public let path: String
    /// What may still be written in its file system; nil: nobody knows, or it is in none.
    public let free: MiB?

    public init(path: String, free: MiB?) {
        self.path = path
        self.free = free
    }
}

/// What the log is told of disks that fail: a guest that goes on trying must not fill it.
struct DiskErrors: Equatable, Sendable {
    /// From one line about a disk to the next.
    static let interval = Duration.seconds(60)

    private var lastTold: [String: Instant] = [:]
    /// An error has paused the guest, told or not.
    private(set) var havePaused = false
    /// Whose error has paused the guest, as far as it was told.
    private var pausedBy: String?

    /// - Returns: nil when that was said a moment ago.
    mutating func occurred(_ error: QMPEvent.BlockError, in place: DiskPlace?, at now: Instant) -> String? {
        if error.action == .pauses { havePaused = true }
        if let last = lastTold[error.node], now - last < Self.interval { return nil }
        lastTold[error.node] = now
        let name = place.map { quoted($0.path) } ?? "the disk \(error.node)"
        if error.action == .pauses { pausedBy = name }
        if error.isForSpace {
            return "\(name) cannot grow: \(Self.space(place)); \(Self.consequence(error, "make room"))"
        }
        let what = error.isWrite ? "written" : "read"
        let consequence = Self.consequence(error, "look at the host's disk and its log")
        return "\(name) cannot be \(what): \(error.reason); \(consequence)"
    }

    private static func space(_ place: DiskPlace?) -> String {
        guard let free = place?.free else { return "no space is left" }
        // A file system that has some left may still refuse it to this user.
        return "no space is left in its file system (\(free) free\(free.count > 16 ? ": is there a quota?" : ""))"
    }

    private static func consequence(_ error: QMPEvent.BlockError, _ remedy: String) -> String {
        switch error.action {
        case .pauses: "the guest is paused: \(remedy), then let it go on: drover monitor cont"
        case .told: "the guest was told; \(remedy)"
        case .ignored: "it is ignored; \(remedy)"
        }
    }

    /// The guest's CPUs run again.
    mutating func guestGoesOn() -> String? {
        defer { (havePaused, pausedBy) = (false, nil) }
        return pausedBy.map { "the guest goes on, and tries \($0) again" }
    }
}
