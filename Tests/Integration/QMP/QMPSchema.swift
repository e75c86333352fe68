import JSON

/// QEMU's description of its commands (QAPI, "Client JSON Protocol introspection").
struct QMPSchema {
    struct Command {
        let name: String
        fileprivate let argumentType: String
    }

    /// A place in a command's arguments where a text can be.
    struct Place {
        /// Such as `.options.file.filename` or `.actions[].data.device`.
        var path: String
        /// The least arguments that have a text there.
        var arguments: (String) -> String
    }

    let commands: [Command]
    private var types: [String: JSONValue] = [:]

    /// - Parameter entities: what `query-qmp-schema` returns.
    init(_ entities: JSONValue) {
        let entities = entities.elements ?? []
        for entity in entities { types[entity["name"]?.text ?? ""] = entity }
        commands = entities.filter { $0["meta-type"]?.text == "command" }.map {
            Command(name: $0["name"]?.text ?? "", argumentType: $0["arg-type"]?.text ?? "")
        }
    }

    func texts(of command: Command) -> [Place] { texts(command.argumentType, within: []) }

    /// - Parameter outer: the types it lies in. Options of block nodes hold such options without end: one within another is enough.
    private func texts(_ type: String, within outer: [String]) -> [Place] {
        guard let entity = types[type], outer.count(where: { $0 == type }) < 2 else { return [] }
        let outer = outer + [type]
        switch entity["meta-type"]?.text {
        case "builtin":
            return entity["json-type"]?.text == "string" ? [Place(path: "") { "\"\($0)\"" }] : []
        case "array":
            return texts(entity["element-type"]?.text ?? "", within: outer).map { element in
                Place(path: "[]\(element.path)") { "[\(element.arguments($0))]" }
            }
        case "alternate":
            return (entity["members"]?.elements ?? []).flatMap { texts($0["type"]?.text ?? "", within: outer) }
        case "object":
            return texts(ofObject: entity, within: outer)
        default:
            return []
        }
    }

    private func texts(ofObject entity: JSONValue, within outer: [String]) -> [Place] {
        guard let tag = entity["tag"]?.text else { return texts(ofMembers: entity, "", within: outer) }
        return (entity["variants"]?.elements ?? []).flatMap { variant -> [Place] in
            let choice = "\"\(tag)\":\"\(variant["case"]?.text ?? "")\","
            let own = types[variant["type"]?.text ?? ""].map { texts(ofMembers: $0, choice, within: outer) } ?? []
            return texts(ofMembers: entity, choice, within: outer) + own
        }
    }

    private func texts(ofMembers entity: JSONValue, _ choice: String, within outer: [String]) -> [Place] {
        (entity["members"]?.elements ?? []).flatMap { member -> [Place] in
            let name = member["name"]?.text ?? ""
            return texts(member["type"]?.text ?? "", within: outer).map { value in
                Place(path: ".\(name)\(value.path)") { "{\(choice)\"\(name)\":\(value.arguments($0))}" }
            }
        }
    }
}
