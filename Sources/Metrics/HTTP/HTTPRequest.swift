/// A request that can be answered: `GET` or `HEAD`, without content.
public struct HTTPRequest: Equatable, Sendable {
    /// The answer goes without its body.
    public let isHead: Bool
    /// Without the query; nothing in it is decoded, as no name of ours needs that.
    public let path: String
    public let format: ExpositionFormat
    /// The connection may serve another request.
    public let isKeptAlive: Bool

    public init(isHead: Bool, path: String, format: ExpositionFormat, isKeptAlive: Bool) {
        self.isHead = isHead
        self.path = path
        self.format = format
        self.isKeptAlive = isKeptAlive
    }
}

/// How a request is refused.
public struct HTTPRefusal: Error, Equatable, Sendable {
    public let status: HTTPStatus
    /// Where it ends is known, so the next one can be read.
    public let isKeptAlive: Bool

    public init(_ status: HTTPStatus, isKeptAlive: Bool = false) {
        self.status = status
        self.isKeptAlive = isKeptAlive
    }
}
