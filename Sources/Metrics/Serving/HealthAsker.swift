import Basics
import Linux
import Operator

/// Another process that makes health checks of one depth, as `drover healthcheck` does. It can make sockets, and so ask the
/// guest; nobody but this process talks to it.
final class HealthAsker {
    let depth: HealthCheck.Depth
    /// Readable when there is a verdict, or it has died.
    let channel: Descriptor

    /// A copy of this process, which must have nothing open yet that faces a network.
    ///
    /// - Parameters:
    ///   - pid1: its own channel to PID 1.
    ///   - socket: PID 1's.
    init(_ depth: HealthCheck.Depth, _ pid1: Descriptor, socket: String) throws(Errno) {
        let (ours, theirs) = try Descriptor.socketPair()
        try runInCopy(keeping: theirs, pid1) {
            Self.serve(depth, theirs, QMPClient(pid1, name: "PID 1's channel"), socket)
        }
        self.depth = depth
        channel = ours
        try ours.setNonBlocking(true)
    }

    /// - Parameter seconds: 1 to 255.
    func ask(seconds: Int) throws(Errno) {
        _ = try channel.send([UInt8(clamping: seconds)])
    }

    /// The verdict, whose line is sent whole.
    ///
    /// - Returns: nil when it has died.
    func verdict() throws(Errno) -> HealthVerdict? {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = try channel.read(into: &bytes)
        guard count > 0 else { return nil }
        let line = String(decoding: bytes[1..<count].prefix { $0 != 10 }, as: UTF8.self)
        return HealthVerdict(isHealthy: bytes[0] == UInt8(ascii: "+"), line: line)
    }

    // MARK: There

    /// Until the other end has gone.
    private static func serve(
        _ depth: HealthCheck.Depth, _ channel: Descriptor, _ pid1: QMPClient, _ socket: String
    ) {
        // One that does not negotiate now is as one that has not answered.
        var isFresh = (try? pid1.negotiate(until: .now() + .seconds(5))) != nil
        var request: [UInt8] = [0]
        while let count = try? channel.read(into: &request), count == 1 {
            let check = HealthCheck(depth, timeout: .seconds(Int(max(request[0], 1))), now: .now())
            let verdict = isFresh ? check.check(pid1) : check.run(socket: socket)
            // What QEMU owes holds up what comes after it; a connection of its own owes nothing, and costs PID 1 more.
            if !verdict.isHealthy, verdict.line.hasPrefix("not live") { isFresh = false }
            let line = Array("\(verdict.isHealthy ? "+" : "-")\(verdict.line)".utf8.prefix(1000)) + [10]
            guard let sent = try? channel.send(line), sent == line.count else { break }
            releaseProgramCode()
        }
    }
}
