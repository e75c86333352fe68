/// One broken value of each kind, with the fault after `NAME: `.
enum RefusedValues {
    typealias Case = (name: String, text: String, reasons: [String])

    static let all: [Case] = disks + machine + network + guest + operation + backup + offsite

    private static let longPath = "/" + String(repeating: "x", count: 80)
    private static let notBoolean = "is neither on nor off; write 1, true, yes, on, enable or the opposite"
    private static let notASize = "is not a size; write MiB or a suffix, such as 4096 or 4G"

    private static let checks =
        "write auto, agent, banner:PORT such as banner:2222, "
        + "http:PORT/PATH such as http:8080/, console:TEXT, or none"

    private static let disks: [Case] = [
        ("QEMU_DRIVE", "disk.img", [#""disk.img" is not an absolute path; start it with /"#]),
        ("QEMU_DRIVE", "/a\nb", [#""/a\nb" holds a control character; rename the file"#]),
        ("QEMU_DRIVE_FORMAT", "vmdk", [#""vmdk" is not known; write qcow2 or raw"#]),
        ("CREATE_DISK", "2", [#""2" \#(notBoolean)"#]),
        ("CREATE_DISK", "1", ["needs a size; set DISK_SIZE, such as DISK_SIZE=20G"]),
        ("DISK_SIZE", "20GB", [#""20GB" \#(notASize)"#]),
        ("DISK_SIZE", "0", [#""0" is too small; write at least 1M"#]),
        ("DISK_SIZE", "65T", [#""65T" is too large; write at most 64T"#]),
        (
            "QEMU_DISKS", "a,/b:vdi,/c:raw:rw,/d:ro,/e:raw:ro:x",
            [
                #""a" is not an absolute path; start it with /"#,
                #""/b:vdi" has no format after the path; write qcow2 or raw, and \: for a colon in the path"#,
                #""/c:raw:rw" ends in something unknown; write ro or nothing after the format"#,
                #""/d:ro" has no format after the path; write path::ro when the format is to come from the header"#,
                #""/e:raw:ro:x" has too many fields; write path[:format[:ro]], and \: for a colon in the path"#,
            ]
        ),
        ("QEMU_BASE", "base", [#""base" is not an absolute path; start it with /"#]),
        ("QEMU_BASE", "/a,/b", [#""/a,/b" is more than one file; write \, for a comma in the path"#]),
        (
            "QEMU_BASE", "/a:raw:ro",
            [#""/a:raw:ro" has too many fields; write path[:format], and \: for a colon in the path"#]
        ),
        (
            "QEMU_BASE", "/a:vdi",
            [#""/a:vdi" has no format after the path; write qcow2 or raw, and \: for a colon in the path"#]
        ),
        ("QEMU_SNAPSHOT", "maybe", [#""maybe" \#(notBoolean)"#]),
        ("QEMU_DISKS", "/a,,/b", [#""/a,,/b" has an empty entry; remove a comma"#]),
        (
            "QEMU_DISKS", "/a,/b,/c",
            [
                "3 are more disks than the 2 that QEMU_STORAGE=ide has room for; name fewer or change QEMU_STORAGE"
            ]
        ),
        ("ALLOW_BACKING", "base.qcow2", [#""base.qcow2" is not an absolute path; start it with /"#]),
        ("ALLOW_BACKING", "/a,", [#""/a," has an empty entry; remove a comma"#]),
        ("QEMU_CDROM", "x.iso", [#""x.iso" is not an absolute path; start it with /"#]),
        ("QEMU_BOOT", "network", [#""network" is not known; write disk or cdrom"#]),
        ("QEMU_BOOT", "cdrom", [#""cdrom" needs a medium; set QEMU_CDROM"#]),
        ("QEMU_STORAGE", "scsi", [#""scsi" is not known; write ide, sata or virtio"#]),
        ("QEMU_CACHE", "directsync", [#""directsync" is not known; write none, writeback, writethrough or unsafe"#]),
        ("UNSAFE_CACHE", "maybe", [#""maybe" \#(notBoolean)"#]),
        ("QEMU_AIO", "posix", [#""posix" is not known; write io_uring, native or threads"#]),
        (
            "QEMU_AIO", "native",
            [
                #""native" needs QEMU_CACHE=none, not writeback; set QEMU_CACHE=none or QEMU_AIO=threads"#
            ]
        ),
    ]

    private static let machine: [Case] = [
        ("QEMU_RAM", "4X", [#""4X" \#(notASize)"#]),
        ("QEMU_RAM", "G", [#""G" \#(notASize)"#]),
        ("QEMU_RAM", "-4G", [#""-4G" \#(notASize)"#]),
        ("QEMU_RAM", "+4G", [#""+4G" \#(notASize)"#]),
        ("QEMU_RAM", "1.5G", [#""1.5G" \#(notASize)"#]),
        ("QEMU_RAM", "4 G", [#""4 G" \#(notASize)"#]),
        ("QEMU_RAM", "４G", [#""４G" \#(notASize)"#]),
        ("QEMU_RAM", "63", [#""63" is too small; write at least 64M"#]),
        ("QEMU_RAM", "0G", [#""0G" is too small; write at least 64M"#]),
        ("QEMU_RAM", "5T", [#""5T" is too large; write at most 4T"#]),
        (
            "QEMU_RAM", "100000K",
            [
                #""100000K" is not a whole number of MiB; write a multiple of 1024K, or MiB"#
            ]
        ),
        (
            "QEMU_RAM", "8796093022208",
            [
                #""8796093022208" is too large; write MiB or a suffix, such as 4096 or 4G"#
            ]
        ),
        (
            "QEMU_RAM", "9223372036854775807T",
            [
                #""9223372036854775807T" is too large; write MiB or a suffix, such as 4096 or 4G"#
            ]
        ),
        (
            "QEMU_RAM", "99999999999999999999",
            [
                #""99999999999999999999" is too large; write MiB or a suffix, such as 4096 or 4G"#
            ]
        ),
        ("QEMU_SMP", "0", [#""0" is out of range; write 1 to 64 vCPUs"#]),
        ("QEMU_SMP", "65", [#""65" is out of range; write 1 to 64 vCPUs"#]),
        ("QEMU_SMP", "two", [#""two" is not a whole number; write 1 to 64 vCPUs, digits only"#]),
        ("QEMU_SMP", "+2", [#""+2" is not a whole number; write 1 to 64 vCPUs, digits only"#]),
        ("QEMU_ACCEL", "xen", [#""xen" is not known; write auto, kvm or tcg"#]),
        (
            "QEMU_CPU", "host -monitor",
            [
                #""host -monitor" is not a CPU model; write letters, digits and _ . , + = - only, such as qemu64,+ssse3"#
            ]
        ),
        (
            "QEMU_CPU", "help",
            [
                #""help" lists the models and starts no guest; write a model, such as qemu64 or max"#
            ]
        ),
        ("QEMU_RTC", "local", [#""local" is not known; write utc or localtime"#]),
        ("TZ", "a\nb", [#""a\nb" is no time zone; write such as JST-9 or Asia/Tokyo"#]),
        (
            "QEMU_EXTRA_ARGS", "-rtc base=localtime",
            [#""-rtc" with base=localtime needs a zone, which Drover hands to QEMU; set QEMU_RTC=localtime"#]
        ),
        (
            "QEMU_EXTRA_ARGS", #""-device usb-tablet""#,
            [
                #""-device usb-tablet" is one word; take away the quotes around it, so that the option and its value are two"#
            ]
        ),
        ("QEMU_MACHINE", "isapc", [#""isapc" is not known; write pc or q35"#]),
        ("QEMU_FIRMWARE", "efi", [#""efi" is not known; write bios or uefi"#]),
        (
            "QEMU_EXTRA_ARGS", "-m 4G -name 'x",
            [
                "the quote ' at character 13 is never closed; close it, or escape it with a backslash"
            ]
        ),
        ("QEMU_EXTRA_ARGS", #"-name x\"#, ["ends in a backslash that escapes nothing; remove or double it"]),
        (
            "QEMU_EXTRA_ARGS", "-m 4G -usb --smp 2",
            [
                #""-m" sets the guest's RAM; set QEMU_RAM"#, #""-smp" sets the virtual CPUs; set QEMU_SMP"#,
            ]
        ),
        ("QEMU_USB", "x", [#""x" \#(notBoolean)"#]),
        ("QEMU_BALLOON", "x", [#""x" \#(notBoolean)"#]),
        ("SHARE_MODE", "x", [#""x" is not known; write ro, rw or cd"#]),
        ("SHARE_DIR", "share", [#""share" is not an absolute path; start it with /"#]),
        ("ENABLE_VNC", ":0", [#"":0" \#(notBoolean)"#]),
    ]

    private static let inCard =
        #"of "virtio mac=1 restrict=on forward=22 forward=2223:22 forward=2223:23 2224:22" is not known; "#
        + "write mac=ADDRESS, restrict or forward=HOST:GUEST after the card"

    private static let network: [Case] = [
        ("QEMU_NET", "e100", [#""e100" is not known; write e1000, rtl8139, pcnet, virtio or none"#]),
        (
            "QEMU_MAC", "52:54:00:12:34",
            [
                #""52:54:00:12:34" is not a MAC address; write six octets, such as 52:54:00:12:34:56"#
            ]
        ),
        (
            "QEMU_MAC", "52-54-00-12-34-56",
            [
                #""52-54-00-12-34-56" is not a MAC address; write six octets, such as 52:54:00:12:34:56"#
            ]
        ),
        (
            "QEMU_MAC", "52:54:00:12:34:+6",
            [
                #""52:54:00:12:34:+6" is not a MAC address; write six octets, such as 52:54:00:12:34:56"#
            ]
        ),
        (
            "QEMU_MAC", "01:00:5e:00:00:01",
            [
                #""01:00:5e:00:00:01" is a multicast address; make the first octet even, such as 52:54:00:12:34:56"#
            ]
        ),
        (
            "QEMU_MAC", "00:00:00:00:00:00",
            [
                #""00:00:00:00:00:00" is no station's address; write another, such as 52:54:00:12:34:56"#
            ]
        ),
        ("QEMU_NET_RESTRICT", "x", [#""x" \#(notBoolean)"#]),
        (
            "QEMU_PORTS", "22,1:2:3:4,0:22,70000:22,a:b,256.1.1.1:2222:22,::1:2222:22,1.2.3.04:2222:22,2222:22/sctp",
            [
                #""22" is not a forward; write [address:]host:guest[/udp], such as 2222:22"#,
                #""1:2:3:4" is not a forward; write [address:]host:guest[/udp], such as 2222:22"#,
                #""0:22" has a port that is not a number from 1 to 65535; write such as 2222:22 or 8000-8010:8000-8010"#,
                #""70000:22" has a port that is not a number from 1 to 65535; write such as 2222:22 or 8000-8010:8000-8010"#,
                #""a:b" has a port that is not a number from 1 to 65535; write such as 2222:22 or 8000-8010:8000-8010"#,
                #""256.1.1.1:2222:22" has no IPv4 address before the ports; write such as 127.0.0.1:2222:22"#,
                #""::1:2222:22" is not a forward; write [address:]host:guest[/udp], such as 2222:22"#,
                #""1.2.3.04:2222:22" has no IPv4 address before the ports; write such as 127.0.0.1:2222:22"#,
                #""2222:22/sctp" names an unknown protocol; write nothing, /tcp or /udp at the end"#,
            ]
        ),
        (
            "QEMU_PORTS", "2222:22,127.0.0.1:2222:23",
            [
                #""127.0.0.1:2222:23" takes a port that 2222:22 has already; use another host port or address"#
            ]
        ),
        (
            "QEMU_PORTS", "127.0.0.1:53:53/udp,0.0.0.0:53:54/udp",
            [
                #""0.0.0.0:53:54/udp" takes a port that 127.0.0.1:53:53/udp has already; use another host port or address"#
            ]
        ),
        (
            "QEMU_PORTS", "[::1]:2222:22",
            [
                #""[::1]:2222:22" has an IPv6 address, and QEMU's user network forwards IPv4 alone; write no address or an "#
                    + "IPv4 one; publishing a port on IPv6 is the container runtime's part"
            ]
        ),
        (
            "QEMU_PORTS", "8000-8002:80-81,8010-8000:80,8000-8001-8002:80",
            [
                #""8000-8002:80-81" has 3 host ports and 2 guest ports; write as many of each"#,
                #""8010-8000:80" has a port that is not a number from 1 to 65535; write such as 2222:22 or 8000-8010:8000-8010"#,
                #""8000-8001-8002:80" has a port that is not a number from 1 to 65535; write such as 2222:22 or "#
                    + "8000-8010:8000-8010",
            ]
        ),
        (
            "QEMU_PORTS", "2222:22,8000-8300:8000-8300",
            [#""2222:22,8000-8300:8000-8300" are more forwards than the 256 that are possible; name fewer"#]
        ),
        (
            "QEMU_PORTS", "8001:22,8000-8010:8000-8010",
            [#""8000-8010:8000-8010" takes a port that 8001:22 has already; use another host port or address"#]
        ),
        ("QEMU_PORTS", "2222:22,", [#""2222:22," has an empty entry; remove a comma"#]),
        (
            "QEMU_NICS", "none ,ne2k forward=1:2",
            [
                #""none" does not begin with a card; write e1000, rtl8139, pcnet or virtio"#,
                #""ne2k forward=1:2" does not begin with a card; write e1000, rtl8139, pcnet or virtio"#,
            ]
        ),
        (
            "QEMU_NICS", "virtio mac=1 restrict=on forward=22 forward=2223:22 forward=2223:23 2224:22,",
            [
                #""1" is not a MAC address; write six octets, such as 52:54:00:12:34:56"#,
                #""restrict=on" \#(inCard)"#,
                #""22" is not a forward; write [address:]host:guest[/udp], such as 2222:22"#,
                #""2223:23" takes a port that 2223:22 has already; use another host port or address"#,
                #""2224:22" \#(inCard)"#,
                #""virtio mac=1 restrict=on forward=22 forward=2223:22 forward=…" has an empty entry; remove a comma"#,
            ]
        ),
        (
            "QEMU_NICS", "pcnet,pcnet,pcnet,pcnet",
            [#""pcnet,pcnet,pcnet,pcnet" are more cards than the 3 that are possible beside the first; name fewer"#]
        ),
        (
            "QEMU_NICS", "pcnet forward=127.0.0.1:2222:22",
            [#""127.0.0.1:2222:22" takes a port that 2222:22 has already; use another host port or address"#]
        ),
        (
            "QEMU_NICS", "pcnet forward=81:80",
            [
                #""81:80" is a host port under 1024, which needs CAP_NET_BIND_SERVICE; use a higher host port or add the "#
                    + "capability"
            ]
        ),
        (
            "QEMU_PORTS", "80:80",
            [
                #""80:80" is a host port under 1024, which needs CAP_NET_BIND_SERVICE; use a higher host port or add the "#
                    + "capability"
            ]
        ),
    ]

    private static let noFolder = "needs a folder for the backups; set BACKUP_DIR"
    private static let noSchedule =
        "is no schedule; write every 6h, or five fields: minute hour day month weekday, such as 30 2 * * *"

    private static let offsite: [Case] = [
        ("OFFSITE_SCHEDULE", "daily", [#""daily" \#(noSchedule)"#]),
        ("OFFSITE_KEEP", "7", [#""7" is no number of backups; write last=3,daily=7, each 1 to 1000, or all"#]),
        ("OFFSITE_CHECK", "weekly", [#""weekly" \#(noSchedule)"#]),
        ("OFFSITE_CHECK_DATA", "101", [#""101" is out of range; write 0 to 100 percent"#]),
    ]

    private static let backup: [Case] = [
        ("BACKUP_DIR", "backup", [#""backup" is not an absolute path; start it with /"#]),
        ("BACKUP_SCHEDULE", "every 6h", [noFolder]), ("BACKUP_KEEP", "all", [noFolder]),
        ("BACKUP_TEST", "every 7d", [noFolder]), ("BACKUP_TEST", "weekly", [#""weekly" \#(noSchedule)"#]),
        (
            "BACKUP_SCHEDULE", "every 6 hours",
            [#""every 6 hours" is no time between runs; write every 30m, every 6h or every 1d"#]
        ),
        (
            "BACKUP_SCHEDULE", "every 0h",
            [#""every 0h" is no time between runs; write every 30m, every 6h or every 1d"#]
        ),
        ("BACKUP_SCHEDULE", "daily", [#""daily" \#(noSchedule)"#]),
        ("BACKUP_SCHEDULE", "* * * *", [#""* * * *" \#(noSchedule)"#]),
        ("BACKUP_SCHEDULE", "60 * * * *", [#""60 * * * *" has "60" for the minute: write 0 to 59"#]),
        (
            "BACKUP_SCHEDULE", "0 5-3 * * *",
            [#""0 5-3 * * *" has "5-3" for the hour: a range begins with the lower end"#]
        ),
        ("BACKUP_SCHEDULE", "0 1-2-3 * * *", [#""0 1-2-3 * * *" has "1-2-3" for the hour: a range has two ends"#]),
        ("BACKUP_SCHEDULE", "0 5/2 * * *", [#""0 5/2 * * *" has "5/2" for the hour: write a step as */5 or 10-40/10"#]),
        ("BACKUP_SCHEDULE", "0 */0 * * *", [#""0 */0 * * *" has "*/0" for the hour: write a step as */5 or 10-40/10"#]),
        ("BACKUP_SCHEDULE", "0 0 1, * *", [#""0 0 1, * *" has "1," for the day of the month: write 1 to 31"#]),
        (
            "BACKUP_SCHEDULE", "0 0 * march *",
            [#""0 0 * march *" has "march" for the month: write 1 to 12, or jan to dec"#]
        ),
        (
            "BACKUP_SCHEDULE", "0 0 * * 8",
            [#""0 0 * * 8" has "8" for the day of the week: write 0 to 7, or sun to sat"#]
        ),
        (
            "BACKUP_SCHEDULE", "0 0 31 2,apr *",
            [#""0 0 31 2,apr *" never comes: no such month has such a day; write another day"#]
        ),
        (
            "BACKUP_KEEP", "last=0",
            [#""last=0" is no number of backups; write last=3,daily=7, each 1 to 1000, or all"#]
        ),
        (
            "BACKUP_KEEP", "last=3,",
            [#""last=3," is no number of backups; write last=3,daily=7, each 1 to 1000, or all"#]
        ),
        ("BACKUP_KEEP", "last=3,last=4", [#""last=3,last=4" has "last" twice; remove one"#]),
        (
            "BACKUP_KEEP", "yearly=1",
            [#""yearly=1" has "yearly", which is not known; write last, daily, weekly or monthly"#]
        ),
        (
            "BACKUP_FULL_EVERY", "201",
            [#""201" is neither a number of increments nor a time; write 0 to 200, or 7d"#]
        ),
        ("BACKUP_FULL_EVERY", "7", [noFolder]),
        ("BACKUP_CONSISTENCY", "always", [#""always" is not known; write auto or require"#]),
        ("BACKUP_RATE", "1MB/s", [#""1MB/s" \#(notASize)"#]),
        ("BACKUP_FLOOR", "-1", [#""-1" \#(notASize)"#]),
    ]

    private static let notALogin =
        "is not a login name; write a-z, 0-9, _ and -, starting with a letter or _, at most 32 characters"
    private static let notAHost =
        "is not a host name (RFC 1123); write letters, digits and - between dots, at most 64 in all"

    private static let guest: [Case] = [
        ("ROOT_PASSWORD_FILE", "secret", [#""secret" is not an absolute path; start it with /"#]),
        ("AGENTS_PASSWORD_FILE", "secret", [#""secret" is not an absolute path; start it with /"#]),
        ("VNC_PASSWORD_FILE", "vnc", [#""vnc" is not an absolute path; start it with /"#]),
        ("AUTHORIZED_KEYS_FILE", "keys", [#""keys" is not an absolute path; start it with /"#]),
        ("ALLOW_WEAK_PASSWORDS", "please", [#""please" \#(notBoolean)"#]),
        ("GUEST_USER", "Agents", [#""Agents" \#(notALogin)"#]), ("GUEST_USER", "1a", [#""1a" \#(notALogin)"#]),
        ("GUEST_USER", "-a", [#""-a" \#(notALogin)"#]), ("GUEST_USER", "a;b", [#""a;b" \#(notALogin)"#]),
        (
            "GUEST_USER", String(repeating: "a", count: 33),
            ["\"\(String(repeating: "a", count: 33))\" \(notALogin)"]
        ),
        (
            "GUEST_USER", "root",
            [#""root" is not an unprivileged user; name another, or use ROOT_PASSWORD_FILE alone"#]
        ),
        ("GUEST_HOSTNAME", "a b", [#""a b" \#(notAHost)"#]), ("GUEST_HOSTNAME", "a..b", [#""a..b" \#(notAHost)"#]),
        ("GUEST_HOSTNAME", "-a", [#""-a" \#(notAHost)"#]), ("GUEST_HOSTNAME", "a-.b", [#""a-.b" \#(notAHost)"#]),
        ("GUEST_HOSTNAME", "ü", [#""ü" \#(notAHost)"#]), ("GUEST_HOSTNAME", "a_b", [#""a_b" \#(notAHost)"#]),
        (
            "GUEST_HOSTNAME", String(repeating: "a", count: 64),
            ["\"\(String(repeating: "a", count: 60))…\" \(notAHost)"]
        ),
        ("SEED", "always", [#""always" is not known; write auto, on or off"#]),
        ("USER_DATA_FILE", "x.yaml", [#""x.yaml" is not an absolute path; start it with /"#]),
        ("NETWORK_CONFIG_FILE", "x.yaml", [#""x.yaml" is not an absolute path; start it with /"#]),
    ]

    private static let listening =
        "write such as 0.0.0.0:9177, 127.0.0.1:9177, [::]:9177 or unix:/run/drover/metrics.sock"
    private static let noAddress = "has no IPv4 address and no IPv6 address in brackets; \(listening)"

    private static let besideControl =
        #"shares a directory with the control socket in DROVER_RUNTIME_DIR, "/run/drover"; name one apart from it, such as /screen/drover"#

    private static let operation: [Case] = [
        ("SHUTDOWN_TIMEOUT", "90s", [#""90s" is not a whole number; write 5 to 3600 seconds, digits only"#]),
        ("SHUTDOWN_TIMEOUT", "4", [#""4" is out of range; write 5 to 3600 seconds"#]),
        ("SHUTDOWN_TIMEOUT", "3601", [#""3601" is out of range; write 5 to 3600 seconds"#]),
        ("AFTER_POWEROFF", "off", [#""off" is not known; write exit or wait"#]),
        ("GUEST_AGENT", "on", [#""on" is not known; write auto, serial or off"#]),
        ("CONSOLE_LOG", "stdout", [#""stdout" \#(notBoolean)"#]),
        ("LOG_FORMAT", "xml", [#""xml" is not known; write text or json"#]),
        ("LOG_LEVEL", "trace", [#""trace" is not known; write debug, info, warning or error"#]),
        ("READY_CHECK", "x", [#""x" is no check; \#(checks)"#]),
        ("READY_CHECK", "http:", [#""http:" has no port number; \#(checks)"#]),
        ("READY_CHECK", "http:0/x", [#""http:0/x" has no port number; \#(checks)"#]),
        (
            "READY_CHECK", "http:8080/a b",
            [#""http:8080/a b" has a path that is too long or has other characters than a URL; \#(checks)"#]
        ),
        ("READY_CHECK", "banner:ssh", [#""banner:ssh" has no port number; \#(checks)"#]),
        ("READY_CHECK", "console:", [#""console:" has no text to look for; \#(checks)"#]),
        ("METRICS_LISTEN", "9177", [#""9177" has no port from 1 to 65535 at its end; \#(listening)"#]),
        ("METRICS_LISTEN", "0.0.0.0:0", [#""0.0.0.0:0" has no port from 1 to 65535 at its end; \#(listening)"#]),
        ("METRICS_LISTEN", "0.0.0.0:+1", [#""0.0.0.0:+1" has no port from 1 to 65535 at its end; \#(listening)"#]),
        ("METRICS_LISTEN", ":9177", [#"":9177" \#(noAddress)"#]),
        ("METRICS_LISTEN", "localhost:9177", [#""localhost:9177" \#(noAddress)"#]),
        ("METRICS_LISTEN", "::1:9177", [#""::1:9177" \#(noAddress)"#]),
        ("METRICS_LISTEN", "[1]:9177", [#""[1]:9177" \#(noAddress)"#]),
        ("METRICS_LISTEN", "1.2.3.04:9177", [#""1.2.3.04:9177" \#(noAddress)"#]),
        ("METRICS_LISTEN", "unix:sock", [#""sock" is not an absolute path; start it with /"#]),
        ("QMP_POLICY", "admin", [#""admin" is not known; write read-only, operator or full"#]),
        ("DISK_DIR", "a\nb", [#""a\nb" has a line break; name the folder as the host does"#]),
        ("SECRETS_DIR", "a\nb", [#""a\nb" has a line break; name the folder as the host does"#]),
        ("DROVER_RUNTIME_DIR", "run", [#""run" is not an absolute path; start it with /"#]),
        ("SCREEN_DIR", "screen", [#""screen" is not an absolute path; start it with /"#]),
        ("SCREEN_DIR", "/run/drover", [#""/run/drover" \#(besideControl)"#]),
        ("SCREEN_DIR", "/run/drover/screen", [#""/run/drover/screen" \#(besideControl)"#]),
        ("SCREEN_DIR", "/run", [#""/run" \#(besideControl)"#]),
        (
            "DROVER_RUNTIME_DIR", longPath,
            [
                "\"\(longPath.prefix(60))…\" is longer than 80 bytes; use a shorter path"
            ]
        ),
    ]
}
