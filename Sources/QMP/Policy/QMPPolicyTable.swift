/// Which command needs which `QMP_POLICY`. What is not named here needs `full`.
enum QMPPolicyTable {
    /// What is checked of a command's arguments; a command that fails the check needs `full`.
    enum Check: Equatable {
        case none
        /// These arguments, which name files in images or on the host, must be absent.
        case without([String])
        /// Options of a block node, at the top level.
        case blockNode
        /// A list of those in `options`.
        case blockNodes
        /// Options of an image to make, in `options`.
        case newImage
        /// `filename`.
        case screenshot
        /// Each of `actions` by this table.
        case transaction
        /// The line of `human-monitor-command` decides (`humanMonitor`).
        case humanMonitor
        /// The agent's command decides (`agent`).
        case agent
        /// SCM_RIGHTS with the command, which cannot come through us.
        case passedDescriptor
    }

    struct Rule {
        let level: QMPPolicy.Level
        var check = Check.none
    }

    /// By name, or by its beginning and an asterisk.
    private static let commands: [(names: [String], rule: Rule)] = [
        (
            [
                "query-*", "qom-get", "qom-list*", "device-list-properties", "qmp_capabilities",
                DroverCommand.status.rawValue,
            ],
            Rule(level: .readOnly)
        ),
        (
            [
                "stop", "cont", "system_powerdown", "system_reset", "system_wakeup", "send-key", "input-send-event",
                DroverCommand.stop.rawValue,
            ], Rule(level: .operator)
        ),
        (
            [
                "snapshot-save", "snapshot-load", "snapshot-delete", "job-*", "block-job-*", "blockdev-backup",
                "blockdev-mirror", "blockdev-del", "block-dirty-bitmap-*",
            ], Rule(level: .operator)
        ),
        (["block-commit"], Rule(level: .operator, check: .without(["base", "top", "backing-file"]))),
        (["block-stream"], Rule(level: .operator, check: .without(["base", "backing-file"]))),
        (["blockdev-add"], Rule(level: .operator, check: .blockNode)),
        (["blockdev-reopen"], Rule(level: .operator, check: .blockNodes)),
        (["blockdev-create"], Rule(level: .operator, check: .newImage)),
        (["transaction"], Rule(level: .operator, check: .transaction)),
        (["screendump"], Rule(level: .operator, check: .screenshot)),
        (["human-monitor-command"], Rule(level: .operator, check: .humanMonitor)),
        ([DroverCommand.agent.rawValue], Rule(level: .operator, check: .agent)),
        (["getfd", "add-fd", "add_client"], Rule(level: .full, check: .passedDescriptor)),
    ]

    /// The guest agent's commands.
    private static let agentCommands: [(names: [String], rule: Rule)] = [
        (["guest-ping", "guest-info", "guest-get-*"], Rule(level: .readOnly)),
        (
            [
                "guest-set-user-password", "guest-ssh-add-authorized-keys", "guest-shutdown", "guest-fsfreeze-*",
                "guest-fstrim",
            ], Rule(level: .operator)
        ),
    ]

    /// The human monitor's commands, with their other names.
    private static let humanMonitorCommands: [(names: [String], rule: Rule)] = [
        (["info", "help", "?"], Rule(level: .readOnly)),
        (
            [
                "stop", "s", "cont", "c", "system_powerdown", "system_reset", "savevm", "loadvm", "delvm", "sendkey",
            ], Rule(level: .operator)
        ),
        (["screendump"], Rule(level: .operator, check: .screenshot)),
    ]

    /// Block drivers of images to make, all of which reach nothing but the file they name.
    static let newImageDrivers: Set = ["file", "raw", "qcow2"]
    /// And of nodes to open. A qcow2 opens whatever files its header names, and a guest may have written that.
    static let blockDrivers: Set = ["file", "raw"]

    /// Members of a block node that name no file, node or object; other references are looked into.
    static let blockNodeMembers: Set = [
        "driver", "node-name", "discard", "cache", "read-only", "auto-read-only", "detect-zeroes", "aio",
        "aio-max-batch", "drop-cache", "x-check-cache-dropped", "offset", "size", "lazy-refcounts",
        "pass-discard-request", "pass-discard-snapshot", "pass-discard-other", "discard-no-unref", "overlap-check",
        "cache-size", "l2-cache-size", "l2-cache-entry-size", "refcount-cache-size", "cache-clean-interval",
    ]

    /// The same for an image to make.
    static let newImageMembers: Set = [
        "driver", "size", "preallocation", "nocow", "extent-size-hint", "version", "cluster-size", "lazy-refcounts",
        "refcount-bits", "compression-type", "extended-l2",
    ]

    static func rule(for name: String) -> Rule? { byName.rule(for: name) }
    static func agentRule(for name: String) -> Rule? { agentByName.rule(for: name) }
    static func humanMonitorRule(for name: String) -> Rule? { humanMonitorByName.rule(for: name) }

    private static let byName = Lookup(commands)
    private static let agentByName = Lookup(agentCommands)
    private static let humanMonitorByName = Lookup(humanMonitorCommands)

    /// Every name and beginning of QEMU's commands above, for the test that asks a real QEMU.
    static var names: [String] { commands.flatMap(\.names) }

    private struct Lookup {
        private var exact: [String: Rule] = [:]
        private var beginnings: [(beginning: String, rule: Rule)] = []

        init(_ table: [(names: [String], rule: Rule)]) {
            for (names, rule) in table {
                for name in names {
                    if name.last == "*" {
                        beginnings.append((String(name.dropLast()), rule))
                    } else {
                        exact[name] = rule
                    }
                }
            }
        }

        func rule(for name: String) -> Rule? {
            exact[name] ?? beginnings.first { name.utf8.starts(with: $0.beginning.utf8) }?.rule
        }
    }
}
