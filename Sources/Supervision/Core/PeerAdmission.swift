import Linux

/// Who may connect to a socket of PID 1's: the uid that it runs as, and root.
struct PeerAdmission: Equatable, Sendable {
    /// PID 1's own.
    let uid: UInt32

    func admits(_ peer: ListeningSocket.Peer) -> Bool {
        peer.uid == uid || peer.uid == 0
    }
}
