/// Environments and the names of the files in `Golden/` that hold QEMU's arguments for them, one a line, and behind a #
/// the files of the disks by the numbers of their descriptors.
///
/// The integration tests hand every file to the real QEMU, with the disks in place of `/guest`.
let goldenConfigurations: [(name: String, environment: [String: String])] = [
    ("defaults", [:]),
    ("tcg", ["QEMU_ACCEL": "tcg"]),
    ("cpu", ["QEMU_CPU": "qemu64,+ssse3"]),
    ("smp", ["QEMU_SMP": "4"]),
    ("ram", ["QEMU_RAM": "1G"]),
    ("q35", ["QEMU_MACHINE": "q35"]),
    ("uefi", ["QEMU_FIRMWARE": "uefi"]),
    ("uefi-pc-cdrom", ["QEMU_FIRMWARE": "uefi", "QEMU_MACHINE": "pc", "QEMU_CDROM": "/guest/cd.iso"]),
    ("sata-on-pc", ["QEMU_STORAGE": "sata"]),
    ("virtio-storage", ["QEMU_STORAGE": "virtio"]),
    ("virtio-storage-q35-cdrom", ["QEMU_STORAGE": "virtio", "QEMU_MACHINE": "q35", "QEMU_CDROM": "/guest/cd.iso"]),
    ("virtio-storage-cdrom", ["QEMU_STORAGE": "virtio", "QEMU_CDROM": "/guest/cd.iso"]),
    ("raw", ["QEMU_DRIVE": "/guest/disk.raw", "QEMU_DRIVE_FORMAT": "raw"]),
    ("cdrom", ["QEMU_CDROM": "/guest/cd.iso"]),
    ("boot-cdrom", ["QEMU_CDROM": "/guest/cd.iso", "QEMU_BOOT": "cdrom"]),
    ("boot-cdrom-sata", ["QEMU_CDROM": "/guest/cd.iso", "QEMU_BOOT": "cdrom", "QEMU_STORAGE": "sata"]),
    ("boot-cdrom-q35", ["QEMU_CDROM": "/guest/cd.iso", "QEMU_BOOT": "cdrom", "QEMU_MACHINE": "q35"]),
    ("two-disks", ["QEMU_DISKS": "/guest/disk.raw:raw"]),
    ("three-disks", ["QEMU_DISKS": "/guest/disk.raw:raw,/guest/other.qcow2"]),
    (
        "five-disks-virtio",
        [
            "QEMU_STORAGE": "virtio",
            "QEMU_DISKS": "/guest/disk.raw:raw,/guest/other.qcow2,/guest/third.qcow2:qcow2:ro,/guest/fourth.qcow2",
        ]
    ),
    (
        "disks-sata",
        ["QEMU_STORAGE": "sata", "QEMU_DISKS": "/guest/disk.raw:raw,/guest/other.qcow2,/guest/third.qcow2"]
    ),
    ("path-with-everything", ["QEMU_DRIVE": "/guest/a disk, with=\"all\" 'kinds' \\ of:things.qcow2"]),
    ("chain", ["QEMU_DRIVE": "/guest/chain.qcow2"]),
    ("chain-read-only", ["QEMU_STORAGE": "virtio", "QEMU_DISKS": "/guest/chain.qcow2::ro"]),
    ("snapshot", ["QEMU_SNAPSHOT": "1"]),
    (
        "snapshot-chain",
        [
            "QEMU_SNAPSHOT": "1", "QEMU_DRIVE": "/guest/chain.qcow2", "QEMU_STORAGE": "virtio",
            "QEMU_DISKS": "/guest/disk.raw:raw,/guest/other.qcow2::ro",
        ]
    ),
    ("base", ["QEMU_DRIVE": "/guest/new.qcow2", "QEMU_BASE": "/guest/chain.qcow2"]),
    ("base-raw", ["QEMU_DRIVE": "/guest/new.qcow2", "QEMU_BASE": "/guest/disk.raw:raw"]),
    ("cache-none", ["QEMU_CACHE": "none"]),
    ("cache-none-native", ["QEMU_CACHE": "none", "QEMU_AIO": "native"]),
    ("cache-writethrough", ["QEMU_CACHE": "writethrough"]),
    ("cache-unsafe", ["QEMU_CACHE": "unsafe"]),
    ("rtl8139", ["QEMU_NET": "rtl8139"]),
    ("pcnet", ["QEMU_NET": "pcnet"]),
    ("virtio-network", ["QEMU_NET": "virtio", "QEMU_MAC": "52:54:00:aa:bb:cc"]),
    (
        "cards",
        [
            "QEMU_NICS":
                "virtio mac=52:54:00:aa:bb:cd forward=2223:22 forward=127.0.0.1:9000-9001:80-81,e1000 restrict,pcnet"
        ]
    ),
    (
        "everything-q35",
        [
            "QEMU_MACHINE": "q35", "QEMU_STORAGE": "virtio", "QEMU_NET": "virtio", "QEMU_NICS": "virtio,rtl8139,e1000",
            "QEMU_USB": "on", "QEMU_BALLOON": "on", "SEED": "on", "QEMU_CDROM": "/guest/cd.iso",
            "SHARE_DIR": "/guest/run,time",
            "QEMU_EXTRA_ARGS": "-device usb-tablet,id=tablet",
        ]
    ),
    ("usb", ["QEMU_USB": "on", "QEMU_EXTRA_ARGS": "-device usb-tablet,id=tablet"]),
    ("balloon", ["QEMU_BALLOON": "on"]),
    ("no-network", ["QEMU_NET": "none"]),
    ("restricted", ["QEMU_NET_RESTRICT": "1", "QEMU_PORTS": "127.0.0.1:12222:22,15353:53/udp"]),
    ("no-forwards", ["QEMU_PORTS": "none"]),
    ("no-agent-port", ["GUEST_AGENT": "off"]),
    ("vnc", ["ENABLE_VNC": "1", "DROVER_RUNTIME_DIR": "/guest/run,time"]),
    ("screen", ["SCREEN_DIR": "/guest/scr,een"]),
    (
        "screen-vnc-password",
        ["SCREEN_DIR": "/guest/scr,een", "ENABLE_VNC": "1", "VNC_PASSWORD_FILE": "/guest/vnc_password"]
    ),
    ("vnc-password", ["ENABLE_VNC": "1", "VNC_PASSWORD_FILE": "/guest/vnc_password"]),
    ("seed", ["SEED": "on"]),
    ("seed-cdrom", ["SEED": "on", "QEMU_CDROM": "/guest/cd.iso", "QEMU_BOOT": "cdrom"]),
    ("seed-three-disks", ["SEED": "on", "QEMU_DISKS": "/guest/disk.raw:raw,/guest/other.qcow2"]),
    (
        "seed-disk-cdrom-native",
        [
            "SEED": "on", "QEMU_DISKS": "/guest/disk.raw:raw", "QEMU_CDROM": "/guest/cd.iso", "QEMU_CACHE": "none",
            "QEMU_AIO": "native",
        ]
    ),
    (
        "seed-sata-full",
        [
            "SEED": "on", "QEMU_STORAGE": "sata", "QEMU_CDROM": "/guest/cd.iso",
            "QEMU_DISKS": "/guest/disk.raw:raw,/guest/other.qcow2,/guest/third.qcow2",
        ]
    ),
    ("seed-q35", ["SEED": "on", "QEMU_MACHINE": "q35", "QEMU_CDROM": "/guest/cd.iso", "GUEST_AGENT": "off"]),
    ("seed-virtio", ["SEED": "on", "QEMU_STORAGE": "virtio", "QEMU_CDROM": "/guest/cd.iso"]),
    (
        "seed-virtio-q35",
        ["SEED": "on", "QEMU_STORAGE": "virtio", "QEMU_MACHINE": "q35", "QEMU_CDROM": "/guest/cd.iso"]
    ),
    ("share", ["SHARE_DIR": "/guest/run,time"]),
    ("share-rw-q35", ["SHARE_DIR": "/guest/run,time", "SHARE_MODE": "rw", "QEMU_MACHINE": "q35"]),
    ("share-cd", ["SHARE_DIR": "/guest/run,time", "SHARE_MODE": "cd", "QEMU_DISKS": "/guest/disk.raw:raw"]),
    ("share-cd-seed", ["SHARE_DIR": "/guest/run,time", "SHARE_MODE": "cd", "SEED": "on"]),
    (
        "share-cd-seed-cdrom",
        ["SHARE_DIR": "/guest/run,time", "SHARE_MODE": "cd", "SEED": "on", "QEMU_CDROM": "/guest/cd.iso"]
    ),
    (
        "share-cd-sata-full",
        [
            "SHARE_DIR": "/guest/run,time", "SHARE_MODE": "cd", "SEED": "on", "QEMU_STORAGE": "sata",
            "QEMU_CDROM": "/guest/cd.iso", "QEMU_DISKS": "/guest/disk.raw:raw,/guest/other.qcow2",
        ]
    ),
    ("localtime", ["QEMU_RTC": "localtime", "TZ": "JST-9"]),
    ("extra", ["QEMU_EXTRA_ARGS": "-device 'virtio-rng-pci,id=rng1' -rtc base=2000-01-01T00:00:00"]),
]
