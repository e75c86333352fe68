import JSON

extension QMPServer.Answer {
    /// A guest agent's reply (QEMU Guest Agent Protocol Reference). The guest is not trusted to write JSON.
    ///
    /// - Returns: nil when the line is none.
    public init?(agentLine line: [UInt8]) {
        guard let reply = try? JSONParser.parse(line) else { return nil }
        if let error = reply["error"], let name = error["class"]?.name, let desc = error["desc"]?.string {
            self = .failure(class: name, desc: String(decoding: desc, as: UTF8.self))
        } else if let value = reply["return"] {
            self = .success(Array(line[value.place]))
        } else {
            return nil
        }
    }
}
