import Basics

/// QEMU finds a snapshot by its number as well as by its name (block/qcow2-snapshot.c), so no name may look like one.
public struct SnapshotName: Equatable, Sendable {
    public let text: String

    /// - Parameter text: 1 to 64 ASCII letters, digits, `.`, `_` and `-`, the first a letter.
    public init(_ text: String) throws(ClientFailure) {
        let isPlain = text.utf8.allSatisfy { $0.isLetter || 0x30...0x39 ~= $0 || ".-_".utf8.contains($0) }
        guard let first = text.utf8.first, first.isLetter, isPlain, text.utf8.count <= 64 else {
            throw ClientFailure(
                .usage,
                "\(quoted(text, limit: 60)) is no name for a snapshot; use up to 64 letters, digits, ., _ and -, "
                    + "the first a letter")
        }
        self.text = text
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { 0x61...0x7A ~= self | 0x20 }
}
