/// QMP for any number of clients on QEMU's one channel: the shell feeds it and carries out its actions.
public struct QMPServer: Sendable {
    /// A connection, as `connect` named it; never used twice.
    public struct ClientID: Hashable, Sendable {
        let slot: Int
        let serial: Int
    }

    /// Who is at the other end of a connection (SO_PEERCRED).
    public struct Peer: Equatable, Sendable {
        public let pid: Int32
        public let uid: UInt32

        public init(pid: Int32, uid: UInt32) {
            self.pid = pid
            self.uid = uid
        }
    }

    /// A command that PID 1 answers itself, whatever QEMU does.
    public enum Request: Equatable, Sendable {
        case status
        /// - Parameter timeout: seconds, instead of `SHUTDOWN_TIMEOUT`.
        case stop(force: Bool, timeout: Int?, Peer)
        /// A command for the guest agent.
        ///
        /// - Parameters:
        ///   - arguments: a JSON object on one line.
        ///   - timeout: seconds.
        case agent(execute: String, arguments: [UInt8]?, timeout: Int)
    }

    /// Names a request until it is answered.
    public struct Ticket: Hashable, Sendable {
        let client: ClientID
        let serial: Int
    }

    public enum Answer: Equatable, Sendable {
        /// The JSON value of `return`.
        case success([UInt8])
        case failure(class: String = "GenericError", desc: String)
    }

    public enum AuditLevel: Equatable, Sendable {
        case carriedOut, refused
    }

    public enum Action: Equatable, Sendable {
        /// A whole line with its end.
        case sendToQEMU([UInt8])
        /// The server has forgotten the client; its connection is to be closed, and the log to say why.
        case drop(ClientID, reason: String)
        case request(Request, Ticket)
        /// For the log, source `audit`.
        case audit(AuditLevel, Peer, String)
        /// QEMU sent what nobody asked for.
        case stray(String)
    }

    public init(policy: QMPPolicy) {}

    /// QEMU's greeting, as its line came; clients are greeted with it, without its capabilities.
    public mutating func greeted(by line: [UInt8]) {}

    /// Drops every client and forgets what it asked for; QEMU may be started again.
    public mutating func qemuIsGone(reason: String) -> [Action] { [] }

    /// - Returns: nil when there are as many clients as can be.
    public mutating func connect(_ peer: Peer) -> ClientID? { nil }

    /// Takes the next bytes of a client, split anywhere. A client that is gone is ignored, here and below.
    public mutating func receive(_ bytes: some Sequence<UInt8>, from client: ClientID) -> [Action] { [] }

    /// The client has closed its connection.
    public mutating func disconnected(_ client: ClientID) -> [Action] { [] }

    /// Passes an event on to every client that has negotiated.
    public mutating func event(_ line: [UInt8]) -> [Action] { [] }

    /// Passes a reply on to the client that issued the command.
    public mutating func reply(_ reply: QMPReply) -> [Action] { [] }

    public mutating func answer(_ ticket: Ticket, _ answer: Answer) -> [Action] { [] }

    /// Those with something to write.
    public var clientsWithOutput: [ClientID] { [] }

    /// What is to be written to a client: `bytes` from `start` to their end.
    public func output(for client: ClientID) -> (bytes: [UInt8], start: Int) { ([], 0) }

    /// The shell has written `count` bytes of the client's output.
    public mutating func wrote(_ count: Int, to client: ClientID) -> [Action] { [] }

    /// False while a client has enough to be worked off; it is not to be read then.
    public func wantsInput(from client: ClientID) -> Bool { true }
}
