import Basics

/// The options of QEMU 7.2 to 10.0 for x86_64 (`qemu-options.hx`).
extension QEMUOption {
    /// What is known of the option called `name`. Searched anew each time: a start looks up a few, and a dictionary of all
    /// would cost more than that.
    static func named(_ name: String) -> QEMUOption {
        func isIn(_ names: String) -> Bool {
            names.utf8.split(separator: UInt8(ascii: " ")).contains { $0.elementsEqual(name.utf8) }
        }
        if isIn(flags) { return QEMUOption(value: .none) { _ in nil } }
        if isIn(valued) { return QEMUOption(value: .always, refusal: secret) }
        if let (_, value, reason) = refused.first(where: { isIn($0.names) }) {
            return QEMUOption(value: value) { _ in reason }
        }
        if let (_, check) = checked.first(where: { isIn($0.names) }) {
            return QEMUOption(value: .always) { check($0) ?? secret($0) }
        }
        return .unknown
    }

    /// Harmless, without a value. Drover passes the first two itself; twice is once.
    private static let flags = """
        nodefaults no-user-config audio-help enable-sync-profile full-screen jitdump mem-prealloc no-acpi \
        no-fd-bootchk no-hpet only-migratable perfmap portrait semihosting singlestep usb win2k-hack xen-attach \
        xen-domid-restrict
        """

    /// Harmless, with a value.
    private static let valued = """
        D L acpitable append audio audiodev bios blockdev compat d device dfilter dtb dump-vmstate echr fda \
        fdb fsdev fw_cfg global icount initrd iscsi k kernel loadvm mem-path msg mtdblock name numa option-rom \
        overcommit pflash plugin prom-env qtest-log rotate sd seed semihosting-config shim smbios tpmdev trace \
        usbdevice uuid vga virtfs watchdog watchdog-action xen-domid
        """

    private static let monitor = "opens a monitor; use drover monitor"
    private static let debugger = """
        opens a debugger, which is a monitor too; start gdbserver from drover monitor with QMP_POLICY=full
        """
    private static let display = "chooses the display, which Drover does; set ENABLE_VNC=1 and remove it"
    private static let ending = """
        changes what the guest's shutdown and reset mean, which Drover decides; remove it, or use -watchdog-action
        """
    private static let isolation = "decides how QEMU is run, which Drover does; remove it"
    private static let information = "prints and starts no guest; run QEMU with it in the container instead"

    private static let refused: [(names: String, value: Value, reason: String)] = [
        ("monitor qmp qmp-pretty mon", .always, monitor),
        ("gdb", .always, debugger),
        ("s", .none, debugger),
        ("qtest", .always, "lets another program drive the machine; remove it"),
        ("vnc display spice", .always, display),
        ("nographic curses sdl", .none, display),
        ("serial", .always, "takes a serial port, which Drover numbers; use -chardev and -device isa-serial"),
        ("incoming", .always, "waits for another QEMU instead of booting; remove it, or use -loadvm for a snapshot"),
        ("S preconfig", .none, "starts the guest paused, which Drover takes for a failure; use drover monitor"),
        ("no-shutdown no-reboot", .none, ending),
        ("action", .always, ending),
        ("daemonize async-teardown", .none, isolation),
        ("runas chroot sandbox pidfile run-with add-fd", .always, isolation),
        ("readconfig writeconfig", .always, "reads options that are not checked; write them here"),
        ("set", .always, "changes what Drover has defined; use -global for a device's property"),
        ("m", .always, "sets the guest's RAM; set QEMU_RAM"),
        ("smp", .always, "sets the virtual CPUs; set QEMU_SMP"),
        ("accel", .always, "chooses the accelerator; set QEMU_ACCEL"),
        ("enable-kvm no-kvm", .none, "chooses the accelerator; set QEMU_ACCEL=kvm"),
        ("cpu", .always, "chooses the CPU model; set QEMU_CPU"),
        ("boot", .always, "chooses what is booted; set QEMU_BOOT"),
        ("hda hdb hdc hdd", .always, "takes a place on Drover's disk controller; set QEMU_DRIVE or QEMU_DISKS"),
        ("cdrom", .always, "takes a place on Drover's disk controller; set QEMU_CDROM"),
        ("snapshot", .none, "does not work with Drover's disks; set QEMU_SNAPSHOT=1"),
        ("h help version", .none, information),
    ]

    private static let checked: [(names: String, check: @Sendable (String) -> String?)] = [
        ("machine M", machine),
        ("chardev", characterDevice),
        ("parallel debugcon virtioconsole", oldCharacterDevice),
        ("drive", drive),
        ("netdev", networkBackend),
        ("nic net", networkCard),
        ("object", object),
        ("rtc", clock),
    ]

    /// Machine properties that leave Drover's own choices alone; `QEMU_MACHINE` and `QEMU_ACCEL` make those.
    private static let machineProperties = [
        "acpi", "fd-bootchk", "graphics", "hpet", "i8042", "pcspk-audiodev", "pic", "pit", "sata", "smbus", "smm",
        "usb", "vmport",
    ]

    private static let machine: @Sendable (String) -> String? = { value in
        let keys = OptionValue(value, impliedKey: "type").pairs.map(\.key)
        if let key = keys.first(where: { !machineProperties.contains($0) }) {
            let remedy = "set QEMU_MACHINE or QEMU_ACCEL; allowed are \(machineProperties.joined(separator: " "))"
            return "with \(quoted(key)) changes the machine; \(remedy)"
        }
        return nil
    }
}
