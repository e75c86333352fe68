// Names follow Prometheus' conventions: base units, `_total` for what only grows, no label whose values have no bound.
extension Series {
    /// In the order in which they are written.
    public static let all: [Series] = drover + qemu + blocks + container + backups

    static let drover: [Series] = [
        buildInfo, startTime, ready, agentUp, orphans, logLinesLost, consoleBytes, qmpClients, qmpCommands,
        childRestarts, stops, lastExitCode, diskFree, diskSize, scrapeErrors,
    ]

    static let buildInfo = Series("drover_build_info", .info, ["version"], "Drover's version; always 1.")
    static let startTime = Series(
        "drover_start_time_seconds", .gauge, "When PID 1 of this run started, since 1970.")
    static let ready = Series(
        "drover_ready", .gauge,
        "Whether the guest itself has answered, in the way READY_CHECK says; asked at each scrape.")
    static let agentUp = Series(
        "drover_agent_up", .gauge, "Whether the guest agent answers, as far as PID 1 has asked.")
    static let orphans = Series(
        "drover_orphans_reaped_total", .counter, "Ended processes that nobody else waited for.")
    static let logLinesLost = Series(
        "drover_log_lines_lost_total", .counter,
        "Log lines, the guest's console among them, that went because standard output was not read.")
    static let consoleBytes = Series(
        "drover_console_bytes_total", .counter, ["direction"],
        "Bytes of the guest's first serial port: in was typed, out was written by the guest.")
    static let qmpClients = Series(
        "drover_qmp_clients", .gauge, "Connections to qmp.sock; children of PID 1 do not count, here and below.")
    static let qmpCommands = Series(
        "drover_qmp_commands_total", .counter, ["outcome"],
        "Commands of these clients: ok, error, or refused by QMP_POLICY.")
    static let childRestarts = Series(
        "drover_child_restarts_total", .counter, ["child"], "How often a child of PID 1 was started again.")
    static let stops = Series(
        "drover_stops_total", .counter, ["rung", "outcome"],
        """
        The stop of this run, once there is one, by the rung it has reached (1 agent, 2 power button, 3 quit, 4 SIGKILL) and \
        what has come of it: under_way, clean, cut_off.
        """)
    static let lastExitCode = Series(
        "drover_last_exit_code", .gauge,
        "How the run before this one ended; absent when the runtime directory has not outlived it.")
    static let diskFree = Series(
        "drover_disk_free_bytes", .gauge, ["path"], "Left of the file system of a folder with a disk in it.")
    static let diskSize = Series("drover_disk_size_bytes", .gauge, ["path"], "Size of that file system.")
    static let scrapeErrors = Series(
        "drover_scrape_errors_total", .counter,
        "Scrapes in which something could not be had: QEMU's answers, or a file of /proc.")

    static let qemu: [Series] = [
        qemuUp, vmInfo, vmState, vcpus, vcpuSeconds, cpuSeconds, memoryConfigured, memoryActual, memoryResident,
        guestMemoryTotal, guestMemoryFree, guestMemoryAvailable, resets, panics,
    ]

    static let qemuUp = Series(
        "qemu_up", .gauge, "Whether QEMU has answered in time; when it has not, what only it knows is absent.")
    static let vmInfo = Series(
        "qemu_vm_info", .info, ["version", "machine", "accelerator", "cpu"], "How QEMU was started; always 1.")
    static let vmState = Series(
        "qemu_vm_state", .gauge, ["state"], "QEMU's run state: 1 for the one it is in, 0 for the others.")
    static let vcpus = Series("qemu_vcpus", .gauge, "CPUs of the guest.")
    static let vcpuSeconds = Series(
        "qemu_vcpu_seconds_total", .counter, ["vcpu"], "CPU time of the host that the thread of a guest's CPU has had.")
    static let cpuSeconds = Series(
        "qemu_cpu_seconds_total", .counter, ["mode"], "CPU time of QEMU with all its threads: user or system.")
    static let memoryConfigured = Series(
        "qemu_memory_configured_bytes", .gauge, "The guest's memory.")
    static let memoryActual = Series(
        "qemu_memory_actual_bytes", .gauge,
        "What the guest has of it now, as the balloon has the rest; absent without QEMU_BALLOON.")
    static let guestMemoryTotal = Series(
        "qemu_guest_memory_total_bytes", .gauge,
        "What the guest says it has, by the driver of its balloon; absent when it does not, as are the next two.")
    static let guestMemoryFree = Series("qemu_guest_memory_free_bytes", .gauge, "What it does not use at all.")
    static let guestMemoryAvailable = Series(
        "qemu_guest_memory_available_bytes", .gauge, "What its programs could have without swapping.")
    static let memoryResident = Series(
        "qemu_memory_resident_bytes", .gauge, "What QEMU has in memory, the guest's memory included.")
    static let resets = Series(
        "qemu_guest_resets_total", .counter, "Resets by the guest itself, since this QEMU was started.")
    static let panics = Series(
        "qemu_guest_panics_total", .counter,
        "Crashes that the guest's kernel has told a panic device of QEMU's, which only QEMU_EXTRA_ARGS can add.")

