import Basics

/// What came of looking at a disk: every fault at once.
public struct DiskInspection: Equatable, Sendable {
    /// As far as it was followed; nil when there is no usable one.
    public var image: DiskImage?
    public var isMissing = false
    /// Nil for what is not written, and where there is no volume to fill.
    public var space: DiskSpace?
    public var faults: [Fault] = []
    public var warnings: [String] = []
}
