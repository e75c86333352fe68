import Linux

/// When a stop climbs from rung to rung (drover help stopping).
public struct ShutdownLadder: Equatable, Sendable {
    public enum Rung: Int, Comparable, Sendable {
        /// The guest agent is asked to shut the guest down; one that has not shown itself is looked for first.
        case agent = 1
        /// The ACPI power button.
        case powerdown = 2
        /// QEMU is told to quit, which flushes and closes the images.
        case quit = 3
        /// SIGKILL.
        case kill = 4

        public static func < (left: Rung, right: Rung) -> Bool { left.rawValue < right.rawValue }
    }

    public let budget: Duration

    public init(budget: Duration) {
        self.budget = budget
    }

    /// How long an agent that has not shown itself before may take to answer, ahead of the power button.
    public var seekTime: Duration { min(.seconds(2), powerdownAfter) }
    /// Nobody is there when nobody has read the question by then.
    public static let readTime = Duration.milliseconds(250)
    /// An agent that has not powered the guest off by then gets help from the power button.
    public var powerdownAfter: Duration { budget / 4 }
    /// Rung 3 comes this long after the stop was asked for: the budget less 10 s, or half of it when that is later.
    public var quitAfter: Duration { max(budget - .seconds(10), budget / 2) }
    /// How long QEMU may take to quit before it is killed.
    public static let quitTime = Duration.seconds(5)
    /// How long the kernel may take to end a killed QEMU before we leave without it.
    public static let killTime = Duration.seconds(4)
    /// The longest a stop can take, down to a QEMU that the kernel does not let go.
    public var longestStop: Duration { quitAfter + Self.quitTime + Self.killTime }
    /// The power button is pressed again this often: a guest that is still booting misses the first press.
    public static let powerdownInterval = Duration.seconds(5)
}

extension ShutdownLadder.Rung: CustomStringConvertible {
    public var description: String {
        switch self {
        case .agent: "rung 1 (guest agent)"
        case .powerdown: "rung 2 (ACPI power button)"
        case .quit: "rung 3 (QMP quit)"
        case .kill: "rung 4 (SIGKILL)"
        }
    }
}
