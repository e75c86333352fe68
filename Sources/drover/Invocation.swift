import Basics
import Machine

/// What the command line asks for.
enum Invocation: Equatable {
    case run(extraArguments: [String])
    case check(asJSON: Bool, extraArguments: [String])
    /// - Parameter output: where the image is written; nil: nowhere.
    case seed(output: String?, isListed: Bool)
    /// What the operator asks of a run that is under way.
    case client(ClientInvocation)
    case version
    case help(HelpTopic)

    /// The command line is not understood; EX_USAGE.
    struct UsageError: Error, Equatable {
        let message: String
    }

    static let subcommands = ["run", "check", "seed"] + ClientInvocation.subcommands + ["version", "help"]

    /// - Parameter arguments: without the program's name.
    init(_ arguments: [String]) throws(UsageError) {
        var words = arguments[...]
        // Without a subcommand, `drover -- ARG…` is `drover run -- ARG…`.
        let name = words.first == nil || words.first == "--" ? "run" : words.removeFirst()
        if ["--help", "-h"].contains(name) {
            self = .help(.overview)
            return
        }
        if name == "--version" {
            self = .version
            return
        }
        guard Self.subcommands.contains(name) else { throw .unknown("subcommand", name, Self.subcommands) }
        if ClientInvocation.subcommands.contains(name) {
            let client = try ClientInvocation(name, words)
            self = client.map(Invocation.client) ?? .help(HelpTopic(rawValue: name) ?? .overview)
            return
        }

        let end = words.firstIndex(of: "--") ?? words.endIndex
        var options = words[..<end]
        let extraArguments = Array(words[end...].dropFirst())
        if options.contains("--help") || options.contains("-h") {
            self = .help(HelpTopic(rawValue: name) ?? .overview)
            return
        }
        switch name {
        case "run":
            self = .run(extraArguments: extraArguments)
        case "check":
            let json = options.first == "--json"
            if json { options.removeFirst() }
            self = .check(asJSON: json, extraArguments: extraArguments)
        case "seed":
            self = try Self.seed(&options)
        case "version":
            self = .version
        default:
            let topic = options.popFirst() ?? HelpTopic.overview.rawValue
            guard let topic = HelpTopic(rawValue: topic) else {
                throw .unknown("help topic", topic, HelpTopic.allCases.map(\.rawValue))
            }
            self = .help(topic)
        }
        if let left = options.first {
            let known = (Self.options[name] ?? []) + ["--help"]
            throw .unknown("argument to \(name)", left, known)
        }
        if !extraArguments.isEmpty, name != "run", name != "check" {
            throw UsageError(message: "\(name) takes no QEMU arguments; only run and check do")
        }
    }

    private static let options = ["check": ["--json"], "seed": ["-o", "--list"]]

    private static func seed(_ options: inout ArraySlice<String>) throws(UsageError) -> Invocation {
        var output: String?
        var isListed = false
        while let option = options.first {
            if option == "-o", output == nil {
                guard let path = options.dropFirst().first, !path.isEmpty else {
                    throw UsageError(message: "-o needs the name of a file; write drover seed -o FILE")
                }
                output = path
                options.removeFirst(2)
            } else if option == "--list", !isListed {
                isListed = true
                options.removeFirst()
            } else {
                break
            }
        }
        if options.isEmpty, output == nil, !isListed {
            throw UsageError(message: "seed has nothing to do; write drover seed -o FILE, or --list")
        }
        return .seed(output: output, isListed: isListed)
    }
}

extension Invocation.UsageError {
    static func unknown(_ what: String, _ word: String, _ known: [String]) -> Self {
        let hint = nearest(to: word, in: known).map { "; did you mean \($0)?" } ?? "; see drover help"
        return Self(message: "unknown \(what) \(quoted(word, limit: 60))\(hint)")
    }
}
