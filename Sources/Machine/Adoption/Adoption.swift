import Basics

/// What Drover takes over of a QEMU command line, and what it leaves out.
///
/// It looks at words alone: whether the files are there is for whoever has them.
public struct Adoption {
    /// A file of the host, and what it is called in the container.
    public struct Mount: Equatable, Sendable {
        public let hostPath: String
        public let path: String
        public let isReadOnly: Bool

        /// A node of `/dev` is given as a device.
        var isDevice: Bool { hostPath.hasPrefix("/dev/") }
    }

    /// Lines that name what is left out or becomes something else, and why. Of a value no more is shown than a key or a
    /// file's name: it may be a secret.
    public private(set) var leftOut: [String] = []
    public private(set) var mounts: [Mount] = []
    /// As Compose writes them, without the quotes.
    var published: [String] = []
    var wantsKVM = false

    private(set) var configuration = Configuration()
    private var isSet: Set<String> = []

    var drives: [AdoptedDrive] = []
    /// Of `-blockdev`.
    var blockNodes: [OptionValue] = []
    var network = AdoptedNetwork()
    var devices: [OptionValue] = []
    var bootOrder = ""
    var hasDefaults = true

    public init(_ words: [String]) throws(Fault) {
        for argument in QEMUArgument.all(try Self.withoutProgram(words)) { take(argument) }
        takeDevices()
        takeNetwork()
        takeDrives()
        dropFaults()
    }

    /// In the order of `drover help environment`.
    public var variables: [(name: String, value: String)] {
        Variable.all.filter { isSet.contains($0.name) }.map { ($0.name, $0.value(in: configuration)) }
    }

    // MARK: Words

    private static func withoutProgram(_ words: [String]) throws(Fault) -> [String] {
        var words = words
        if words.count == 1, let line = words.first, line.holds(" ") {
            do throws(ShellWords.Failure) {
                words = try ShellWords.split(line)
            } catch {
                throw Fault(.configuration, "QEMU-ARG", error.reason)
            }
        }
        // Behind sudo, exec or assignments.
        let leading = words.prefix { !$0.hasPrefix("-") }
        guard let place = leading.lastIndex(where: { isProgram(baseName($0)) }) else { return words }
        let program = baseName(words[place])
        let isOfAnotherKind = program.hasPrefix("qemu-system-") && !["x86_64", "i386"].contains(program.dropFirst(12))
        guard !isOfAnotherKind else {
            throw Fault(
                .configuration, "QEMU-ARG", "\(quoted(program)) is not for x86; give the line of an x86 guest")
        }
        return Array(words[(place + 1)...])
    }

    private static func isProgram(_ name: String) -> Bool {
        name.hasPrefix("qemu-system-") || ["qemu", "qemu-kvm", "kvm"].contains(name)
    }

    static func baseName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    // MARK: Results

    mutating func leaveOut(_ line: String) {
        if !leftOut.contains(line) { leftOut.append(line) }
    }

    /// Sets a variable as its owner would; a value that it refuses is left out.
    mutating func set(_ name: String, _ text: String, for what: String) {
        guard let variable = Variable.all.first(where: { $0.name == name }) else { return }
        do throws(Rejection) {
            try variable.read(text, into: &configuration)
            isSet.insert(name)
        } catch {
            for message in error.messages { leaveOut("\(what): \(name): \(message)") }
        }
    }

    /// Adds to a list: what is there, and `item`.
    mutating func add(_ item: String, to name: String, for what: String, separator: String = ",") {
        let now = isSet.contains(name) ? variables.first { $0.name == name }?.value ?? "" : ""
        set(name, now.isEmpty || now == "none" ? item : "\(now)\(separator)\(item)", for: what)
    }

    /// Words for `QEMU_EXTRA_ARGS`.
    mutating func addArguments(_ words: [String]) {
        add(ShellWords.join(words), to: "QEMU_EXTRA_ARGS", for: quoted(words.first ?? ""), separator: " ")
    }

    /// - Returns: the file's name in the container, where each has a name of its own.
    mutating func mount(_ hostPath: String, readOnly: Bool = false) -> String {
        if let known = mounts.first(where: { $0.hostPath == hostPath }) { return known.path }
        var path = hostPath
        if !hostPath.hasPrefix("/dev/") {
            let name = Self.baseName(hostPath)
            path = "/opt/hurd-image/\(name)"
            var number = 2
            while mounts.contains(where: { $0.path == path }) {
                path = "/opt/hurd-image/\(number)-\(name)"
                number += 1
            }
        }
        mounts.append(Mount(hostPath: hostPath, path: path, isReadOnly: readOnly))
        return path
    }

    /// Values that are good by themselves may not go together: `drover check` is to accept what is left.
    private mutating func dropFaults() {
        for _ in Variable.all {
            let environment = Dictionary(variables.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            let faults = Configuration.parse(environment).faults
            if faults.isEmpty { return }
            for fault in faults {
                leaveOut("\(fault)")
                isSet.remove(fault.source)
            }
        }
    }
}
