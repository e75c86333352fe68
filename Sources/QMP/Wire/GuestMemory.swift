import JSON

/// What a guest says of its memory, by the driver of its balloon (virtio 1.2, §5.5.6.4).
public struct GuestMemory: Equatable, Sendable {
    /// The answer of QEMU, which asks the guest every few seconds, is what the guest last said.
    public static let query = QMPCommand(
        "qom-get", ["path": "/machine/peripheral/balloon", "property": "guest-stats"])

    /// In bytes, as the other two; nil: it does not say.
    public let total: Int64?
    public let free: Int64?
    /// What programs could have without anything being swapped out.
    public let available: Int64?

    /// - Parameter json: nil too as long as the guest has said nothing.
    public init?(_ json: JSONValue?) {
        guard let json, let second = json["last-update"]?.integer(as: Int64.self), second > 0 else { return nil }
        // What a driver leaves out is all ones.
        func bytes(_ name: String) -> Int64? {
            json["stats"]?["stat-\(name)-memory"]?.integer(as: Int64.self).flatMap { $0 < 0 ? nil : $0 }
        }
        (total, free, available) = (bytes("total"), bytes("free"), bytes("available"))
    }
}
