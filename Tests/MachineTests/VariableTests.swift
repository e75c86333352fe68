import Machine
import Testing

/// What each variable accepts and how it is shown; what each refuses, word for word.
@Suite struct VariableTests {
    static let defaults: [(name: String, shown: String)] = [
        ("QEMU_DRIVE", "/opt/hurd-image/debian-hurd-amd64.qcow2"), ("QEMU_DRIVE_FORMAT", "auto"),
        ("CREATE_DISK", "off"), ("DISK_SIZE", "none"), ("QEMU_BASE", "none"), ("QEMU_SNAPSHOT", "off"),
        ("QEMU_DISKS", "none"), ("ALLOW_BACKING", "none"), ("QEMU_CDROM", "none"),
        ("QEMU_BOOT", "disk"), ("QEMU_STORAGE", "ide"), ("QEMU_CACHE", "writeback"), ("UNSAFE_CACHE", "off"),
        ("QEMU_AIO", "auto"), ("QEMU_RAM", "auto"), ("QEMU_SMP", "1"), ("QEMU_ACCEL", "auto"), ("QEMU_CPU", "auto"),
        ("QEMU_MACHINE", "pc"), ("QEMU_FIRMWARE", "bios"),
        ("QEMU_RTC", "utc"), ("TZ", "none"), ("QEMU_EXTRA_ARGS", "none"),
        ("QEMU_USB", "off"), ("QEMU_BALLOON", "off"), ("ENABLE_VNC", "off"),
        ("VNC_PASSWORD_FILE", "/run/secrets/vnc_password"), ("QEMU_NET", "e1000"),
        ("QEMU_MAC", "auto"), ("QEMU_NET_RESTRICT", "off"), ("QEMU_PORTS", "2222:22,8080:80"),
        ("QEMU_NICS", "none"),
        ("ROOT_PASSWORD_FILE", "/run/secrets/root_password"), ("AGENTS_PASSWORD_FILE", "/run/secrets/agents_password"),
        ("AUTHORIZED_KEYS_FILE", "/run/secrets/authorized_keys"), ("ALLOW_WEAK_PASSWORDS", "off"),
        ("GUEST_USER", "agents"), ("GUEST_HOSTNAME", "hurd"), ("SEED", "auto"), ("USER_DATA_FILE", "none"),
        ("NETWORK_CONFIG_FILE", "none"), ("SHARE_DIR", "none"), ("SHARE_MODE", "ro"),
        ("SHUTDOWN_TIMEOUT", "90"), ("AFTER_POWEROFF", "exit"), ("GUEST_AGENT", "auto"), ("CONSOLE_LOG", "on"),
        ("LOG_FORMAT", "text"),
        ("LOG_LEVEL", "info"), ("QMP_POLICY", "operator"), ("READY_CHECK", "auto"),
        ("METRICS_LISTEN", "none"), ("DROVER_RUNTIME_DIR", "/run/drover"), ("SCREEN_DIR", "none"),
        ("DISK_DIR", "none"), ("SECRETS_DIR", "none"),
        ("BACKUP_DIR", "none"), ("BACKUP_SCHEDULE", "none"), ("BACKUP_TEST", "none"),
        ("BACKUP_KEEP", "last=3,daily=7,weekly=4,monthly=6"),
        ("BACKUP_FULL_EVERY", "7d"), ("BACKUP_CONSISTENCY", "auto"), ("BACKUP_RATE", "none"),
        ("BACKUP_FLOOR", "1G"),
        ("OFFSITE_SCHEDULE", "every 1d"), ("OFFSITE_KEEP", "last=3,daily=7,weekly=4,monthly=6"),
        ("OFFSITE_CHECK", "every 7d"), ("OFFSITE_CHECK_DATA", "0"),
    ]

    @Test func defaultsAreThoseOfAnEmptyEnvironment() {
        let parsed = Configuration.parse([:])
        #expect(parsed.configuration == Configuration())
        #expect(parsed.faults.isEmpty && parsed.warnings.isEmpty)
        #expect(parsed.origins.values.allSatisfy { $0 == .default })
        #expect(parsed.origins.count == Variable.all.count)
        #expect(Variable.all.map(\.name) == Self.defaults.map(\.name))
        #expect(Variable.all.map { $0.value(in: parsed.configuration) } == Self.defaults.map(\.shown))
    }

