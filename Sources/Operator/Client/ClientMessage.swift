import FoundationEssentials

/// One line from PID 1 as a client sees it (QMP specification, "Protocol Specification").
struct ClientMessage: Sendable {
    enum Kind: Equatable, Sendable {
        case greeting
        case event(name: String)
        case success
        case failure(class: String, description: String)
    }

    let kind: Kind
    /// Of the command that is answered, when it is one of ours.
    let id: Int?
    /// The whole line, without its end.
    let line: [UInt8]

    /// - Throws: what JSONDecoder throws, when it is no QMP.
    init(line: [UInt8]) throws {
        let envelope = try JSONDecoder().decode(Envelope.self, from: Data(line))
        kind = envelope.kind
        id = envelope.id
        self.line = line
    }

    /// What the command returned, in the caller's shape; nil when it has another.
    func result<Result: Decodable>(as type: Result.Type = Result.self) -> Result? {
        try? JSONDecoder().decode(Returned<Result>.self, from: Data(line)).return
    }

    /// What an event brings, in the caller's shape; nil when it has another, or none.
    func eventData<Content: Decodable>(as type: Content.Type = Content.self) -> Content? {
        (try? JSONDecoder().decode(EventData<Content>.self, from: Data(line)))?.data
    }

    /// An event for people, such as `SHUTDOWN guest=true reason=guest-shutdown`; nil when it is none.
    var eventText: String? {
        guard case .event(let name) = kind else { return nil }
        let data = eventData(as: AnyJSON.self)?.brief ?? ""
        return terminalLine(data.isEmpty ? name : "\(name) \(data)")
    }

    private struct Returned<Result: Decodable>: Decodable {
        let `return`: Result
    }

    private struct EventData<Content: Decodable>: Decodable {
        let data: Content?
    }
}

/// The members that say what kind of message it is.
private struct Envelope: Decodable {
    struct Failure: Decodable {
        let `class`: String
        let desc: String
    }

    enum Key: String, CodingKey {
        case greeting = "QMP"
        case event, error, `return`, id
    }

    let kind: ClientMessage.Kind
    let id: Int?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        id = try? container.decode(Int.self, forKey: .id)
        if let failure = try container.decodeIfPresent(Failure.self, forKey: .error) {
            kind = .failure(class: failure.class, description: failure.desc)
        } else if container.contains(.return) {
            kind = .success
        } else if let name = try container.decodeIfPresent(String.self, forKey: .event) {
            kind = .event(name: name)
        } else if container.contains(.greeting) {
            kind = .greeting
        } else {
            throw DecodingError.dataCorruptedError(forKey: .return, in: container, debugDescription: "no QMP")
        }
    }
}
