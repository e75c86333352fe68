extension QMPServer.ClientID {
    public var number: UInt64 { UInt64(serial) << 8 | UInt64(slot) }
    public init(number: UInt64) { self.init(slot: Int(number & 0xff), serial: Int(number >> 8)) }
}
extension QMPServer {
    public func isIdle(_ client: ClientID) -> Bool { true }
}
extension QMPServer.Answer {
    public init?(agentLine line: [UInt8]) { return nil }
}