    static let accepted: [(name: String, text: String, shown: String)] = [
        ("QEMU_DRIVE", "/a b/é,c.img", "/a b/é,c.img"),
        ("QEMU_DRIVE", " /crlf.img\r\n", "/crlf.img"),
        ("QEMU_DRIVE_FORMAT", "raw", "raw"), ("QEMU_DRIVE_FORMAT", "QCOW2", "qcow2"),
        ("QEMU_DRIVE_FORMAT", "auto", "auto"),
        ("CREATE_DISK", "off", "off"),
        ("DISK_SIZE", "20G", "20G"), ("DISK_SIZE", "1", "1M"), ("DISK_SIZE", "64t", "64T"),
        ("DISK_SIZE", "none", "none"),
        ("QEMU_BASE", "/b", "/b"), ("QEMU_BASE", #"/a\,b\:c:RAW"#, #"/a\,b\:c:raw"#), ("QEMU_BASE", "none", "none"),
        ("QEMU_SNAPSHOT", "1", "on"),
        ("QEMU_DISKS", "/a", "/a"), ("QEMU_DISKS", "/a:raw:ro , /b:qcow2", "/a:raw:ro,/b:qcow2"),
        ("QEMU_DISKS", "/a::ro", "/a::ro"), ("QEMU_DISKS", #"/a\,b\:c\\d\e f:raw"#, #"/a\,b\:c\\d\\e f:raw"#),
        ("QEMU_DISKS", "none", "none"),
        ("ALLOW_BACKING", "/a , /b:c", #"/a,/b\:c"#), ("ALLOW_BACKING", #"/a\,b,/c\:d"#, #"/a\,b,/c\:d"#),
        ("ALLOW_BACKING", "none", "none"),
        ("QEMU_CDROM", "/x.iso", "/x.iso"), ("QEMU_CDROM", "none", "none"),
        ("QEMU_BOOT", "disk", "disk"),
        ("QEMU_STORAGE", "sata", "sata"), ("QEMU_STORAGE", "Virtio", "virtio"),
        ("QEMU_CACHE", "none", "none"), ("QEMU_CACHE", "writethrough", "writethrough"),
        ("QEMU_CACHE", "unsafe", "unsafe"),
        ("UNSAFE_CACHE", "0", "off"), ("UNSAFE_CACHE", "1", "on"),
        ("QEMU_AIO", "io_uring", "io_uring"), ("QEMU_AIO", "threads", "threads"), ("QEMU_AIO", "auto", "auto"),
        ("QEMU_RAM", "4096", "4G"), ("QEMU_RAM", "4g", "4G"), ("QEMU_RAM", "1536m", "1536M"),
        ("QEMU_RAM", "65536K", "64M"), ("QEMU_RAM", "4T", "4T"), ("QEMU_RAM", "0", "auto"),
        ("QEMU_RAM", "Auto", "auto"), ("QEMU_RAM", "0000000000000000000000064", "64M"),
        ("QEMU_SMP", "64", "64"), ("QEMU_SMP", "1", "1"),
        ("QEMU_ACCEL", "kvm", "kvm"), ("QEMU_ACCEL", "TCG", "tcg"),
        ("QEMU_CPU", "qemu64,+ssse3,model-id=a_b.c", "qemu64,+ssse3,model-id=a_b.c"), ("QEMU_CPU", "auto", "auto"),
        ("QEMU_MACHINE", "q35", "q35"), ("QEMU_FIRMWARE", "UEFI", "uefi"), ("QEMU_FIRMWARE", "bios", "bios"),
        ("QEMU_RTC", "LocalTime", "localtime"), ("TZ", "Asia/Tokyo", "Asia/Tokyo"),
        ("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0/3"),
        ("QEMU_EXTRA_ARGS", "-device 'usb tablet'", "-device 'usb tablet'"), ("QEMU_EXTRA_ARGS", "none", "none"),
        ("QEMU_USB", "1", "on"), ("QEMU_BALLOON", "on", "on"), ("SHARE_DIR", "/a b,c", "/a b,c"),
        ("SHARE_MODE", "RW", "rw"),
        ("ENABLE_VNC", "enable", "on"), ("ENABLE_VNC", "TRUE", "on"), ("ENABLE_VNC", "yes", "on"),
        ("ENABLE_VNC", "on", "on"), ("ENABLE_VNC", "disable", "off"), ("ENABLE_VNC", "no", "off"),
        ("ENABLE_VNC", "False", "off"),
        ("QEMU_NET", "rtl8139", "rtl8139"), ("QEMU_NET", "pcnet", "pcnet"), ("QEMU_NET", "virtio", "virtio"),
        ("QEMU_NET", "none", "none"),
        ("QEMU_MAC", "52:54:00:AB:cd:ef", "52:54:00:ab:cd:ef"), ("QEMU_MAC", "auto", "auto"),
        ("QEMU_NET_RESTRICT", "1", "on"),
        ("QEMU_PORTS", "1024:1", "1024:1"), ("QEMU_PORTS", "127.0.0.1:2222:22/udp", "127.0.0.1:2222:22/udp"),
        ("QEMU_PORTS", "0.0.0.0:2222:22/TCP", "2222:22"),
        ("QEMU_PORTS", "2222:22,\n2222:22/udp", "2222:22,2222:22/udp"),
        ("QEMU_PORTS", "127.0.0.1:2222:22,127.0.0.2:2222:22", "127.0.0.1:2222:22,127.0.0.2:2222:22"),
        (
            "QEMU_PORTS", "127.0.0.1:8000-8002:80-82/udp",
            "127.0.0.1:8000:80/udp,127.0.0.1:8001:81/udp,127.0.0.1:8002:82/udp"
        ),
        ("QEMU_PORTS", "none", "none"),
        ("QEMU_NICS", "Virtio", "virtio"), ("QEMU_NICS", "none", "none"),
        (
            "QEMU_NICS",
            "virtio  forward=2223:22\tmac=52:54:00:AA:00:01 restrict , e1000 forward=127.0.0.1:9000-9001:80-81/udp",
            "virtio mac=52:54:00:aa:00:01 restrict forward=2223:22,"
                + "e1000 forward=127.0.0.1:9000:80/udp forward=127.0.0.1:9001:81/udp"
        ),
        ("ROOT_PASSWORD_FILE", "/root", "/root"), ("AGENTS_PASSWORD_FILE", "/user", "/user"),
        ("VNC_PASSWORD_FILE", "/vnc", "/vnc"), ("AUTHORIZED_KEYS_FILE", "/keys", "/keys"),
        ("ALLOW_WEAK_PASSWORDS", "1", "on"),
        ("GUEST_USER", "_a-b_9", "_a-b_9"),
        ("GUEST_USER", "a234567890123456789012345678901b", "a234567890123456789012345678901b"),
        ("GUEST_HOSTNAME", "1.A-b.example", "1.A-b.example"), ("SEED", "ON", "on"), ("SEED", "off", "off"),
        ("USER_DATA_FILE", "/user data", "/user data"), ("USER_DATA_FILE", "none", "none"),
        ("NETWORK_CONFIG_FILE", "/network", "/network"),
        ("SHUTDOWN_TIMEOUT", "5", "5"), ("SHUTDOWN_TIMEOUT", "3600", "3600"),
        ("AFTER_POWEROFF", "wait", "wait"), ("GUEST_AGENT", "off", "off"), ("CONSOLE_LOG", "off", "off"),
        ("LOG_FORMAT", "json", "json"),
        ("LOG_LEVEL", "debug", "debug"), ("QMP_POLICY", "read-only", "read-only"), ("QMP_POLICY", "full", "full"),
        ("READY_CHECK", "AUTO", "auto"), ("READY_CHECK", "agent", "agent"),
        ("READY_CHECK", "none", "none"), ("READY_CHECK", "banner:8080", "banner:8080"),
        ("READY_CHECK", "http:8080", "http:8080/"), ("READY_CHECK", "http:2222/a?b=c", "http:2222/a?b=c"),
        ("READY_CHECK", "console:hurd login: ", "console:hurd login:"),
        ("METRICS_LISTEN", "0.0.0.0:9177", "0.0.0.0:9177"), ("METRICS_LISTEN", "[::]:9177", "[::]:9177"),
        ("METRICS_LISTEN", "[fe80::1]:65535", "[fe80::1]:65535"), ("METRICS_LISTEN", "NONE", "none"),
        ("METRICS_LISTEN", "unix:/run/a b", "unix:/run/a b"),
        ("DROVER_RUNTIME_DIR", "/tmp/drover", "/tmp/drover"), ("SCREEN_DIR", "/screen/a,b", "/screen/a,b"),
        ("SCREEN_DIR", "none", "none"), ("DISK_DIR", "../disk", "../disk"),
        ("SECRETS_DIR", "/srv/my secrets", "/srv/my secrets"),
        ("BACKUP_DIR", "/backup", "/backup"), ("BACKUP_DIR", "none", "none"),
        ("BACKUP_SCHEDULE", "every 6h", "every 6h"), ("BACKUP_SCHEDULE", "Every 1440m", "every 1d"),
        ("BACKUP_SCHEDULE", "*/30\t1-5,23 * JAN-mar,12 Mon-Fri", "*/30 1-5,23 * jan-mar,12 mon-fri"),
        ("BACKUP_TEST", "EVERY 1w", "every 7d"), ("BACKUP_TEST", "none", "none"),
        ("BACKUP_SCHEDULE", "none", "none"), ("BACKUP_SCHEDULE", "0 4 * * sun", "0 4 * * sun"),
        ("BACKUP_KEEP", "monthly=12, last=1", "last=1,monthly=12"), ("BACKUP_KEEP", "all", "all"),
        ("BACKUP_FULL_EVERY", "0", "0"), ("BACKUP_FULL_EVERY", "28", "28"), ("BACKUP_FULL_EVERY", "1W", "7d"),
        ("BACKUP_CONSISTENCY", "require", "require"), ("BACKUP_RATE", "100", "100M"), ("BACKUP_RATE", "none", "none"),
        ("BACKUP_FLOOR", "0", "0M"), ("BACKUP_FLOOR", "20G", "20G"),
        ("OFFSITE_SCHEDULE", "30 3 * * *", "30 3 * * *"), ("OFFSITE_KEEP", "daily=14", "daily=14"),
        ("OFFSITE_CHECK", "none", "none"), ("OFFSITE_CHECK_DATA", "100", "100"),
    ]

    @Test(arguments: accepted)
    func aGoodValueIsTakenAndShown(name: String, text: String, shown: String) throws {
        let variable = try #require(Variable.all.first { $0.name == name })
        // Read-only disks are for virtio alone, and the password is for a server that is on.
        let others =
            name.hasPrefix("BACKUP_")
            ? ["BACKUP_DIR": "/backup"]
            : [
                "QEMU_DISKS": ["QEMU_STORAGE": "virtio"], "VNC_PASSWORD_FILE": ["ENABLE_VNC": "1"],
                "SHARE_MODE": ["SHARE_DIR": "/share"],
            ][name] ?? [:]
        let parsed = Configuration.parse(others.merging([name: text]) { $1 })
        #expect(parsed.faults.isEmpty)
        #expect(parsed.warnings.isEmpty)
        #expect(parsed.origins[name] == .set)
        #expect(variable.value(in: parsed.configuration) == shown)
        // What is shown can be written.
        #expect(Configuration.parse(others.merging([name: shown]) { $1 }).configuration == parsed.configuration)
    }

    @Test func anEmptyValueIsUnset() {
        for variable in Variable.all {
            for empty in ["", " ", "\r\n"] {
                #expect(Configuration.parse([variable.name: empty]) == Configuration.parse([:]), "\(variable.name)")
            }
        }
    }

    @Test(arguments: RefusedValues.all)
    func aBadValueIsRefused(name: String, text: String, reasons: [String]) {
        let parsed = Configuration.parse([name: text])
        #expect(parsed.faults.map(\.description) == reasons.map { "\(name): \($0)" })
        #expect(parsed.faults.allSatisfy { $0.kind == .configuration })
    }

    @Test func everyVariableHasACaseInBothTables() {
        let accepting = Set(Self.accepted.map(\.name))
        let refusing = Set(RefusedValues.all.map(\.name))
        for variable in Variable.all {
            #expect(accepting.contains(variable.name), "\(variable.name)")
            #expect(refusing.contains(variable.name), "\(variable.name)")
        }
    }
}
