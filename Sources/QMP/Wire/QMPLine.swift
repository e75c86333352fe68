import JSON

/// The lines PID 1 writes itself.
enum QMPLine {
    static func success(_ value: some Collection<UInt8>, id: [UInt8]?) -> [UInt8] {
        var line = Array("{\"return\": ".utf8)
        line += value
        line.append(id: id)
        return line
    }

    static func failure(_ error: QMPError, id: [UInt8]?) -> [UInt8] {
        var line = Array("{\"error\": {\"class\": ".utf8)
        line += error.class.jsonQuoted.utf8
        line += ", \"desc\": ".utf8
        line += error.desc.jsonQuoted.utf8
        line += "}".utf8
        line.append(id: id)
        return line
    }
}

extension [UInt8] {
    /// Ends a reply's line.
    mutating func append(id: [UInt8]?) {
        if let id {
            self += ", \"id\": ".utf8
            self += id
        }
        self += "}\r\n".utf8
    }
}
