/// A value has another shape than its reader expects.
public struct JSONMismatch: Error, Equatable, Sendable {
    /// Names of members and indices of elements, from the outermost to where it is.
    public let path: [String]
    public let expected: String

    public init(at name: String? = nil, expected: String) {
        self.init(path: name.map { [$0] } ?? [], expected: expected)
    }

    private init(path: [String], expected: String) {
        self.path = path
        self.expected = expected
    }

    public func inside(_ name: String) -> JSONMismatch {
        JSONMismatch(path: [name] + path, expected: expected)
    }
}

extension JSONMismatch: CustomStringConvertible {
    public var description: String {
        path.isEmpty ? "expected \(expected)" : "\(path.joined(separator: ".")): expected \(expected)"
    }
}
