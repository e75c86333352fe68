import Basics
import Linux
import Operator

/// The file by which `drover offsite serve` tells the health check how it is getting on: until when all is well, and a line.
public struct OffsiteHealth {
    private let path: String

    /// - Parameter directory: `DROVER_RUNTIME_DIR`, which need not be there.
    public init(_ directory: String) {
        path = "\(directory).offsite"
    }

    func write(_ state: OffsiteState) throws(ClientFailure) {
        let name = path + ".new"
        do throws(Errno) {
            try? removeFile(name)
            let file = try Descriptor.open(name, [.writeOnly, .create, .exclusive, .noFollow])
            _ = try file.write(Array("\(state.goodUntil)\n\(state.text)\n".utf8))
            try renameFile(name, to: path)
        } catch {
            throw ClientFailure(error, path, "cannot be written: \(error); mount a tmpfs there")
        }
    }

    /// - Returns: what to say.
    /// - Throws: the same, when it is not well.
    public func read(at now: Int) throws(ClientFailure) -> String {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try readFile(path, limit: 64 << 10)
        } catch {
            throw ClientFailure(.absent, "no drover offsite serve is at work here: \(quoted(path)): \(error)")
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 1)
        guard lines.count == 2, let until = Int(decimal: lines[0]) else {
            throw ClientFailure(.broken, "\(quoted(path)) is not understood")
        }
        let text = terminalLine(lines[1][...].trimmed)
        guard now <= until else { throw ClientFailure(.no, text) }
        return text
    }
}
