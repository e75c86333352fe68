import Basics

// The disks, the CD, and how they reach the guest.
extension Variable {
    static let disks = [
        Variable(
            "QEMU_DRIVE", .disks, { $0.disks.drive.path }, { $0.disks.drive.path = $1 }, .path(),
            "The system disk: an image, or a block device.",
            refused: """
                a file that is missing (unless CREATE_DISK), a directory, a file this uid cannot read and write, an \
                unknown format, a qcow2 image with a backing or data file that is not allowed; a block device that is mounted \
                or held, or has less than 1 MiB
                """),
        Variable(
            "QEMU_DRIVE_FORMAT", .disks, { $0.disks.drive.format }, { $0.disks.drive.format = $1 }, .choice,
            orElse: "auto",
            defaultText: "auto (from the header; a block device is raw)",
            "Format of the system disk. A raw image must be declared raw: its first bytes are the guest's to write."),
        Variable(
            "CREATE_DISK", .disks, { $0.disks.createDisk }, { $0.disks.createDisk = $1 }, .boolean,
            "Create an empty qcow2 image of DISK_SIZE when QEMU_DRIVE is missing. An existing file is never touched.",
            refused: "on without DISK_SIZE, or with QEMU_DRIVE_FORMAT=raw"),
        Variable(
            "DISK_SIZE", .disks, { $0.disks.diskSize }, { $0.disks.diskSize = $1 }, .size(MiB(1)...MiB(64 << 20)),
            orElse: "none",
            """
            Size of the system disk; a number is MiB. If it is larger than the existing disk, the disk grows before the \
            guest starts; that of a Hurd does not, which reads no file system that has grown.
            """,
            refused: "smaller than the existing disk"),
        Variable(
            "QEMU_BASE", .disks, { $0.disks.base }, { $0.disks.base = $1 }, .base, orElse: "none",
            """
            A base under the system disk, path[:format], which is never written and may serve any number of machines. \
            QEMU_DRIVE has only what differs from it, and is made over it when it is missing, as large as the base or as \
            DISK_SIZE. The format is qcow2 or raw; without one it comes from the header. A backslash before a comma, a \
            colon or a backslash makes it part of the path.
            """,
            refused: """
                a QEMU_DRIVE that is there and is not over that base; a DISK_SIZE smaller than the base; together with \
                CREATE_DISK or QEMU_DRIVE_FORMAT=raw
                """),
        Variable(
            "QEMU_SNAPSHOT", .disks, { $0.disks.snapshot }, { $0.disks.snapshot = $1 }, .boolean,
            """
            On: what the guest writes to its disks is thrown away when the run ends. The images are not written and need \
            only be readable. What is written lies in a file without a name beside each image, or, where none can be made \
            or there is no room, in DROVER_RUNTIME_DIR, which is memory as a rule.
            """,
            refused: "on together with CREATE_DISK or DISK_SIZE"),
        Variable(
            "QEMU_DISKS", .disks, { $0.disks.further }, { $0.disks.further = $1 }, .disks,
            """
            Further disks, each path[:format[:ro]]. The format is qcow2 or raw; without one, as in path::ro, it comes from \
            the header. ro makes the disk read-only, and needs QEMU_STORAGE=virtio. A backslash before a comma, a colon or \
            a backslash makes it part of the path.
            """,
            refused: """
                an image named twice, and more disks than the controller takes beside the system disk and the CDs: \
                \(most(.ide)) with ide, \(most(.sata)) with sata (one less with QEMU_CDROM, and with SHARE_MODE=cd), \
                \(most(.virtio)) with virtio
                """),
        Variable(
            "ALLOW_BACKING", .disks, { $0.disks.allowBacking }, { $0.disks.allowBacking = $1 }, .paths,
            """
            Files that disk images may name as their backing or data file, under whichever name. Without it, an image may \
            name files in its own directory or below, relatively, and none if it lies in /, /run or /dev itself. A backslash \
            before a comma or a backslash makes it part of the path.
            """),
        Variable(
            "QEMU_CDROM", .disks, { $0.disks.cdrom }, { $0.disks.cdrom = $1 }, .path(), orElse: "none",
            "An ISO image, such as an installation medium, or a CD drive."),
        Variable(
            "QEMU_BOOT", .disks, { $0.disks.boot }, { $0.disks.boot = $1 }, .choice, "What the guest boots from.",
            refused: "cdrom without QEMU_CDROM"),
        Variable(
            "QEMU_STORAGE", .disks, { $0.disks.storage }, { $0.disks.storage = $1 }, .choice,
            defaultText: "ide, or sata with QEMU_MACHINE=q35",
            "The controller of all disks. Try sata when a Hurd does not see its IDE disk; no Hurd supports virtio.",
            refused: "ide with QEMU_MACHINE=q35"),
        Variable(
            "QEMU_CACHE", .disks, { $0.disks.cache }, { $0.disks.cache = $1 }, .choice,
            """
            How writes reach the disk images. none bypasses the host's cache; unsafe ignores the guest's flushes and \
            loses data when the host fails.
            """),
        Variable(
            "UNSAFE_CACHE", .disks, { $0.disks.unsafeCache }, { $0.disks.unsafeCache = $1 }, .boolean,
            "On is QEMU_CACHE=unsafe.",
            refused: "on with another QEMU_CACHE"),
        Variable(
            "QEMU_AIO", .disks, { $0.disks.asyncIO }, { $0.disks.asyncIO = $1 }, .choice, orElse: "auto",
            defaultText: "auto (io_uring where the container may use it, else threads)",
            "How QEMU waits for disk images.", refused: "native without QEMU_CACHE=none"),
    ]

    private static func most(_ storage: Configuration.Storage) -> Int {
        Board(type: .pc, storage: storage).mostFurtherDisks(hasCDROM: false, hasShare: false)
    }
}
