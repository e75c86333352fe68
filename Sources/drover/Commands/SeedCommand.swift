import Basics
import Linux
import Machine
import Seed
import Supervision

/// `drover seed`: the image the guest would get, for inspection.
struct SeedCommand: Command {
    static let declaration = Subcommand(
        "seed", "write the CD that brings the guest its credentials",
        options: [output, list],
        text: """
            Makes the seed, the CD that run would give the guest (label cidata): the documents of cloud-init's NoCloud,
            and the folder drover/ for guests without cloud-init. Passwords are on it as hashes, with a new salt each
            time. Starts nothing. Takes one option at least.
            """,
        seeAlso: ["environment"],
        SeedCommand.self)

    private static let output = Option.file(
        "-o", "write it to FILE, for its owner alone (0600); FILE must not exist")
    private static let list = Option.flag("--list", "print the name and size of each file on it")

    /// Where the image is written; nil: nowhere.
    var output: String?
    var isListed = false

    func run() -> Int32 { make().rawValue }

    private func make() -> ExitCode {
        hideMemory()
        let parsed = Configuration.parse(processEnvironment(), lowestBindablePort: PortPrivilege.current())
        let (inputs, finding) = SeedInputs.read(parsed)
        var faults = parsed.faults + finding.faults
        if faults.isEmpty, inputs == nil {
            let reason =
                parsed.configuration.guest.seed == .off
                ? "is off" : "is auto, and there is neither a password nor a key"
            faults.append(Fault(.configuration, "SEED", "\(reason), so the guest gets no seed; set SEED=on"))
        }
        guard faults.isEmpty, let inputs else {
            report(faults)
            return ExitCode(faults)
        }
        report(finding.warnings)
        do throws(Fault) {
            let seed = try GuestSeed(inputs)
            inputs.erase()
            if let output { try Self.write(seed, to: output) }
            if isListed { print(Self.listing(seed.tree), terminator: "") }
            return .success
        } catch {
            report([error])
            return ExitCode(error.kind)
        }
    }

    private static func write(_ seed: GuestSeed, to path: String) throws(Fault) {
        var image = try seed.image()
        defer { wipe(&image) }
        do throws(Errno) {
            // Its hashes are not for a file that somebody else has put there, or may read.
            try Descriptor.open(path, [.writeOnly, .create, .exclusive], mode: 0o600).writeAll(image)
        } catch .fileExists {
            throw Fault(.configuration, "-o", "\(quoted(path)) exists already; remove it or name another file")
        } catch .permissionDenied {
            throw Fault(.notPermitted, "-o", "\(quoted(path)) cannot be written by this uid; name another file")
        } catch {
            throw Fault(.unavailable, "-o", "\(quoted(path)) cannot be written: \(error); name another file")
        }
    }

    private static func listing(_ tree: ISOTree) -> String {
        tree.allFiles.map { path, file in
            let size = String(file.contents.count)
            return String(repeating: " ", count: max(0, 8 - size.count)) + "\(size)  \(path)\n"
        }.joined()
    }
}

extension SeedCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        output = arguments.text(Self.output)
        isListed = arguments.has(Self.list)
        if output == nil, !isListed {
            throw UsageError(message: "seed has nothing to do; write drover seed -o FILE, or --list")
        }
    }
}
