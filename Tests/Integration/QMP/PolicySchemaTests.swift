import JSON
import Linux
import TestSupport
import Testing

@testable import Operator
@testable import QMP

/// The policy read against everything that the real QEMU takes (`query-qmp-schema`): each command, and each text among its
/// arguments. What a newer QEMU adds is seen here.
struct PolicySchemaTests {
    private let schema: QMPSchema

    /// QEMU is asked once.
    private static let asked = Result {
        let (ours, qemus) = try Descriptor.socketPair()
        let machine = ["-machine", "none", "-nodefaults", "-display", "none"]
        let monitor = ["-chardev", "socket,id=monitor,fd=3", "-mon", "chardev=monitor,mode=control"]
        let null = try Descriptor.open("/dev/null", .readWrite)
        let qemu = try ChildProcess(
            "/usr/bin/qemu-system-x86_64", machine + monitor, descriptors: [null, null, null, qemus])
        defer { withExtendedLifetime(qemu) {} }
        try ours.setNonBlocking(true)
        let client = QMPClient(ours, name: "QEMU")
        try client.negotiate(until: soon())
        let reply = try client.execute(QMPCommand("query-qmp-schema"), until: soon())
        return QMPSchema(try #require(reply.result))
    }

    init() throws {
        schema = try Self.asked.get()
    }

    private static let policy = QMPPolicy(
        level: .readOnly, diskDirectories: ["/disks"], runtimeDirectory: "/run/drover"
    ) { _ in .nothing }

    /// The level that a text needs at the places of a command's arguments where a text can be.
    private func levels(_ command: QMPSchema.Command, _ text: String) throws -> [(
        place: String, level: QMPPolicy.Level
    )] {
        try schema.texts(of: command).map { place in
            let line = #"{"execute":"\#(command.name)","arguments":\#(place.arguments(text))}"#
            return (place.path, Self.policy.need(of: try ClientCommand(Array(line.utf8))).level)
        }
    }

    @Test func whatIsPermittedIsKnownToQEMU() {
        let known = Set(schema.commands.map(\.name))
        for name in QMPPolicyTable.commands.flatMap(QMPPolicyTable.names) where DroverCommand(rawValue: name) == nil {
            #expect(known.contains(name), "\(name)")
        }
    }

    @Test func queriesThatNobodyHasReadNeedFull() {
        let unread = schema.commands.map(\.name).filter {
            $0.hasPrefix("query-") && QMPPolicyTable.rule(for: $0) == nil
        }
        #expect(unread == [], "a newer QEMU has more queries: read what they do, and add them to QMPPolicyTable")
    }

    /// The last names of the places where the text is permitted to an operator.
    private func places(permitting text: String, for level: QMPPolicy.Level) throws -> Set<String> {
        var names: Set<String> = []
        for command in schema.commands where QMPPolicyTable.rule(for: command.name)?.level == level {
            for (place, needed) in try levels(command, text) where needed < .full {
                names.insert(place.split(separator: ".").last.map(String.init) ?? "")
            }
        }
        return names
    }

    /// Where a node can be named, the seed's cannot. These are names of jobs, snapshots and bitmaps.
    @Test func noArgumentOfAnOperatorsReachesTheSeed() throws {
        #expect(try places(permitting: "seed", for: .operator) == ["id", "job-id", "name", "tag"])
    }

    /// Where a file can be named, it is one of those that may be. These are no files to QEMU.
    @Test(arguments: ["/proc/self/fd/6", "json:{}"])
    func noArgumentOfAnOperatorsIsAFileElsewhere(_ file: String) throws {
        let nodes: Set = [
            "base-node", "bottom", "device", "devices[]", "file", "filter-node-name", "node", "node-name", "replaces",
            "target", "top-node", "vmstate",
        ]
        let others: Set = ["bitmap", "bitmaps[]", "id", "job-id", "name", "tag"]
        #expect(try places(permitting: file, for: .operator) == nodes.union(others))
    }

    @Test func aReaderNamesNothingButWhatItReads() throws {
        let read = try places(permitting: "x", for: .readOnly)
        #expect(
            read == ["implements", "mnonce", "name", "names[]", "option", "path", "property", "vcpus[]"])
    }
}
