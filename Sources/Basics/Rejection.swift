/// Why a value was not accepted: one message per reason, each the rest of a line after `NAME: `.
public struct Rejection: Error, Equatable {
    public let messages: [String]

    public init(messages: [String]) {
        self.messages = messages
    }

    /// `reason` continues the quoted value: `is not a size; write …`.
    public init(_ value: String, _ reason: String) {
        messages = ["\(quoted(value, limit: 60)) \(reason)"]
    }
}
