import Basics

extension Variable {
    /// Every variable, in the order in which help lists them and faults are told.
    public static let all: [Variable] = disks + machine + network + guest + operation

    private static let disks = [
        Variable(
            "QEMU_DRIVE", .disks, { $0.drive.path }, { $0.drive.path = $1 }, .path(), "The system disk.",
            refused: """
                a file that is missing (unless CREATE_DISK), a directory, a file this uid cannot read and write, an \
                unknown format, a qcow2 image with a backing or data file that is not allowed
                """),
        Variable(
            "QEMU_DRIVE_FORMAT", .disks, { $0.drive.format }, { $0.drive.format = $1 }, .choice, orElse: "auto",
            defaultText: "auto (from the header)",
            "Format of the system disk. A raw image must be declared raw: its first bytes are the guest's to write."),
        Variable(
            "CREATE_DISK", .disks, { $0.createDisk }, { $0.createDisk = $1 }, .boolean,
            "Create an empty qcow2 image of DISK_SIZE when QEMU_DRIVE is missing. An existing file is never touched.",
            refused: "on without DISK_SIZE, or with QEMU_DRIVE_FORMAT=raw"),
        Variable(
            "DISK_SIZE", .disks, { $0.diskSize }, { $0.diskSize = $1 }, .size(MiB(1)...MiB(64 << 20)), orElse: "none",
            """
            Size of the system disk. A larger one than the existing disk's grows the disk before the guest starts; a \
            number is MiB.
            """,
            refused: "smaller than the existing disk"),
        Variable(
            "QEMU_DISKS", .disks, { $0.disks }, { $0.disks = $1 }, .disks,
            """
            Further disks, each path[:format[:ro]] with qcow2 or raw as the format; without one it comes from the \
            header, also in path::ro. ro makes the disk read-only, with QEMU_STORAGE=virtio only. A backslash before a comma, a colon or a backslash \
            makes it part of the path.
            """,
            refused: """
                an image named twice, and more disks than the controller takes beside the system disk and the CDs: 2 \
                with ide, 4 with sata (one less with QEMU_CDROM), 16 with virtio
                """),
        Variable(
            "QEMU_CDROM", .disks, { $0.cdrom }, { $0.cdrom = $1 }, .path(), orElse: "none",
            "An ISO image, such as an installation medium."),
        Variable(
            "QEMU_BOOT", .disks, { $0.boot }, { $0.boot = $1 }, .choice, "What the guest boots from.",
            refused: "cdrom without QEMU_CDROM"),
        Variable(
            "QEMU_STORAGE", .disks, { $0.storage }, { $0.storage = $1 }, .choice,
            defaultText: "ide, or sata with QEMU_MACHINE=q35",
            "The controller of all disks. sata is the cure when a Hurd does not see its IDE disk; no Hurd has virtio.",
            refused: "ide with QEMU_MACHINE=q35"),
        Variable(
            "QEMU_CACHE", .disks, { $0.cache }, { $0.cache = $1 }, .choice,
            """
            How writes reach the disk images. none bypasses the host's cache; unsafe ignores the guest's flushes and \
            loses data when the host fails.
            """),
        Variable(
            "UNSAFE_CACHE", .disks, { $0.unsafeCache }, { $0.unsafeCache = $1 }, .boolean, "On is QEMU_CACHE=unsafe.",
            refused: "on with another QEMU_CACHE"),
        Variable(
            "QEMU_AIO", .disks, { $0.asyncIO }, { $0.asyncIO = $1 }, .choice, orElse: "auto",
            defaultText: "auto (io_uring where the container may use it, else threads)",
            "How QEMU waits for disk images.", refused: "native without QEMU_CACHE=none"),
    ]

    private static let machine = [
        Variable(
            "QEMU_RAM", .machine, { $0.ram }, { $0.ram = $1 }, .guestRAM,
            defaultText: "auto (a quarter of what the container may use, 512M to 8G)",
            "Guest RAM; a number is MiB. 0 is auto.",
            refused: "RAM and QEMU's own need over the container's memory limit"),
        Variable(
            "QEMU_SMP", .machine, { $0.smp }, { $0.smp = $1 }, .integer(1...64, "vCPUs"),
            "Virtual CPUs. A GNU/Hurd uses one. More than the container's CPU limit is warned about."),
        Variable(
            "QEMU_ACCEL", .machine, { $0.accelerator }, { $0.accelerator = $1 }, .choice,
            "kvm refuses to start without a fast KVM; auto uses tcg, QEMU's translator, when KVM is absent or slow."),
        Variable(
            "QEMU_CPU", .machine, { $0.cpu }, { $0.cpu = $1 }, .cpuModel, orElse: "auto",
            defaultText: "auto (by accelerator)",
            "CPU model, with QEMU's features if wanted, such as qemu64,+ssse3."),
        Variable(
            "QEMU_MACHINE", .machine, { $0.machine }, { $0.machine = $1 }, .choice, "The board: pc (i440FX) or q35."),
        Variable(
            "QEMU_EXTRA_ARGS", .machine, { $0.extraArguments }, { $0.extraArguments = $1 }, .extraArguments,
            """
            Further QEMU arguments, appended last. Words are split as a shell does (single and double quotes, \
            backslash), but nothing is expanded.
            """,
            refused: """
                options that open a monitor or a network port, take over what Drover or another variable decides, or \
                hold a secret; the message names what to use
                """),
        Variable(
            "ENABLE_VNC", .machine, { $0.vnc }, { $0.vnc = $1 }, .boolean,
            """
            The guest's screen over VNC: on TCP port 5900 with the password of VNC_PASSWORD_FILE; without one on the \
            Unix socket vnc.sock in DROVER_RUNTIME_DIR.
            """),
        Variable(
            "VNC_PASSWORD_FILE", .machine, { $0.vncPasswordFile }, { $0.vncPasswordFile = $1 }, .path(),
            """
            File with the password of the VNC server. When it is not set, the default is read if it is there. VNC \
            encrypts nothing but the password, and that weakly: publish the port on 127.0.0.1 alone.
            """,
            refused: """
                a file that is missing when the variable is set, is empty, or is larger than 8 bytes (the most VNC \
                compares); NUL and line breaks but for one at the end; a well-known password unless \
                ALLOW_WEAK_PASSWORDS; a tcp forward from port 5900 in QEMU_PORTS beside it
                """),
    ]

