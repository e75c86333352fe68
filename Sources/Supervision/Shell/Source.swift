import QMP

/// Who is at a descriptor of the epoll set.
enum Source: Equatable {
    case signals, timer, output
    case qemu(QEMUHost.Channel)
    case qmpListener, consoleListener
    /// The console's in `SCREEN_DIR`.
    case screenConsoleListener
    case client(QMPServer.ClientID)
    case viewer(ConsoleHub.ViewerID)
    /// What a child writes to its standard output and error.
    case child(ChildProcesses.Serial)

    private static let plain: [Source] =
        [
            .signals, .timer, .output, .qmpListener, .consoleListener, .screenConsoleListener,
        ] + QEMUHost.Channel.allCases.map { .qemu($0) }

    /// The kind in the lowest byte, the client above it.
    var token: UInt64 {
        switch self {
        case .client(let client): UInt64(client.serial) << 8 | 0xfe
        case .viewer(let viewer): UInt64(viewer) << 8 | 0xff
        case .child(let child): UInt64(child) << 8 | 0xfd
        default: UInt64(Self.plain.firstIndex(of: self) ?? 0xfc)
        }
    }

    init?(token: UInt64) {
        switch token & 0xff {
        case 0xfe: self = .client(QMPServer.ClientID(serial: Int(token >> 8)))
        case 0xff: self = .viewer(ConsoleHub.ViewerID(truncatingIfNeeded: token >> 8))
        case 0xfd: self = .child(ChildProcesses.Serial(truncatingIfNeeded: token >> 8))
        case let kind where kind < Self.plain.count: self = Self.plain[Int(kind)]
        default: return nil
        }
    }
}
