import Foundation
import Glibc
import Linux
import Testing

/// drover on a terminal of its own, driven as a person would.
final class PseudoTerminal {
    struct Timeout: Error, CustomStringConvertible {
        let description: String
    }

    /// As the build of the tests leaves it, or what DROVER_BINARY names.
    static let binary =
        getenv("DROVER_BINARY").map { String(cString: $0) }
        ?? String(#filePath.dropLast("/Tests/OperatorTests/PseudoTerminal.swift".count)) + "/.build/debug/drover"

    private var master: Descriptor?
    /// Held, so that the terminal outlives drover; nil after `hangUp`.
    private var slave: Descriptor?
    private let before: [UInt8]
    private let pid: Int32
    private var hasBeenCollected = false
    /// What drover has written and no `wait` has passed yet.
    private(set) var output = ""

    init(_ arguments: [String], directory: String) throws {
        // openpty(3), which Swift's Glibc module hides.
        typealias Open =
            @convention(c) (
                UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<CChar>?,
                UnsafePointer<termios>?, UnsafePointer<winsize>?
            ) -> Int32
        let open = unsafeBitCast(try #require(dlsym(nil, "openpty")), to: Open.self)
        var (masters, slaves): (Int32, Int32) = (-1, -1)
        try retryingInterrupts { open(&masters, &slaves, nil, nil, nil) }
        let master = Descriptor(owning: masters)
        let slave = Descriptor(owning: slaves)
        before = try Self.mode(slave)
        self.master = master
        self.slave = slave
        pid = try Spawn(
            path: Self.binary, arguments: ["drover"] + arguments, environment: ["DROVER_RUNTIME_DIR=\(directory)"],
            descriptors: [slave, slave, slave], parentDeathSignal: .kill
        ).start()
    }

    deinit {
        if !hasBeenCollected {
            kill(pid, SIGKILL)
            var wstatus: Int32 = 0
            waitpid(pid, &wstatus, 0)
        }
    }

    private static func mode(_ terminal: Descriptor) throws -> [UInt8] {
        var settings = termios()
        try retryingInterrupts { tcgetattr(terminal.rawValue, &settings) }
        return withUnsafeBytes(of: &settings) { Array($0) }
    }

    /// Whether the terminal is in the mode it had before drover came.
    var isAsBefore: Bool { (try? slave.map(Self.mode)) == before }

    func type(_ text: String) throws {
        try master?.writeAll(Array(text.utf8))
    }

    /// Reads until `text` has come, and forgets what came up to its end.
    ///
    /// - Returns: what came before it.
    @discardableResult
    func wait(for text: String) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let range = output.range(of: text) {
                let before = String(output[..<range.lowerBound])
                output = String(output[range.upperBound...])
                return before
            }
            guard let master, try master.wait(until: .readable, soon()) else {
                throw Timeout(description: "no \(text.debugDescription) in \(output.debugDescription)")
            }
            output += String(decoding: buffer[..<(try master.read(into: &buffer))], as: UTF8.self)
        }
    }

    func signal(_ number: Int32) throws {
        try Linux.send(Signal(rawValue: number), to: pid)
    }

    /// The window is closed.
    func hangUp() {
        slave = nil
        master = nil
    }

    func waitForExit() throws -> WaitStatus {
        hasBeenCollected = true
        return try waitForChild(pid)
    }
}
