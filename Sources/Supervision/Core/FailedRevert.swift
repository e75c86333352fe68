import Basics
import JSON
import QMP

/// A revert to a snapshot that QEMU could not carry out. QEMU stops the guest first, and leaves it so, whoever asked for it and
/// however little came of it (migration/savevm.c, `load_snapshot`, QEMU 7.2 to 10.0).
struct FailedRevert: Equatable, Sendable {
    /// Of a guest that stands so (QAPI schema, RunState).
    static let runState = "restore-vm"

    /// Nothing has been touched when QEMU says this: it has looked at the snapshots, and no further.
    private static let harmless = [
        "does not exist in one or more devices", "This is a disk-only snapshot", "does not support snapshots",
        "vmstate block device", "No block device",
    ]

    var leftGuestStopped = false
    /// QEMU's word for it.
    var failure: String?
    /// Some of the disks may be the snapshot's already, and the memory is not.
    private(set) var isTorn = false

    /// - Parameter jobs: the answer to `query-jobs`, the newest first.
    static func reason(in jobs: JSONValue) -> String? {
        let failed = jobs.elements?.first { $0["type"]?.text == "snapshot-load" && $0["error"] != nil }
        return failed?["error"]?.text
    }

    /// - Returns: nil until both are known, that the guest stands and why.
    mutating func settle() -> [Supervisor.Action]? {
        guard leftGuestStopped, let reason = failure else { return nil }
        (leftGuestStopped, failure) = (false, nil)
        let what = "the revert failed: \(quoted(reason, limit: 200))"
        if Self.harmless.contains(where: { reason.holds($0) }) {
            return [.log(.warning, "\(what); the guest goes on as it was"), .send(.resume)]
        }
        isTorn = true
        return [
            .log(
                .error,
                "\(what); the guest stands still, for its disks may be the snapshot's already and its memory is not: "
                    + "revert to a snapshot that can be loaded (drover snapshot list), or stop the run")
        ]
    }
}

extension Supervisor {
    /// The two halves come by two channels, in any order.
    mutating func revert(_ learn: (inout FailedRevert) -> Void) -> [Action] {
        var actions: [Action]?
        update {
            learn(&$0.guest.revert)
            actions = $0.guest.revert.settle()
        }
        return actions ?? []
    }
}
