import Glibc
import Linux
import TestSupport
import Testing

@testable import Operator

/// What must come at the end of every console session, whatever the guest has left the terminal in.
private let reset = "\u{1B}[?1049l"

private func consoleServer(_ folder: TemporaryFolder, _ body: @escaping @Sendable (Descriptor) -> Void) throws -> Server
{
    let listener = try Listener(unix: RuntimeSockets(directory: folder.path).console)
    return Server { if let client = listener.accept() { body(client) } }
}

@Test func aTerminalIsAttachedAndDetached() throws {
    let folder = try TemporaryFolder()
    let server = try consoleServer(folder) { client in
        client.say("\u{1b}[?1049h\u{1b}[31mlogin: ")
        // Every key goes through as it is, Ctrl-C and Ctrl-Z too.
        guard client.read(until: "ro\u{3}\u{1a}ot\r") != nil else { return }
        client.say("Password: ")
        _ = client.read(until: "never")
    }
    let terminal = try PseudoTerminal(["console"], directory: folder.path)
    try terminal.wait(for: "attached to the guest's console; Ctrl-] detaches")
    try terminal.wait(for: "\u{1b}[31mlogin: ")
    #expect(!terminal.isAsBefore)
    try terminal.type("ro\u{3}\u{1a}ot\r")
    try terminal.wait(for: "Password: ")
    try terminal.type("\u{1d}")
    try terminal.wait(for: reset)
    try terminal.wait(for: "detached")
    #expect(try terminal.waitForExit() == .exited(0))
    #expect(terminal.isAsBefore)
    try server.join()
}

@Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGQUIT])
func aSignalBringsTheTerminalBackFirst(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    let server = try consoleServer(folder) { client in
        client.say("login: ")
        _ = client.read(until: "never")
    }
    let terminal = try PseudoTerminal(["console"], directory: folder.path)
    try terminal.wait(for: "login: ")
    try terminal.signal(signal)
    try terminal.wait(for: reset)
    #expect(try terminal.waitForExit() == .exited(128 + signal))
    #expect(terminal.isAsBefore)
    try server.join()
}

@Test func theEndOfTheRunBringsTheTerminalBack() throws {
    let folder = try TemporaryFolder()
    let server = try consoleServer(folder) { $0.say("reboot: Power down\r\n") }
    let terminal = try PseudoTerminal(["console"], directory: folder.path)
    try terminal.wait(for: "reboot: Power down")
    try terminal.wait(for: reset)
    try terminal.wait(for: "PID 1 has closed the console")
    #expect(try terminal.waitForExit() == .exited(0))
    #expect(terminal.isAsBefore)
    try server.join()
}

@Test func aTerminalThatHasGoneEndsIt() throws {
    let folder = try TemporaryFolder()
    let server = try consoleServer(folder) { client in
        client.say("login: ")
        _ = client.read(until: "never")
    }
    let terminal = try PseudoTerminal(["console"], directory: folder.path)
    try terminal.wait(for: "login: ")
    terminal.hangUp()
    #expect(try terminal.waitForExit() == .exited(0))
    try server.join()
}

/// A guest that reads nothing before it has written all it has, and pipes that are slower than both.
@Test func pipesCarryMoreThanTheirBuffersBothWays() throws {
    let folder = try TemporaryFolder()
    let size = 1 << 20
    let server = try consoleServer(folder) { client in
        client.say(String(repeating: "g", count: size))
        var count = 0
        var buffer = [UInt8](repeating: 0, count: 65536)
        while count < size, (try? client.wait(until: .readable, soon())) == true,
            let got = try? client.read(into: &buffer), got > 0
        {
            count += got
        }
        client.say("received \(count)")
    }
    let (input, typing) = try Descriptor.pipe()
    let (reading, output) = try Descriptor.pipe()
    let typist = Server { typing.say(String(repeating: "t", count: size)) }
    let process = try ChildProcess(
        PseudoTerminal.binary, ["console"], environment: ["DROVER_RUNTIME_DIR=\(folder.path)"],
        descriptors: [input, output, try Descriptor.duplicate(of: 2)])
    // The end of its input does not end it: the answer comes after that.
    let seen = try #require(reading.read(until: "received \(size)"))
    #expect(seen.utf8.filter { $0 == UInt8(ascii: "g") }.count == size)
    #expect(try process.waitForExit() == .exited(0))
    try typist.join()
    try server.join()
}

// MARK: Monitor

