import Basics
import Glibc
import Linux
import Operator
import Seed

/// `drover guest add-key`.
struct GuestAddKey: Command {
    static let declaration = Subcommand(
        "guest add-key", "adds the SSH public keys in FILE, or on standard input, to the user's authorized_keys",
        needsRun: true,
        operands: [GuestCommand.user, Operand("FILE", "file", .file, .optional)],
        GuestAddKey.self)

    /// Bytes of keys.
    private static let limit = 64 << 10

    let user: String
    /// Nil: standard input.
    let file: String?

    func run() throws -> Int32 {
        // Checked before the guest is asked.
        let keys = try keys()
        show(try GuestAgent(try connectToPID1()).addKeys(keys, of: user))
        return ClientExit.success.rawValue
    }

    private func keys() throws -> [String] {
        let name = file.map { quoted($0) } ?? "standard input"
        let bytes =
            if let file { try Self.read(file) } else {
                try readInput(.duplicate(of: STDIN_FILENO), limit: Self.limit)
            }
        guard bytes.count <= Self.limit else {
            throw ClientFailure(.usage, "\(name) is larger than 64 KiB; is it keys?")
        }
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

extension GuestAddKey {
    init(_ arguments: Arguments) {
        user = arguments.operand(0) ?? ""
        let file = arguments.operand(1)
        self.file = file == "-" ? nil : file
    }
}
