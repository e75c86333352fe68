import Linux
import Synchronization

/// The one that the guest gets with the next start: of nobody else's copy is an earlier one kept, which takes memory.
public final class SharedCD: Sendable {
    private let current = Mutex<Descriptor?>(nil)

    public var image: Descriptor? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

/// What QEMU inherits instead of finding it in a file or its arguments: sealed files in memory. Every launch uses them.
public struct InheritedSecrets: Sendable {
    /// The image of the guest's seed, when the machine has one.
    public var seed: Descriptor?
    /// The VNC server's password, when it listens on the network.
    public var vncPassword: Descriptor?
    /// The shared folder's CD, when the machine has one. It is no secret.
    public let share = SharedCD()

    public init(seed: Descriptor? = nil, vncPassword: Descriptor? = nil) {
        self.seed = seed
        self.vncPassword = vncPassword
    }
}
