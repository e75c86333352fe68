/// How QEMU reads and writes images, and why so.
public struct AsyncIOChoice: Equatable, Sendable {
    public let mode: Configuration.AsyncIO
    public let reason: String
}
