extension QMPServer {
    /// A command QEMU has not replied to.
    struct Relayed: Sendable {
        /// Nil: the server itself.
        let client: ClientID?
        /// As the client wrote it.
        let id: [UInt8]?
        let route: Route
        let length: Int
        let loadsSnapshot: Bool
    }

    /// The commands QEMU has not replied to, by our id.
    ///
    /// They are bounded, so that a client's turn comes soon: QEMU carries them out one after the other, and takes its time to
    /// read them.
    struct AtQEMU: Sendable {
        static let maximumCommands = 8
        /// As long as there are so many bytes, no further command is sent.
        static let enoughBytes = 64 << 10
        /// Of clients, by PID 1's own monitor.
        static let maximumFirst = 4

        private var commands: [Int: Relayed] = [:]
        private var nextID = QMPReply.firstID
        private var (count, bytes, firstCount) = (0, 0, 0)

        func hasRoom(_ route: Route) -> Bool {
            switch route {
            case .first: firstCount < Self.maximumFirst
            case .clients: count < Self.maximumCommands && bytes < Self.enoughBytes
            }
        }

        /// - Returns: its id.
        mutating func add(_ command: Relayed) -> Int {
            defer { nextID += 1 }
            commands[nextID] = command
            count(command, 1)
            return nextID
        }

        mutating func remove(_ id: Int) -> Relayed? {
            guard let command = commands.removeValue(forKey: id) else { return nil }
            count(command, -1)
            return command
        }

        /// QEMU has gone; ids are not used again.
        mutating func forgetAll() {
            commands = [:]
            (count, bytes, firstCount) = (0, 0, 0)
        }

        private mutating func count(_ command: Relayed, _ sign: Int) {
            switch command.route {
            case .first: firstCount += sign
            case .clients:
                count += sign
                bytes += sign * command.length
            }
        }
    }
}