    private static let network = [
        Variable(
            "QEMU_NET", .network, { $0.network }, { $0.network = $1 }, .choice,
            "The guest's network card; none: no network."),
        Variable(
            "QEMU_MAC", .network, { $0.mac }, { $0.mac = $1 }, .macAddress, orElse: "auto",
            defaultText: "auto (stable per disk)",
            "MAC address of the network card."),
        Variable(
            "QEMU_NET_RESTRICT", .network, { $0.networkRestricted }, { $0.networkRestricted = $1 }, .boolean,
            "On: the guest reaches nothing outside; forwards to it still work."),
        Variable(
            "QEMU_PORTS", .network, { $0.ports }, { $0.ports = $1 }, .portForwards,
            """
            Ports of the container that lead to the guest, each [address:]host:guest[/udp]. The address is IPv4; \
            without one, every address listens. none: no forwards.
            """,
            refused: "two forwards from one port, and host ports under 1024 without CAP_NET_BIND_SERVICE"),
    ]

    private static let operation = [
        Variable(
            "SHUTDOWN_TIMEOUT", .operation, { $0.shutdownTimeout }, { $0.shutdownTimeout = $1 },
            .integer(ShutdownBudget.range, "seconds"),
            "How long the guest may take to shut down. The container's own grace period must be longer."),
        Variable(
            "GUEST_AGENT", .operation, { $0.guestAgent }, { $0.guestAgent = $1 }, .choice,
            "auto: a second serial port for the guest agent; whether one answers is found out. off: no such port."),
        Variable(
            "CONSOLE_LOG", .operation, { $0.consoleLog }, { $0.consoleLog = $1 }, .boolean,
            "The guest's console lines on standard output."),
        Variable(
            "LOG_FORMAT", .operation, { $0.logFormat }, { $0.logFormat = $1 }, .choice,
            "Log lines as text, or as one JSON object each."),
        Variable(
            "LOG_LEVEL", .operation, { $0.logLevel }, { $0.logLevel = $1 }, .choice,
            "The least important level that is logged."),
        Variable(
            "QMP_POLICY", .operation, { $0.qmpPolicy }, { $0.qmpPolicy = $1 }, .choice,
            """
            What clients of the control socket may do. read-only: queries. operator: also pause and resume, \
            powerdown, reset, snapshots, block jobs, screenshots, keys, the guest agent's passwords and keys, drover stop. \
            full: everything. The console is not QMP, and is open to whoever may connect.
            """),
        Variable(
            "READY_CHECK", .operation, { $0.readyCheck }, { $0.readyCheck = $1 }, .readyCheck,
            """
            What drover healthcheck asks the guest. auto: the guest agent when it answers, else SSH's banner on the port \
            that leads to the guest's 22. agent: the guest agent. banner:PORT: the first bytes of the guest on a forwarded \
            port of the host. console:TEXT: a line of the console that holds TEXT. none: nothing.
            """,
            refused: "a port that QEMU_PORTS does not forward by TCP; agent with GUEST_AGENT=off"),
        Variable(
            "DROVER_RUNTIME_DIR", .operation, { $0.runtimeDirectory }, { $0.runtimeDirectory = $1 }, .path(limit: 80),
            "Directory of the sockets; created with mode 0700."),
    ]
}

extension ValueSyntax where Value == MiB? {
    /// A size or 0, which is auto.
    fileprivate static var guestRAM: ValueSyntax<MiB?> {
        let size = ValueSyntax<MiB>.size(MiB(64)...MiB(4 << 20)).orElse("auto")
        return ValueSyntax(size.form, range: size.range) { text throws(Rejection) in
            decimal(text) == 0 ? nil : try size.parse(text)
        } show: {
            size.show($0)
        }
    }
}

extension ShellWords.Failure {
    fileprivate var reason: String {
        switch self {
        case .openQuote(let mark, let position):
            "the quote \(mark) at character \(position) is never closed; close it, or escape it with a backslash"
        case .trailingBackslash:
            "ends in a backslash that escapes nothing; remove or double it"
        }
    }
}

extension ValueSyntax where Value == [String] {
    /// A fault of quoting does not repeat the value: it may hold what is not for the log.
    fileprivate static var extraArguments: ValueSyntax<[String]> {
        ValueSyntax("ARGUMENTS|none") { text throws(Rejection) in
            if text.lowercased() == "none" { return [] }
            let words: [String]
            do throws(ShellWords.Failure) {
                words = try ShellWords.split(text)
            } catch {
                throw Rejection(messages: [error.reason])
            }
            let messages = ExtraArguments.reasons(in: words)
            guard messages.isEmpty else { throw Rejection(messages: messages) }
            return words
        } show: {
            $0.isEmpty ? "none" : ShellWords.join($0)
        }
    }
}
