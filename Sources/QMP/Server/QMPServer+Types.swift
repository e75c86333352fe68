/// What the event loop and the server say to each other.
extension QMPServer {
    /// A connection, as `connect` named it; never used twice.
    public struct ClientID: Hashable, Sendable {
        public let serial: Int

        public init(serial: Int) {
            self.serial = serial
        }
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
        /// The text of the guest's screen; answered by `DroverScreen`.
        case screen(cursor: Bool)
        /// - Parameter timeout: seconds, instead of `SHUTDOWN_TIMEOUT`.
        case stop(force: Bool, timeout: Int?, Peer)
        /// The guest that has powered itself off is wanted again.
        case start(Peer)
        /// A command for the guest agent.
        ///
        /// - Parameters:
        ///   - arguments: a JSON object on one line.
        ///   - timeout: seconds.
        case agent(execute: String, arguments: [UInt8]?, timeout: Int)
        /// The shared folder's CD anew, which is sealed behind this descriptor of the peer's.
        case refreshShare(descriptor: Int, Peer)
        /// For the child that makes backups.
        case backup(BackupOrder.Kind)
        case backupStatus
        /// From that child.
        case backupReport(BackupReport)
    }

    /// Names a request until it is answered.
    public struct Ticket: Hashable, Sendable {
        public let client: ClientID
        let serial: Int
    }

    public enum Answer: Equatable, Sendable {
        /// The JSON value of `return`, on one line.
        case success([UInt8])
        case failure(class: String = "GenericError", desc: String)

        public static func success(_ text: String) -> Answer { .success(Array(text.utf8)) }
    }

    /// Why a client is not kept.
    public enum DropReason: Equatable, Sendable {
        case qemuHasGone
        case doesNotRead
        case sendsTooMuch
        /// Another wanted to come, and this one has been quiet for longest.
        case madeRoom
    }

    /// QEMU has two monitors for us. It reads both in turns, and carries out a command of each in turns.
    public enum Route: Equatable, Sendable {
        /// The monitor that clients share.
        case clients
        /// PID 1's own, past whatever the clients have sent.
        case first
    }

    public enum AuditOutcome: Equatable, Sendable {
        case carriedOut, refused
    }

    public enum Action: Equatable, Sendable {
        /// A whole line with its end.
        case sendToQEMU([UInt8], Route)
        /// The server has forgotten the client; its connection is to be closed, and the log to say why.
        ///
        /// - Parameter child: whose channel it was; nil: one who connected.
        case drop(ClientID, child: String?, DropReason)
        case request(Request, Ticket)
        /// For the log, source `audit`.
        case audit(AuditOutcome, Peer, String)
        /// QEMU sent what nobody asked for.
        case stray(String)
        /// A line of the human monitor's that loads a snapshot has failed, for this reason. What became of a job QEMU tells
        /// whoever asks.
        case loadFailed(reason: String)
    }
}

extension QMPServer.DropReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .qemuHasGone: "QEMU has gone"
        case .doesNotRead: "it does not read"
        case .sendsTooMuch: "it sends more than can be held"
        case .madeRoom: "there are \(QMPServer.maximumClients) clients, and it has been quiet for longest"
        }
    }
}
