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
        /// `property`.
        case property
        /// What `info` is to tell decides (`topics`).
        case topic
        /// SCM_RIGHTS with the command, which cannot come through us.
        case passedDescriptor
    }

    struct Rule {
        let level: QMPPolicy.Level
        var check = Check.none
    }

    typealias Row = (names: String, rule: Rule)

    /// By its full name each: what a newer QEMU adds needs `full` until somebody has read what it does.
    static let commands: [Row] = [
        (
            """
            query-acpi-ospm-status query-balloon query-block query-block-exports query-block-jobs \
            query-blockstats query-chardev query-chardev-backends query-colo-status \
            query-command-line-options query-commands query-cpu-definitions query-cpu-model-expansion \
            query-cpus-fast query-current-machine query-dirty-rate query-display-options query-dump \
            query-dump-guest-memory-capability query-fdsets query-hotpluggable-cpus query-iothreads \
            query-jobs query-kvm query-machines query-memdev query-memory-devices \
            query-memory-size-summary query-mice query-migrate query-migrate-capabilities \
            query-migrate-parameters query-name query-named-block-nodes query-pci query-pr-managers \
            query-qmp-schema query-replay query-rocker query-rocker-of-dpa-flows \
            query-rocker-of-dpa-groups query-rocker-ports query-rx-filter query-sev \
            query-sev-attestation-report query-sev-capabilities query-sev-launch-measure query-sgx \
            query-sgx-capabilities query-spice query-stats query-stats-schemas query-status query-target \
            query-tpm query-tpm-models query-tpm-types query-uuid query-vcpu-dirty-limit query-version \
            query-vm-generation-id query-vnc query-vnc-servers query-xen-replication-status query-yank
            """, Rule(level: .readOnly)
        ),
        // Not qom-list-properties and device-list-properties: they make an object of any type, and some types abort QEMU.
        ("qom-list qom-list-types qmp_capabilities", Rule(level: .readOnly)),
        (DroverCommand.status.rawValue, Rule(level: .readOnly)),
        // What a screenshot shows, and no more; `xp`, which reads any memory, needs full.
        (DroverCommand.screen.rawValue, Rule(level: .readOnly)),
        (DroverCommand.backupStatus.rawValue, Rule(level: .readOnly)),
        // PID 1 takes it from the child that makes backups, and from nobody else.
        (DroverCommand.backupReport.rawValue, Rule(level: .readOnly)),
        ("qom-get", Rule(level: .readOnly, check: .property)),
        (
            "stop cont balloon system_powerdown system_reset system_wakeup send-key input-send-event",
            Rule(level: .operator)
        ),
        ("\(DroverCommand.stop.rawValue) \(DroverCommand.start.rawValue)", Rule(level: .operator)),
        // What is in the folder, and that the guest has it, is decided outside; `blockdev-change-medium` needs full.
        (DroverCommand.shareRefresh.rawValue, Rule(level: .operator)),
        // Which devices of the host there are is decided where the container is made; `device_add` needs full.
        ("\(DroverCommand.usbAttach.rawValue) \(DroverCommand.usbDetach.rawValue)", Rule(level: .operator)),
        (
            """
            \(DroverCommand.backupStart.rawValue) \(DroverCommand.backupTest.rawValue) \
            \(DroverCommand.backupCancel.rawValue) \(DroverCommand.backupForget.rawValue)
            """, Rule(level: .operator)
        ),
        ("snapshot-save snapshot-load snapshot-delete", Rule(level: .operator)),
        (
            """
            job-cancel job-complete job-dismiss job-finalize job-pause job-resume block-job-cancel block-job-complete \
            block-job-dismiss block-job-finalize block-job-pause block-job-resume block-job-set-speed
            """, Rule(level: .operator)
        ),
        (
            """
            blockdev-backup blockdev-mirror blockdev-del block-dirty-bitmap-add block-dirty-bitmap-clear \
            block-dirty-bitmap-disable block-dirty-bitmap-enable block-dirty-bitmap-merge block-dirty-bitmap-remove
            """, Rule(level: .operator)
        ),
        ("block-commit", Rule(level: .operator, check: .without(["base", "top", "backing-file"]))),
        ("block-stream", Rule(level: .operator, check: .without(["base", "backing-file"]))),
        ("blockdev-add", Rule(level: .operator, check: .blockNode)),
        ("blockdev-reopen", Rule(level: .operator, check: .blockNodes)),
        ("blockdev-create", Rule(level: .operator, check: .newImage)),
        ("transaction", Rule(level: .operator, check: .transaction)),
        ("screendump", Rule(level: .operator, check: .screenshot)),
        ("human-monitor-command", Rule(level: .operator, check: .humanMonitor)),
        (DroverCommand.agent.rawValue, Rule(level: .operator, check: .agent)),
        ("getfd add-fd add_client", Rule(level: .full, check: .passedDescriptor)),
    ]

    /// The guest agent's commands.
    static let agentCommands: [Row] = [
        (
            """
            guest-ping guest-info guest-get-cpustats guest-get-devices guest-get-diskstats guest-get-disks \
            guest-get-fsinfo guest-get-host-name guest-get-load guest-get-memory-block-info guest-get-memory-blocks \
            guest-get-osinfo guest-get-time guest-get-timezone guest-get-users guest-get-vcpus
            """, Rule(level: .readOnly)
        ),
        (
            """
            guest-set-user-password guest-ssh-add-authorized-keys guest-shutdown guest-fsfreeze-freeze \
            guest-fsfreeze-freeze-list guest-fsfreeze-status guest-fsfreeze-thaw guest-fstrim
            """, Rule(level: .operator)
        ),
    ]

    /// The human monitor's commands, with their other names.
    static let humanMonitorCommands: [Row] = [
        ("help ?", Rule(level: .readOnly)),
        ("info", Rule(level: .readOnly, check: .topic)),
        ("stop s cont c balloon system_powerdown system_reset savevm loadvm delvm sendkey", Rule(level: .operator)),
        ("screendump", Rule(level: .operator, check: .screenshot)),
    ]

    /// What the human monitor's `info` tells. Not `mem` and `tlb`, which walk the guest's page tables: a guest can make them
    /// so long that QEMU does nothing else.
    static let topics: [Row] = [
        (
            """
            balloon block block-jobs blockstats chardev cpus dirty_rate dump history hotpluggable-cpus iothreads irq \
            jit kvm memdev memory-devices memory_size_summary mice migrate migrate_capabilities migrate_parameters \
            mtree name network numa opcount pci profile qdm qom-tree qtree ramblock rdma replay roms sev sgx \
            snapshots spice stats status tpm trace-events usb usbhost usernet uuid vcpu_dirty_limit version virtio \
            virtio-queue-status virtio-status virtio-vhost-queue-status vm-generation-id vnc
            """, Rule(level: .readOnly)
        ),
        // What the guest's programs work with, keys among it.
        ("registers lapic pic virtio-queue-element", Rule(level: .operator)),
    ]

    /// The seed's nodes and its device, as `VirtualMachine` names them.
    static let seedNames: [String] = ["seed", "seed-file", "seed-cd"]
    /// Arguments that name a job, a snapshot or a bitmap, which may have any name.
    static let ownNames: Set = ["job-id", "id", "tag", "name"]

    /// Block drivers of images to make, all of which reach nothing but the file they name.
    static let newImageDrivers: Set = ["file", "raw", "qcow2"]
    /// And of nodes to open. A qcow2 opens whatever files its header names, and a guest may have written that.
    static let blockDrivers: Set = ["file", "raw"]

    /// Members of a block node that name no file, node or object; other references are looked into.
    static let blockNodeMembers: Set = [
        "driver", "node-name", "discard", "cache", "read-only", "auto-read-only", "detect-zeroes", "aio",
        "aio-max-batch", "drop-cache", "offset", "size", "lazy-refcounts",
        "pass-discard-request", "pass-discard-snapshot", "pass-discard-other", "discard-no-unref", "overlap-check",
        "cache-size", "l2-cache-size", "l2-cache-entry-size", "refcount-cache-size", "cache-clean-interval",
    ]

    /// The same for an image to make.
    static let newImageMembers: Set = [
        "driver", "size", "preallocation", "nocow", "extent-size-hint", "version", "cluster-size", "lazy-refcounts",
        "refcount-bits", "compression-type", "extended-l2",
    ]

    static func rule(for name: String) -> Rule? { byName[name] }
    static func agentRule(for name: String) -> Rule? { agentByName[name] }
    static func humanMonitorRule(for name: String) -> Rule? { humanMonitorByName[name] }
    static func topicRule(for name: String) -> Rule? { topicByName[name] }

    private static let byName = lookup(commands)
    private static let agentByName = lookup(agentCommands)
    private static let humanMonitorByName = lookup(humanMonitorCommands)
    private static let topicByName = lookup(topics)

    static func names(_ row: Row) -> [String] { row.names.split(separator: " ").map(String.init) }

    private static func lookup(_ table: [Row]) -> [String: Rule] {
        var rules: [String: Rule] = [:]
        for row in table {
            for name in names(row) { rules[name] = row.rule }
        }
        return rules
    }
}