    static let blocks: [Series] = [
        readBytes, writeBytes, readRequests, writeRequests, readSeconds, writeSeconds, flushRequests, flushSeconds,
        blockErrors, capacity, allocated,
    ]

    private static func block(_ name: String, _ kind: Kind, _ help: String) -> Series {
        Series("qemu_block_" + name, kind, ["device"], help)
    }

    static let readBytes = block("read_bytes_total", .counter, "Bytes that the guest has read from a disk.")
    static let writeBytes = block("write_bytes_total", .counter, "Bytes that it has written.")
    static let readRequests = block("read_requests_total", .counter, "Its reads.")
    static let writeRequests = block("write_requests_total", .counter, "Its writes.")
    static let readSeconds = block("read_seconds_total", .counter, "How long its reads have taken, all together.")
    static let writeSeconds = block("write_seconds_total", .counter, "How long its writes have taken.")
    static let flushRequests = block("flush_requests_total", .counter, "Its flushes.")
    static let flushSeconds = block("flush_seconds_total", .counter, "How long these have taken.")
    static let blockErrors = block("errors_total", .counter, "Reads, writes and flushes that have failed.")
    static let capacity = block("capacity_bytes", .gauge, "The disk's size as the guest sees it.")
    static let allocated = block("allocated_bytes", .gauge, "What the image takes of its file system.")

    static let container: [Series] = [memoryLimit, memoryUsage, workingSet, throttled]

    static let memoryLimit = Series(
        "container_memory_limit_bytes", .gauge, "What the container may have; absent: as much as there is.")
    static let memoryUsage = Series(
        "container_memory_usage_bytes", .gauge,
        "What it has, with files that the kernel keeps and gives back when memory is short.")
    static let workingSet = Series(
        "container_memory_working_set_bytes", .gauge,
        "The same without the files that have not been needed for a while: near the limit, something is killed.")
    static let throttled = Series(
        "container_cpu_throttled_seconds_total", .counter,
        "How long its processes were kept from running because the CPU quota was used up.")

    static let backups: [Series] = [
        backupLastSuccess, backupDuration, backupSize, backupCount, backupPoints, backupFree, backupTested,
        backupTestOK, backupVerified, backupVerifyOK, backupFleece,
    ]

    static let backupLastSuccess = Series(
        "drover_backup_last_success_timestamp_seconds", .gauge,
        "The point in time of the newest backup in BACKUP_DIR; 0 when there is none.")
    static let backupDuration = Series(
        "drover_backup_last_duration_seconds", .gauge, "How long the newest took.")
    static let backupSize = Series("drover_backup_last_size_bytes", .gauge, "What it takes by itself.")
    static let backupCount = Series(
        "drover_backups_total", .counter, ["outcome"],
        "Backups that were tried since the process that makes them was started: ok or failed.")
    static let backupPoints = Series("drover_backup_points", .gauge, "Backups that can be restored.")
    static let backupFree = Series("drover_backup_free_bytes", .gauge, "Left of the file system of BACKUP_DIR.")
    static let backupTested = Series(
        "drover_backup_last_tested_timestamp_seconds", .gauge,
        "When a backup last passed its test; absent: none has.")
    static let backupTestOK = Series(
        "drover_backup_test_ok", .gauge, "Whether the last test passed; absent: none was made.")
    static let backupVerified = Series(
        "drover_backup_last_verified_timestamp_seconds", .gauge,
        "When a backup was last verified and nothing was found wrong; absent: none was.")
    static let backupVerifyOK = Series(
        "drover_backup_verify_ok", .gauge,
        "Whether nothing was found wrong when backups were last verified; absent: none was.")
    static let backupFleece = Series(
        "drover_backup_fleece_bytes", .gauge,
        "What the guest has overwritten during the backup under way, kept beside the disks until it ends.")
}
