/// The sockets that PID 1 serves in its runtime directory (DROVER_RUNTIME_DIR).
public struct RuntimeSockets: Equatable, Sendable {
    /// QMP for any number of clients.
    public let qmp: String
    /// The guest's first serial port, as a byte stream both ways.
    public let console: String

    public init(directory: String) {
        qmp = directory + "/qmp.sock"
        console = directory + "/console.sock"
    }
}
