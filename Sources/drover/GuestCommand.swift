import Basics
import Glibc
import Linux
import Machine
import Operator
import Seed

/// `drover guest`: what the guest's agent is asked.
enum GuestCommand: Equatable {
    case ping
    case info
    case setPassword(user: String)
    /// - Parameter file: nil: standard input.
    case addKey(user: String, file: String?)

    /// Bytes of keys.
    private static let limit = 64 << 10
    private static let names = ["ping", "info", "set-password", "add-key"]

    init(_ words: [String]) throws(Invocation.UsageError) {
        let name = words.first ?? ""
        switch (name, words.count) {
        case ("ping", 1): self = .ping
        case ("info", 1): self = .info
        case ("set-password", 2): self = .setPassword(user: words[1])
        case ("add-key", 2): self = .addKey(user: words[1], file: nil)
        case ("add-key", 3): self = .addKey(user: words[1], file: words[2] == "-" ? nil : words[2])
        case ("set-password", 3...):
            // The word may be a password, and is not repeated.
            let remedy = "it is read from standard input; write drover guest set-password USER"
            throw Invocation.UsageError(message: "a password does not belong on the command line: \(remedy)")
        case ("set-password", _), ("add-key", _):
            throw Invocation.UsageError(message: "\(name) needs a user; write drover guest \(name) USER")
        case ("ping", _), ("info", _):
            throw .unknown("argument to guest \(name)", words[1], [])
        case ("", _):
            throw Invocation.UsageError(
                message: "guest needs to know what; write one of \(Self.names.joined(separator: ", "))")
        default:
            throw .unknown("argument to guest", name, Self.names)
        }
    }

    func run() throws -> Int32 {
        let output: String
        switch self {
        case .ping: output = try GuestAgent(try connectToPID1()).ping()
        case .info: output = try GuestAgent(try connectToPID1()).info()
        case .setPassword(let user):
            try forbidCoreDumps()
            let input = try Descriptor.duplicate(of: STDIN_FILENO)
            var password = try PasswordInput.read(from: input, prompt: writeToStandardError)
            defer { wipe(&password) }
            output = try GuestAgent(try connectToPID1()).setPassword(of: user, password)
        case .addKey(let user, let file):
            let keys = try Self.keys(file)
            output = try GuestAgent(try connectToPID1()).addKeys(keys, of: user)
        }
        show(output)
        return ClientExit.success.rawValue
    }

    /// Checked before the guest is asked.
    private static func keys(_ file: String?) throws -> [String] {
        let name = file.map { quoted($0) } ?? "standard input"
        let bytes =
            if let file { try read(file) } else { try readInput(.duplicate(of: STDIN_FILENO), limit: limit) }
        guard bytes.count <= limit else { throw ClientFailure(.usage, "\(name) is larger than 64 KiB; is it keys?") }
        do throws(AuthorizedKeys.Problem) {
            return try AuthorizedKeys(String(decoding: bytes, as: UTF8.self)).lines
        } catch {
            throw ClientFailure(.usage, "\(name) \(error.reason)")
        }
    }

    private static func read(_ path: String) throws(ClientFailure) -> [UInt8] {
        do throws(Errno) {
            return try readFile(path, limit: limit)
        } catch {
            let exit: ClientExit = error == .permissionDenied ? .notPermitted : .absent
            throw ClientFailure(exit, "\(quoted(path)) cannot be read: \(error); name a file of public keys")
        }
    }
}
