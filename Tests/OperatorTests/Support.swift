import Foundation
import Glibc
import Linux
import QMP
import Testing

@testable import Operator

let greeting =
    #"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}"#
/// To the first command of a client, which is the negotiation.
let negotiated = #"{"return": {}, "id": 1}"#

/// A client whose server has said all it will ever say. The server's end is closed when it is released.
func client(hearing lines: [String]) throws -> (client: QMPClient, server: Descriptor) {
    let (ours, servers) = try Descriptor.socketPair(nonBlocking: true)
    let bytes = lines.map { Array("\($0)\r\n".utf8) }.joined()
    try servers.writeAll(Array(bytes))
    return (QMPClient(ours, name: "/run/drover/qmp.sock"), servers)
}

/// What the client has sent, line by line.
func sent(to server: Descriptor) throws -> [String] {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = try server.read(into: &buffer)
    return String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\r\n").map(String.init)
}

/// Why `body` fails.
func failure(_ body: () throws -> Void) -> ClientFailure? {
    do {
        try body()
        return nil
    } catch {
        return error as? ClientFailure
    }
}

func status(
    _ state: DroverStatus.State = .running, ready: DroverStatus.ReadyCheck = .auto(address: nil, port: nil),
    agent: DroverStatus.AgentState = .silent, stop: DroverStatus.Stop? = nil, lastStop: String? = nil,
    consoleIsSilent: Bool = false
) -> DroverStatus {
    DroverStatus(
        state: state, since: "2026-11-21T17:40:49Z", accelerator: "tcg", acceleratorReason: "there is no /dev/kvm",
        guestResets: 0, qemu: .init(pid: 7, version: "7.2.22"),
        forwards: [.init(transport: "tcp", hostAddress: "0.0.0.0", hostPort: 2222, guestPort: 22)], readyCheck: ready,
        agent: agent, stop: stop, lastStop: lastStop, consoleIsSilent: consoleIsSilent)
}

/// PID 1's answer to `drover-status` as the second command of a client.
func answer(_ status: DroverStatus) -> String {
    #"{"return": \#(status.jsonValue.encodedText()), "id": 2}"#
}

/// The reading end of a pipe that has been written to and closed.
func pipe(holding text: String) throws -> Descriptor {
    let pipe = try Descriptor.pipe()
    try pipe.writing.writeAll(Array(text.utf8))
    return pipe.reading
}
