import Basics
import JSON
import Linux
import Machine
import QMP

/// `drover memory`: what the guest has of its memory, the rest being in the balloon (`QEMU_BALLOON`).
public struct Balloon {
    private static let patience = Duration.seconds(10)
    /// QEMU tells of a change once a second at the most.
    private static let interval = Duration.seconds(1)
    /// For a guest that moves to go on.
    private static let pauseOfGuest = Duration.seconds(20)
    /// For a guest that never stops moving.
    private static let longest = Duration.seconds(300)
    private let client: QMPClient
    public let configured: MiB

    /// - Throws: when the machine has no balloon.
    public init(_ client: QMPClient) throws(ClientFailure) {
        self.client = client
        let answer = try client.expectSuccess(
            of: QMPCommand("query-memory-size-summary"), until: .now() + Self.patience)
        configured = MiB(bytes: answer.result?["base-memory"]?.integer(as: Int64.self) ?? 0)
        _ = try actual()
    }

    private func actual() throws(ClientFailure) -> MiB {
        let reply = try client.execute(QMPCommand("query-balloon"), until: .now() + Self.patience)
        if case .failure(let kind, let description) = reply.kind {
            guard kind == "DeviceNotActive" else {
                throw ClientFailure(.no, "query-balloon: \(terminalLine(description))")
            }
            throw ClientFailure(.no, "the machine has no memory balloon; set QEMU_BALLOON=on and start it again")
        }
        guard let bytes = reply.result?["actual"]?.integer(as: Int64.self) else {
            throw ClientFailure(.broken, "query-balloon: QEMU's answer is not understood")
        }
        return MiB(bytes: bytes)
    }

    /// Nil: it has said nothing, or the balloon is none of Drover's.
    private func guest() throws(ClientFailure) -> GuestMemory? {
        GuestMemory(try client.execute(GuestMemory.query, until: .now() + Self.patience).result)
    }

    /// One `name: value` a line.
    public func text() throws(ClientFailure) -> String {
        var rows = [("configured", "\(configured)"), ("actual", "\(try actual())")]
        let guest = try guest()
        let figures = [
            ("guest total", guest?.total), ("guest free", guest?.free), ("guest available", guest?.available),
        ]
        for (name, bytes) in figures {
            if let bytes { rows.append((name, "\(MiB(bytes: bytes))")) }
        }
        if guest == nil { rows.append(("guest", "has not said what it has and uses: \(Self.driver)")) }
        return rows.map { padded($0.0 + ":", 18) + $0.1 + "\n" }.joined()
    }

    private static let driver =
        "it takes the driver virtio_balloon, which a Linux loads by itself when it has it, and a Hurd has not"

    /// Asks the guest to keep so much, and waits for as long as it is on its way.
    ///
    /// - Returns: a line that says that it has.
    public func set(to size: MiB) throws(ClientFailure) -> String {
        guard size >= MemoryPlan.smallestRAM, size <= configured else {
            throw ClientFailure(
                .usage,
                "\(size) is not what the guest could keep of its \(configured); write \(MemoryPlan.smallestRAM.shortText) to "
                    + configured.shortText)
        }
        let before = try actual()
        let isHeard = try guest() != nil
        try client.expectSuccess(
            of: QMPCommand("balloon", ["value": .integer(size.bytes)]), until: .now() + Self.patience)
        let end = Instant.now() + Self.longest
        var (last, moved) = (before, Instant.now())
        while last != size, Instant.now() < min(end, moved + Self.pauseOfGuest) {
            try client.pause(until: .now() + Self.interval)
            let now = try actual()
            if now != last { (last, moved) = (now, .now()) }
        }
        if last == size { return "the guest has \(size) of its \(configured)\n" }
        guard last == before, !isHeard, try guest() == nil else {
            throw ClientFailure(
                .deadline,
                "the guest has \(last) and is to come to \(size), but gets no further for now; it goes on when it can: "
                    + "drover memory shows it")
        }
        // Not for a driver that comes at the next boot.
        try client.expectSuccess(
            of: QMPCommand("balloon", ["value": .integer(before.bytes)]), until: .now() + Self.patience)
        throw ClientFailure(.no, "the guest keeps its \(before) and has not answered: \(Self.driver)")
    }
}
