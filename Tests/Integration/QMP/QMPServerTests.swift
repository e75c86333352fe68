import Foundation
import TestSupport
import Testing

@testable import QMP

private let qemu = ["/usr/bin/qemu-system-x86_64", "/usr/local/bin/qemu-system-x86_64"].first(
    where: FileManager.default.isExecutableFile)

/// The server's decisions beside what a real QEMU makes of them.
@Suite(.enabled(if: qemu != nil, "qemu-system-x86_64 is not installed"))
struct QMPServerAgainstQEMU {
    /// What QEMU says to `lines` before it quits.
    private func conversation(_ lines: [[UInt8]]) throws -> [[UInt8]] {
        let folder = try TemporaryFolder()
        let capabilities = Array("{\"execute\": \"qmp_capabilities\"}\r\n".utf8)
        let quit = Array("{\"execute\": \"quit\"}\r\n".utf8)
        let input = try folder.file("input", capabilities + lines.joined() + quit)
        let options = "-machine none -nodefaults -no-user-config -display none -qmp stdio"
        let output = try shell("\(qemu ?? "qemu") \(options) <\(input)", within: 60)
        return output.utf8.split(separator: 10).map(Array.init)
    }

    /// A command that QEMU cannot parse is answered without an id, and its client would wait for ever.
    @Test func whateverIsPassedOnIsAnsweredWithItsID() throws {
        var server = QMPServer(
            policy: QMPPolicy(level: .full, diskDirectories: [], runtimeDirectory: "/run/drover") { _ in .nothing })
        _ = server.greeted(by: Array(#"{"QMP": {"version": {}, "capabilities": []}}"#.utf8))
        let connected = server.connect(QMPServer.Peer(pid: 1, uid: 0), isOwnProgram: false, at: .now()).client
        let client = try #require(connected)
        var passedOn: [[UInt8]] = []
        var chance = SeededGenerator(seed: 5)
        let negotiation = Array(#"{"execute":"qmp_capabilities"}"#.utf8)
        for text in [negotiation] + (0..<4000).map({ _ in Self.command(&chance) }) + Self.extremes {
            var actions = server.receive(text + [0xff], from: client, at: .now())
            while !actions.isEmpty {
                let lines = actions.compactMap { action -> [UInt8]? in
                    if case .sendToQEMU(let line, _) = action { line } else { nil }
                }
                passedOn += lines
                actions = lines.flatMap { line -> [QMPServer.Action] in
                    let id = Self.id(of: line)
                    return QMPReply(Array("{\"return\": {}, \"id\": \(id)}".utf8)).map { server.reply($0) } ?? []
                }
            }
            let (bytes, start) = server.output(for: client)
            _ = server.wrote(bytes.count - start, to: client, at: .now())
        }
        #expect(passedOn.count > 400)

        // The greeting and the answer to qmp_capabilities, then the replies, then the answer to quit and an event.
        let replies = try conversation(passedOn).dropFirst(2).filter { !$0.starts(with: #"{"timestamp""#.utf8) }
        #expect(replies.count == passedOn.count + 1)
        for (line, reply) in zip(passedOn, replies) {
            let id = Self.id(of: line)
            #expect(
                QMPReply(reply.dropLast(1).map { $0 }).map { "\($0.id)" } == id,
                "\(String(decoding: line.prefix(300), as: UTF8.self))\n\(String(decoding: reply, as: UTF8.self))")
        }
    }

    /// Our id, which is last in a line.
    private static func id(of line: [UInt8]) -> String {
        let last = line.split(separator: UInt8(ascii: " ")).last ?? []
        return String(decoding: last.dropLast(3), as: UTF8.self)
    }

    private static let tokens = [
        "1", "-0", "01", "1.5", "1e5", "1E+400", "-", "true", "null", "nul", #""a""#, #""b""#, #""\u0061""#,
        #""\u0000""#, #""\ud83d\ude00""#,
        #""\ud800""#, #""\uffff""#, #""\x""#, "'c'", #"'"\''"#, "\"é\"", "\"%s %d\"", "%d", "{}", "[]", "[1,2]",
        #"{"a":1,"b":2}"#,
        #"{"a":1,"a":2}"#, " ", "\n", "\t", ",", ":", "[", "]", "{", "}", "\u{7f}", "\u{feff}",
    ]

    /// A command with an argument that is more or less JSON.
    private static func command(_ chance: inout some RandomNumberGenerator) -> [UInt8] {
        let parts = (0...Int.random(in: 0...4, using: &chance)).map { _ in tokens.randomElement(using: &chance) ?? "" }
        var value = Array(parts.joined(separator: Bool.random(using: &chance) ? "," : "").utf8)
        if Int.random(in: 0..<8, using: &chance) == 0, !value.isEmpty {
            value[Int.random(in: 0..<value.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
        }
        let isList = Bool.random(using: &chance)
        return Array(#"{"execute":"query-name","arguments":{"x":"#.utf8) + (isList ? [0x5b] + value + [0x5d] : value)
            + Array(#"},"id":1}"#.utf8)
    }

    private static let extremes: [[UInt8]] = [
        String(repeating: "[", count: 1022) + String(repeating: "]", count: 1022),
        "[" + String(repeating: "1,", count: 200_000) + "1]", "\"" + String(repeating: "é", count: 100_000) + "\"",
        String(repeating: "9", count: 10_000),
    ].map { Array("{\"execute\":\"query-name\",\"arguments\":{\"x\":\($0)}}".utf8) }
}