/// Answers HMP as QEMU does, line by line.
private func monitorServer(_ folder: TemporaryFolder) throws -> Server {
    let listener = try Listener(unix: RuntimeSockets(directory: folder.path).qmp)
    return Server {
        guard let client = listener.accept() else { return }
        client.say(greeting + "\r\n")
        while let line = client.read(until: "\r\n") {
            let id =
                line.firstRange(of: "\"id\":").map { ", \"id\": " + line[$0.upperBound...].prefix { $0.isNumber } }
                ?? ""
            let result: String
            if line.contains("info status") {
                client.say(#"{"event": "RTC_CHANGE", "data": {"offset": 1}}"# + "\r\n")
                result = #""VM status: running\u001b]0;title\u0007\r\n""#
            } else if line.contains(#""help info""#) {
                result = #""info status  -- show\r\ninfo snapshots  -- show\r\n""#
            } else if line.contains(#""help""#) {
                result = #""stop|s  -- stop\r\nsystem_reset  -- reset\r\n""#
            } else if line.contains("hang") {
                continue
            } else {
                result = "{}"
            }
            client.say("{\"return\": \(result)\(id)}\r\n")
        }
    }
}

@Test func aPromptEditsCompletesAndRemembers() throws {
    let folder = try TemporaryFolder()
    let server = try monitorServer(folder)
    let terminal = try PseudoTerminal(["monitor"], directory: folder.path)
    try terminal.wait(for: "(hmp) ")
    #expect(!terminal.isAsBefore)

    // Typed wrongly, corrected by Left and Backspace.
    try terminal.type("info sttus\u{1b}[D\u{1b}[D\u{1b}[Da\r")
    try terminal.wait(for: "event: RTC_CHANGE offset=1")
    let answer = try terminal.wait(for: "VM status: running]0;title")
    #expect(!answer.contains("\u{1b}]"))
    try terminal.wait(for: "(hmp) ")

    try terminal.type("\u{1b}[A")
    try terminal.wait(for: "(hmp) info status\u{1b}[K")
    try terminal.type("\u{15}inf\t")
    try terminal.wait(for: "(hmp) info s\u{1b}[K")
    try terminal.type("\t")
    try terminal.wait(for: "info snapshots  info status")
    try terminal.type("ta\t\r")
    try terminal.wait(for: "VM status: running")
    try terminal.wait(for: "(hmp) ")

    // Two lines pasted at once are two commands.
    try terminal.type("info status\rinfo status\r")
    try terminal.wait(for: "VM status: running")
    try terminal.wait(for: "VM status: running")
    try terminal.wait(for: "(hmp) ")

    // Ctrl-C clears a line, and ends the waiting for an answer.
    try terminal.type("rubbish\u{3}")
    try terminal.wait(for: "rubbish^C")
    try terminal.type("hang\r")
    try terminal.wait(for: "hang\r\n")
    try terminal.type("\u{3}")
    try terminal.wait(for: "^C: the command goes on")
    try terminal.type("\u{4}")
    #expect(try terminal.waitForExit() == .exited(0))
    #expect(terminal.isAsBefore)
    try server.join()
}

@Test func theEndOfTheRunEndsThePrompt() throws {
    let folder = try TemporaryFolder()
    let listener = try Listener(unix: RuntimeSockets(directory: folder.path).qmp)
    let server = Server {
        guard let client = listener.accept() else { return }
        client.say("\(greeting)\r\n\(negotiated)\r\n")
        _ = client.read(until: "quit")
        client.say(#"{"event": "SHUTDOWN", "data": {"guest": false}}"# + "\r\n")
    }
    let terminal = try PseudoTerminal(["monitor", "--qmp"], directory: folder.path)
    try terminal.wait(for: "(qmp) ")
    try terminal.type("quit\r")
    try terminal.wait(for: #"{"event": "SHUTDOWN""#)
    try terminal.wait(for: "the connection is lost: PID 1 closed it")
    #expect(try terminal.waitForExit() == .exited(70))
    #expect(terminal.isAsBefore)
    try server.join()
}

@Test func aPasswordIsAskedForTwiceAndNotShown() throws {
    let folder = try TemporaryFolder()
    let server = try monitorServer(folder)
    let terminal = try PseudoTerminal(["guest", "set-password", "root"], directory: folder.path)
    try terminal.wait(for: "new password: ")
    #expect(!terminal.isAsBefore)
    try terminal.type("geheim\n")
    try terminal.wait(for: "once more: ")
    try terminal.type("geheim\n")
    let shown = try terminal.wait(for: "the password of root is set")
    #expect(!shown.contains("geheim"))
    #expect(try terminal.waitForExit() == .exited(0))
    #expect(terminal.isAsBefore)
    try server.join()
}

@Test func aPasswordHalfTypedLeavesTheTerminalAsItWas() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(["guest", "set-password", "root"], directory: folder.path)
    try terminal.wait(for: "new password: ")
    try terminal.signal(SIGINT)
    try terminal.wait(for: "nothing was changed")
    #expect(try terminal.waitForExit() == .exited(1))
    #expect(terminal.isAsBefore)
}
