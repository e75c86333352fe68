import Linux

/// What QEMU inherits instead of finding it in a file or its arguments: sealed files in memory. Every launch uses them.
public struct InheritedSecrets: Sendable {
    /// The image of the guest's seed, when the machine has one.
    public var seed: Descriptor?
    /// The VNC server's password, when it listens on the network.
    public var vncPassword: Descriptor?
    /// The shared folder's CD, when the machine has one. It is no secret.
    public var share: Descriptor?

    public init(seed: Descriptor? = nil, vncPassword: Descriptor? = nil, share: Descriptor? = nil) {
        self.share = share
        self.seed = seed
        self.vncPassword = vncPassword
    }
}
