import Linux

/// What guests write to their console when they fail, what it means and what helps.
///
/// The order counts: a line stands for the first that fits.
public enum Hint: CaseIterable, Sendable {
    case hurdCannotRead, hurdHasNoDisk, notUnmounted, needsRepair, grubRescue, noRoot, noRootInInitramfs, linuxPanic
    case noBootModules, machPanic, machPanicOfCPU, nothingBoots, nothingBootsByUEFI
    case pciArbiter, grubPrompt

    private var row: (phrase: StaticString, advice: StaticString) {
        switch self {
        // ext2fs, before anything else runs: "ext2fs: part:1:device:wd0: Input/output error".
        case .hurdCannotRead:
            (
                "Input/output error",
                """
                the Hurd cannot read its disk; set QEMU_STORAGE=sata, and go back to a copy of the disk if its file system was \
                enlarged (resize2fs), for the Hurd cannot read that
                """
            )
        case .hurdHasNoDisk:
            (
                "No such device or address",
                """
                the Hurd does not find its disk; set QEMU_STORAGE to ide or sata (it has no driver for virtio), and look at root= in \
                the guest's grub.cfg
                """
            )
        case .notUnmounted:
            (
                "FILESYSTEM NOT UNMOUNTED CLEANLY",
                """
                the guest was cut off in an earlier run, and what it wrote last may be damaged; run fsck in the guest, or \
                scripts/hurd-image --prepare DISK while it is stopped, and give a stop more time by SHUTDOWN_TIMEOUT and a longer grace \
                period of the runtime's
                """
            )
        case .needsRepair:
            (
                "UNEXPECTED INCONSISTENCY",
                """
                the guest does not repair its file system unasked, and may wait for somebody; copy the disk, log in by drover \
                console, and run fsck on the device that the line names
                """
            )
        case .grubRescue:
            (
                "grub rescue>",
                """
                GRUB does not find its own files; look whether QEMU_DRIVE is the disk that it was installed on and its partitions are \
                where they were, or start it by hand in drover console: ls, set prefix=(hd0,msdos1)/boot/grub, insmod normal, normal
                """
            )
        case .noRoot: ("Unable to mount root fs", Self.noRootAdvice)
        // Debian's initramfs: "ALERT!  /dev/sda1 does not exist.  Dropping to a shell!"
        case .noRootInInitramfs: ("Dropping to a shell!", Self.noRootAdvice)
        case .linuxPanic:
            (
                "Kernel panic - not syncing",
                """
                Linux has stopped for good, for the reason in this line; start it again by drover monitor system_reset, and let it \
                do so by itself in future with panic=10 on its kernel's command line
                """
            )
        case .noBootModules:
            (
                "No bootstrap code loaded with the kernel",
                """
                GNU Mach was started without the servers of a Hurd; mend the module lines in the guest's grub.cfg, or go back to a \
                copy of the disk
                """
            )
        // "panic ../kern/bootstrap.c:181: ", and with the CPU's number in kernels for several.
        case .machPanic: ("panic ../", Self.machPanicAdvice)
        case .machPanicOfCPU: ("panic {cpu", Self.machPanicAdvice)
        // SeaBIOS, as a rule on the screen alone.
        case .nothingBoots:
            (
                "No bootable device",
                """
                the firmware finds no system; look whether QEMU_DRIVE is the right disk and QEMU_DRIVE_FORMAT its format, and install \
                from a CD by QEMU_CDROM and QEMU_BOOT if the disk is to be empty
                """
            )
        // OVMF (EDK II), which has nothing else left to start.
        case .nothingBootsByUEFI:
            (
                "UEFI Interactive Shell",
                """
                UEFI finds no system; look whether QEMU_DRIVE is the right disk, set QEMU_FIRMWARE=bios if it was installed by a BIOS, or \
                start its boot loader by hand in drover console: fs0:, ls EFI
                """
            )
        case .pciArbiter:
            (
                "start pci-arbiter",
                """
                the Hurd hangs where it looks for its devices, as it does when a GRUB from elsewhere has started it; boot the disk by \
                the GRUB that is on it, with QEMU_MACHINE=pc
                """
            )
        case .grubPrompt:
            (
                "grub>",
                """
                GRUB has found no menu, or could not start what is in it; look at what it said before, and go on by hand in drover \
                console: ls, configfile (hd0,msdos1)/boot/grub/grub.cfg
                """
            )
        }
    }

    private static let noRootAdvice: StaticString = """
        Linux does not find its root file system; look at root= on its kernel's command line, and set QEMU_STORAGE to what its \
        initramfs has a driver for: ide, sata or virtio
        """
    private static let machPanicAdvice: StaticString = """
        GNU Mach has stopped for good, for the reason in this line; start it again by drover monitor system_reset, and try \
        QEMU_CPU, QEMU_STORAGE or QEMU_RAM with another value if it does the same again
        """

    public var phrase: String { row.phrase.description }
    public var advice: String { row.advice.description }

    /// An unfinished line that every start has, or that waits for somebody: only silence after it makes it a failure.
    public var needsSilence: Bool { self == .pciArbiter || self == .grubPrompt }

    /// Programs in the guest say it too, for other reasons.
    private var isHurdsAlone: Bool { self == .hurdCannotRead || self == .hurdHasNoDisk }

    /// What a line stands for by itself.
    static func of(_ line: UnsafeRawBufferPointer) -> Hint? {
        allCases.first { !$0.needsSilence && $0.fits(line) }
    }

    /// What an unfinished line stands for when nothing follows it.
    static func ofSilence(after line: UnsafeRawBufferPointer) -> Hint? {
        allCases.first { $0.needsSilence && $0.fits(line) }
    }

    /// What the lines of a screen stand for. GRUB's prompt waits there for somebody; of another unfinished line one look does not
    /// tell whether it goes on.
    static func shown(on lines: [String]) -> [Hint] {
        func hint(_ line: String, _ find: (UnsafeRawBufferPointer) -> Hint?) -> Hint? {
            Array(line.utf8).withUnsafeBytes(find)
        }
        let last = lines.last { !$0.isEmpty }.flatMap { hint($0, ofSilence) }
        return lines.compactMap { hint($0, of) } + (last == .grubPrompt ? [.grubPrompt] : [])
    }

    private func fits(_ line: UnsafeRawBufferPointer) -> Bool {
        line.holds(row.phrase) && (!isHurdsAlone || line.holds("ext2fs"))
    }

    /// For the lines that are looked at as they pass.
    static let phrases = allCases.filter { !$0.needsSilence }.map(\.row.phrase)
}
