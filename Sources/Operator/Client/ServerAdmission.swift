import Linux

/// Whom a client takes for PID 1: somebody else may have put a socket in its place, and would be given passwords.
struct ServerAdmission: Sendable {
    /// The client's own.
    let uid: UInt32
    /// That of the sockets; nil: it has gone.
    let directory: FileStatus?

    /// The client's own uid, or root. Root also trusts whoever has the directory for himself, as `docker exec --user 0` does
    /// with a drover that is not root: that is whom it means by the directory that it names.
    func admits(_ server: ListeningSocket.Peer) -> Bool {
        if server.uid == uid || server.uid == 0 { return true }
        guard uid == 0, let directory else { return false }
        return server.uid == directory.owner && directory.permissions & 0o022 == 0
    }
}
