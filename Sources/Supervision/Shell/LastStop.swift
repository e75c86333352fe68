import Basics
import Linux

/// A line in the runtime directory about how the last run ended, where the directory outlives a run; nothing depends on it.
public struct LastStop {
    private let path: String

    public init(_ directory: RuntimeDirectory) {
        path = directory.lastStop
    }

    /// Nil: there is none. What is no file is not waited for, and no link is followed.
    func read() -> String? {
        var bytes = [UInt8](repeating: 0, count: 1024)
        guard let file = try? Descriptor.open(path, [.nonBlocking, .noFollow]), (try? file.status().kind) == .regular,
            let count = try? file.read(into: &bytes)
        else { return nil }
        let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    /// What `write` was given is `TIME exit CODE: REASON`.
    static func exitCode(of line: String) -> Int? {
        let words = line.split(separator: " ", maxSplits: 3)
        guard words.count > 2, words[1] == "exit", words[2].last == ":" else { return nil }
        return Int(words[2].dropLast())
    }

    /// A new file takes the place of whatever has the name.
    func write(_ line: String) {
        let new = "\(path).new"
        try? removeFile(new)
        guard let file = try? Descriptor.open(new, [.writeOnly, .create, .exclusive, .noFollow]) else { return }
        try? file.writeAll(Array("\(line)\n".utf8))
        try? renameFile(new, to: path)
    }
}
