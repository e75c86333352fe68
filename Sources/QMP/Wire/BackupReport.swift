import JSON

/// What the child that makes backups last told PID 1, which reads no more of it than this and gives it to whoever asks.
public struct BackupReport: Equatable, Sendable {
    /// Of the last order that the child has taken up; 0: none.
    public let number: Int
    public let isBusy: Bool
    /// It waits in vain for a volume, and ends as soon as that lets it.
    public let isStuck: Bool
    /// The nodes in QEMU that are connected to servers of the child's.
    public let targets: [String]
    /// All of it: a JSON object on one line.
    public let text: [UInt8]

    public init(number: Int, isBusy: Bool, isStuck: Bool = false, targets: [String], text: [UInt8]) {
        self.number = number
        self.isBusy = isBusy
        self.isStuck = isStuck
        self.targets = targets
        self.text = text
    }
}
