/// Why a text is refused, in QEMU's words where it has some.
public struct JSONProblem: Error, Equatable {
    public let desc: String

    public init(desc: String) {
        self.desc = desc
    }
}
