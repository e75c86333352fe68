/// QEMU's reply to a client's command.
public struct QMPReply: Equatable, Sendable {
    /// Ids of clients' commands begin here; those of PID 1's own are below.
    static let firstID = 1 << 32

    let id: Int
    let line: [UInt8]
    /// Where in `line` the member `return` or `error` is, its name included.
    let outcome: Range<Int>
}
