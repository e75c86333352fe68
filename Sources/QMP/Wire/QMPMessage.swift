import FoundationEssentials

/// One line from QEMU (QMP specification, "Protocol Specification").
public enum QMPMessage: Equatable, Sendable {
    /// The first line, with QEMU's version.
    case greeting(version: String)
    /// A command was carried out. `status` is the run state when the answer names one (`query-status`).
    case success(id: Int?, status: String?)
    /// A command was refused. Without an id, QEMU could not read the command at all.
    case failure(id: Int?, reason: String)
    case event(QMPEvent)

    /// The line is not JSON, or no message that QMP knows.
    public struct NotUnderstood: Error, Equatable, Sendable {
        public init() {}
    }

    public init(line: [UInt8]) throws(NotUnderstood) {
        guard let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(line)) else { throw NotUnderstood() }
        if let greeting = envelope.greeting {
            let qemu = greeting.version.qemu
            self = .greeting(version: "\(qemu.major).\(qemu.minor).\(qemu.micro)")
        } else if let name = envelope.event {
            self = .event(QMPEvent(name: name, data: envelope.data))
        } else if let error = envelope.error {
            self = .failure(id: envelope.id, reason: "\(error.desc) (\(error.class))")
        } else if envelope.isReturn {
            self = .success(id: envelope.id, status: envelope.status)
        } else {
            throw NotUnderstood()
        }
    }
}

/// The fields of every kind of message; which are there says which kind it is.
private struct Envelope: Decodable {
    struct Greeting: Decodable {
        struct Version: Decodable {
            struct Triple: Decodable {
                let major: Int
                let minor: Int
                let micro: Int
            }
            let qemu: Triple
        }
        let version: Version
    }

    struct Failure: Decodable {
        let `class`: String
        let desc: String
    }

    struct RunState: Decodable {
        let status: String?
    }

    struct EventData: Decodable {
        let guest: Bool?
        let reason: String?
        let device: String?
    }

    enum Key: String, CodingKey {
        case greeting = "QMP"
        case event, data, error, `return`, id
    }

    let greeting: Greeting?
    let event: String?
    let data: EventData?
    let error: Failure?
    let isReturn: Bool
    let status: String?
    let id: Int?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        greeting = try container.decodeIfPresent(Greeting.self, forKey: .greeting)
        event = try container.decodeIfPresent(String.self, forKey: .event)
        // An event's data and a command's answer have many shapes; those of other shapes carry nothing we read.
        data = try? container.decodeIfPresent(EventData.self, forKey: .data)
        error = try container.decodeIfPresent(Failure.self, forKey: .error)
        isReturn = container.contains(.return)
        status = (try? container.decodeIfPresent(RunState.self, forKey: .return))?.status
        id = try? container.decodeIfPresent(Int.self, forKey: .id)
    }
}

extension QMPEvent {
    fileprivate init(name: String, data: Envelope.EventData?) {
        let guest = data?.guest ?? false
        let reason = data?.reason ?? "unknown"
        self =
            switch name {
            case "SHUTDOWN": .shutdown(guest: guest, reason: reason)
            case "RESET": .reset(guest: guest, reason: reason)
            case "POWERDOWN": .powerdown
            case "STOP": .stop
            case "RESUME": .resume
            case "BLOCK_IO_ERROR": .blockIOError(device: data?.device ?? "unknown", reason: reason)
            default: .other(name)
            }
    }
}
