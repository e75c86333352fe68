import Basics
import Glibc
import Machine
import TestSupport
import Testing

@Suite struct ConfigurationTests {
    @Test func twentyBrokenVariablesAreTwentyFaults() {
        let broken = [
            "QEMU_DRIVE": "x", "QEMU_DRIVE_FORMAT": "x", "CREATE_DISK": "x", "DISK_SIZE": "x", "QEMU_DISKS": "x",
            "QEMU_CDROM": "x", "QEMU_BOOT": "x", "QEMU_STORAGE": "x", "QEMU_CACHE": "x", "QEMU_AIO": "x",
            "QEMU_RAM": "x", "QEMU_SMP": "x", "QEMU_ACCEL": "x", "QEMU_CPU": "x y", "QEMU_MACHINE": "x",
            "QEMU_NET": "x", "QEMU_MAC": "x", "QEMU_PORTS": "x", "SHUTDOWN_TIMEOUT": "x", "LOG_LEVEL": "x",
        ]
        let faults = Configuration.parse(broken).faults
        #expect(broken.count == 20)
        #expect(faults.count == 20)
        let order = Variable.all.map(\.name).filter { broken[$0] != nil }
        #expect(faults.map(\.source) == order)
        #expect(Configuration.parse(broken).configuration == Configuration())
    }

    static let combinations: [(environment: [String: String], faults: [String])] = [
        (["CREATE_DISK": "1", "DISK_SIZE": "20G"], []),
        // A broken size is told once, not also as a missing one.
        (
            ["CREATE_DISK": "1", "DISK_SIZE": "x"],
            ["DISK_SIZE: \"x\" is not a size; write MiB or a suffix, such as 4096 or 4G"]
        ),
        (
            ["CREATE_DISK": "1", "DISK_SIZE": "1G", "QEMU_DRIVE_FORMAT": "raw"],
            ["CREATE_DISK: makes a qcow2 image, but QEMU_DRIVE_FORMAT is raw; unset one of them"]
        ),
        (["QEMU_AIO": "native", "QEMU_CACHE": "none"], []),
        (
            ["QEMU_AIO": "native", "QEMU_CACHE": "x"],
            ["QEMU_CACHE: \"x\" is not known; write none, writeback, writethrough or unsafe"]
        ),
        (
            ["QEMU_AIO": "native", "UNSAFE_CACHE": "1"],
            [#"QEMU_AIO: "native" needs QEMU_CACHE=none, not unsafe; set QEMU_CACHE=none or QEMU_AIO=threads"#]
        ),
        (["UNSAFE_CACHE": "1", "QEMU_CACHE": "unsafe"], []),
        (["UNSAFE_CACHE": "0", "QEMU_CACHE": "none"], []),
        (
            ["UNSAFE_CACHE": "1", "QEMU_CACHE": "none"],
            ["UNSAFE_CACHE: is QEMU_CACHE=unsafe, but QEMU_CACHE is none; unset one of them"]
        ),
        (["QEMU_BOOT": "cdrom", "QEMU_CDROM": "/x.iso"], []),
        (["QEMU_MACHINE": "q35"], []),
        (["QEMU_MACHINE": "q35", "QEMU_STORAGE": "virtio"], []),
        (
            ["QEMU_MACHINE": "q35", "QEMU_STORAGE": "ide"],
            [#"QEMU_STORAGE: "ide" is not on QEMU_MACHINE=q35; set QEMU_STORAGE=sata or QEMU_MACHINE=pc"#]
        ),
        (["QEMU_BASE": "/b", "QEMU_DRIVE_FORMAT": "qcow2", "DISK_SIZE": "1G"], []),
        (["QEMU_BASE": "/b", "QEMU_SNAPSHOT": "1"], []),
        (
            ["QEMU_BASE": "/b", "CREATE_DISK": "1", "DISK_SIZE": "1G", "QEMU_DRIVE_FORMAT": "raw"],
            [
                "CREATE_DISK: makes a qcow2 image, but QEMU_DRIVE_FORMAT is raw; unset one of them",
                "QEMU_BASE: makes the disk over a base, and CREATE_DISK an empty one; unset one of them",
                "QEMU_BASE: makes a qcow2 image, but QEMU_DRIVE_FORMAT is raw; unset one of them",
            ]
        ),
        (
            ["QEMU_SNAPSHOT": "1", "CREATE_DISK": "1", "DISK_SIZE": "1G"],
            [
                "QEMU_SNAPSHOT: throws away what the guest writes, but CREATE_DISK makes a disk to keep; unset one of them",
                "QEMU_SNAPSHOT: leaves the disk as it is, but DISK_SIZE may grow it; unset one of them",
            ]
        ),
        (["QEMU_DISKS": "/a,/b"], []),
        (["QEMU_DISKS": "/a,/b,/c,/d", "QEMU_STORAGE": "sata"], []),
        (["QEMU_DISKS": "/a", "SHARE_DIR": "/s", "SHARE_MODE": "cd"], []),
        (
            ["QEMU_DISKS": "/a,/b", "SHARE_DIR": "/s", "SHARE_MODE": "cd"],
            [
                "QEMU_DISKS: 2 are more disks than the 1 that QEMU_STORAGE=ide has room for beside the CD of SHARE_MODE=cd; "
                    + "name fewer or change QEMU_STORAGE"
            ]
        ),
        (["SHARE_MODE": "ro"], []),
        (["SHARE_MODE": "rw"], ["SHARE_MODE: needs a folder to share; set SHARE_DIR"]),
        (
            ["QEMU_DISKS": "/a,/b", "QEMU_CDROM": "/x.iso"],
            [
                "QEMU_DISKS: 2 are more disks than the 1 that QEMU_STORAGE=ide has room for; name fewer or change "
                    + "QEMU_STORAGE"
            ]
        ),
        (
            ["QEMU_DISKS": (1...17).map { "/\($0)" }.joined(separator: ","), "QEMU_STORAGE": "virtio"],
            ["QEMU_DISKS: 17 are more disks than the 16 that QEMU_STORAGE=virtio has room for; name fewer"]
        ),
        (
            ["QEMU_DISKS": "/a::ro"],
            [#"QEMU_DISKS: "/a" cannot be read-only on an ATA bus; set QEMU_STORAGE=virtio or take ro away"#]
        ),
        (
            ["READY_CHECK": "agent", "GUEST_AGENT": "off"],
            ["READY_CHECK: asks the guest agent, but GUEST_AGENT is off; set GUEST_AGENT=auto"]
        ),
        (
            ["READY_CHECK": "banner:22"],
            [
                "READY_CHECK: asks port 22 of the host, which QEMU_PORTS does not forward by TCP; the host's port to the guest's 22 is 2222"
            ]
        ),
        (
            ["READY_CHECK": "banner:53", "QEMU_PORTS": "5353:53/udp"],
            ["READY_CHECK: asks port 53 of the host, which QEMU_PORTS does not forward by TCP; add it there"]
        ),
        (["READY_CHECK": "banner:2222"], []),
        (
            ["METRICS_LISTEN": "127.0.0.1:8080"],
            [#"METRICS_LISTEN: "127.0.0.1:8080" takes a port that QEMU_PORTS has for 8080:80; use another port"#]
        ),
        (
            ["METRICS_LISTEN": "[::]:9177", "QEMU_NICS": "virtio forward=127.0.0.1:9177:22"],
            [#"METRICS_LISTEN: "[::]:9177" takes a port that QEMU_NICS has for 127.0.0.1:9177:22; use another port"#]
        ),
        (["METRICS_LISTEN": "127.0.0.1:9177", "QEMU_PORTS": "127.0.0.2:9177:22,9177:53/udp"], []),
        (["METRICS_LISTEN": "127.0.0.1:8080", "QEMU_NET": "none"], []),
        (["METRICS_LISTEN": "[::1]:8080"], []),
        (["METRICS_LISTEN": "unix:/run/drover/metrics.sock"], []),
        (
            ["METRICS_LISTEN": "0.0.0.0:80"],
            [
                #"METRICS_LISTEN: "0.0.0.0:80" is a port under 1024, which needs CAP_NET_BIND_SERVICE; use a higher port or add the capability"#
            ]
        ),
        (["READY_CHECK": "http:8080/health"], []),
        (
            ["READY_CHECK": "http:80"],
            [
                "READY_CHECK: asks port 80 of the host, which QEMU_PORTS does not forward by TCP; "
                    + "the host's port to the guest's 80 is 8080"
            ]
        ),
        (["QEMU_NICS": "virtio forward=2223:22,virtio forward=2224:22", "READY_CHECK": "banner:2224"], []),
        (
            [
                "QEMU_NICS": "pcnet mac=52:54:00:00:00:01 forward=1:1/udp,pcnet mac=52:54:00:00:00:02 forward=9000:1",
                "QEMU_MAC": "52:54:00:00:00:02", "QEMU_PORTS": "9000:1/udp",
            ],
            [
                #"QEMU_NICS: "1:1/udp" is a host port under 1024, which needs CAP_NET_BIND_SERVICE; use a higher host port or add the capability"#,
                #"QEMU_NICS: "52:54:00:00:00:02" is another card's address; give each its own"#,
            ]
        ),
        (
            ["QEMU_NICS": "pcnet forward=9000:1,pcnet forward=127.0.0.1:9000:2"],
            [#"QEMU_NICS: "127.0.0.1:9000:2" takes a port that 9000:1 has already; use another host port or address"#]
        ),
        // Without a network the forwards open nothing.
        (["QEMU_NET": "none", "QEMU_PORTS": "80:80"], []),
    ]

    @Test(arguments: combinations)
    func combinationsAreChecked(environment: [String: String], faults: [String]) {
        #expect(Configuration.parse(environment).faults.map(\.description) == faults)
    }

    @Test func choicesFollowOtherVariables() {
        #expect(Configuration.parse(["UNSAFE_CACHE": "yes"]).configuration.disks.cache == .unsafe)
        #expect(Configuration.parse(["QEMU_MACHINE": "q35"]).configuration.disks.storage == .sata)
        #expect(Configuration.parse(["QEMU_MACHINE": "q35"]).origins["QEMU_STORAGE"] == .default)
    }

    @Test(arguments: [(0, 0), (80, 0), (81, 1), (443, 1), (444, 2)])
    func lowPortsNeedWhatTheHostGives(lowest: Int, faults: Int) throws {
        let port = try #require(UInt16(exactly: lowest))
        let parsed = Configuration.parse(["QEMU_PORTS": "80:80,443:443"], lowestBindablePort: port)
        #expect(parsed.faults.count == faults)
    }

    @Test func secretsInTheEnvironmentAreRefusedAndNotRepeated() {
        let names = ["ROOT_PASSWORD", "ROOT_PASS", "AGENTS_PASSWORD", "AGENTS_PASS", "VNC_PASSWORD"]
        let parsed = Configuration.parse(Dictionary(uniqueKeysWithValues: names.map { ($0, "hunter2") }))
        #expect(
            parsed.faults.map(\.description)
                == zip(names, ["root_password", "root_password", "agents_password", "agents_password", "vnc_password"])
                .map {
                    "\($0): a secret does not belong in the environment; put it in a file and mount it as the secret "
                        + "\($1) (/run/secrets/\($1))"
                })
        #expect(Configuration.parse(["ROOT_PASSWORD": ""]).faults.isEmpty)
    }

    @Test(arguments: [
        ("RAM_SIZE", "4G", #"write "QEMU_RAM=4G" in its place"#),
        ("RAM_SIZE", "half", "use QEMU_RAM in its place: SIZE|auto"),
        ("CPU_CORES", "2", #"write "QEMU_SMP=2" in its place"#),
        ("USER_PORTS", "22, 53/udp", #"write "QEMU_PORTS=22:22,53:53/udp" in its place"#),
        ("DISK_TYPE", "scsi", #"write "QEMU_STORAGE=virtio" in its place"#),
        ("ARGUMENTS", "-device usb-tablet", #"write "QEMU_EXTRA_ARGS=-device usb-tablet" in its place"#),
        ("BOOT_MODE", "uefi", #"write "QEMU_FIRMWARE=uefi" in its place"#),
        ("BOOT_MODE", "legacy", #"write "QEMU_FIRMWARE=bios" in its place"#),
        ("BOOT_MODE", "secure", #"Secure Boot is not offered; write "QEMU_FIRMWARE=uefi" in its place"#),
        ("BOOT_MODE", "windows", "use QEMU_FIRMWARE in its place: bios|uefi"),
    ])
    func anotherImagesNamesAreToldWithTheLineToWrite(name: String, value: String, remedy: String) {
        #expect(
            Configuration.parse([name: value]).faults.map(\.description) == [
                "\(name): a name of qemux/qemu's; \(remedy)"
            ])
        #expect(Configuration.parse([name: " "]).faults.isEmpty)
    }

    /// In seconds: what others do on this machine is not counted.
    private func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Each is told, and each is compared with every variable: what makes that slow is found out here.
    @Test func aHundredThousandUnknownNamesAreToldInTime() {
        let names = (0..<100_000).map { "QEMU_X\($0)" }
        let before = threadTime()
        let warnings = Configuration.parse(Dictionary(uniqueKeysWithValues: names.map { ($0, "1") })).warnings
        #expect(warnings.count == names.count)
        #expect(threadTime() - before < 25)
    }

    static let warned: [(environment: [String: String], warnings: [String])] = [
        (["SEED": "off", "USER_DATA_FILE": "/a"], ["USER_DATA_FILE: has no effect with SEED=off; unset one of them"]),
        (["QEMU_RAMM": "4G"], ["QEMU_RAMM: unknown variable; did you mean QEMU_RAM?"]),
        (["QEMU_ACCLE": "kvm"], ["QEMU_ACCLE: unknown variable; did you mean QEMU_ACCEL?"]),
        (["DROVER_RUNTIMEDIR": "/x"], ["DROVER_RUNTIMEDIR: unknown variable; did you mean DROVER_RUNTIME_DIR?"]),
        (["QEMU_FROBNICATE": "1"], ["QEMU_FROBNICATE: unknown variable; see drover help environment"]),
        (["QEMU_A\nB": "1"], [#""QEMU_A\nB": unknown variable; did you mean QEMU_AIO?"#]),
        (["PATH": "/bin", "QEMUX": "1", "HOME": "/", "HTTP_PROXY": "x", "HOSTNAME": "y"], []),
        // All of .env reaches the container.
        (["QEMU_STORGE": "sata"], ["QEMU_STORGE: unknown variable; did you mean QEMU_STORAGE?"]),
        (["SHUTDOWN_TIMOUT": "9"], ["SHUTDOWN_TIMOUT: unknown variable; did you mean SHUTDOWN_TIMEOUT?"]),
        (["DROVER_USR": "1:1"], ["DROVER_USR: unknown variable; did you mean DROVER_USER?"]),
        (["SECRET_DIR": "/s"], ["SECRET_DIR: unknown variable; did you mean SECRETS_DIR?"]),
        (["DROVER_USER": "1:1", "DROVER_IMAGE": "x", "SSH_PORT": "22", "DISK_FILE": "a", "PORT_1": "3000"], []),
        (["EDGE_PORT": "443", "EDGE_ADDRESS": "::", "EDGE_GUEST": "path", "EGRESS": "off"], []),
        (
            ["SERIAL_PORT": "5555", "MONITOR_PORT": "9999"],
            [
                "MONITOR_PORT: ignored, as the monitor is never on the network; use drover monitor and remove the variable",
                "SERIAL_PORT: ignored, as the console is never on the network; use drover console and remove the variable",
            ]
        ),
        (["ENABLE_VNC": "1", "VNC_PASSWORD_FILE": "/a"], []),
        (
            ["VNC_PASSWORD_FILE": "/a"],
            ["VNC_PASSWORD_FILE: has no effect without ENABLE_VNC=1; set it or unset this one"]
        ),
        (["READY_CHECK": ""], []),
        (
            [
                "QEMU_NET": "none", "QEMU_MAC": "52:54:00:00:00:01", "QEMU_PORTS": "2222:22", "QEMU_NET_RESTRICT": "1",
                "QEMU_NICS": "virtio mac=52:54:00:00:00:01 forward=2222:22",
            ],
            ["QEMU_MAC", "QEMU_NET_RESTRICT", "QEMU_NICS", "QEMU_PORTS"].map {
                "\($0): has no effect with QEMU_NET=none; unset one of them"
            }
        ),
        (["QEMU_NET": "none", "QEMU_PORTS": "none", "QEMU_NET_RESTRICT": "0", "QEMU_MAC": "auto"], []),
        // Kubernetes sets these for a service of that name.
        (
            [
                "DROVER_SERVICE_HOST": "10.0.0.1", "DROVER_SERVICE_PORT_SSH": "22", "DROVER_PORT": "tcp://10.0.0.1:22",
                "QEMU_PORT_22_TCP_ADDR": "10.0.0.1",
            ], []
        ),
        (["QEMU_PORT": "2222:22"], ["QEMU_PORT: unknown variable; did you mean QEMU_PORTS?"]),
    ]

    @Test(arguments: warned)
    func namesAreWarnedAbout(environment: [String: String], warnings: [String]) {
        let parsed = Configuration.parse(environment)
        #expect(parsed.warnings == warnings)
        #expect(parsed.faults.isEmpty)
    }

    /// Whatever stands in the environment: no crash, one line a message, and what is accepted can be shown and read again.
    @Test func anyBytesAreSafe() {
        var random = SeededGenerator(seed: 1)
        let pieces =
            RefusedValues.all.map(\.text) + VariableTests.accepted.map(\.text) + ["'", "\\", ",", ":", "{\"", "\n"]
        var readAgain = 0
        for round in 0..<1000 {
            var environment: [String: String] = [:]
            for name in Variable.all.map(\.name) where Int.random(in: 0..<4, using: &random) == 0 {
                if round.isMultiple(of: 2) {
                    let good = VariableTests.accepted.filter { $0.name == name }
                    environment[name] = good.randomElement(using: &random)?.text
                    continue
                }
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    if Bool.random(using: &random) {
                        bytes += Array((pieces.randomElement(using: &random) ?? "").utf8)
                    } else {
                        bytes += random.bytes(Int.random(in: 0...12, using: &random)).map { max($0, 1) }
                    }
                }
                environment[name] = String(decoding: bytes, as: UTF8.self)
            }
            if round.isMultiple(of: 2) { environment["BACKUP_DIR"] = "/backup" }
            environment["QEMU_" + (environment["QEMU_CPU"] ?? "")] = "1"
            let parsed = Configuration.parse(environment)
            for line in parsed.faults.map(\.description) + parsed.warnings {
                #expect(
                    !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x2028 },
                    "\(line)")
                #expect(line.utf8.count < 600, "\(line)")
            }
            if parsed.faults.isEmpty {
                readAgain += 1
                let shown = Variable.all.map { ($0.name, $0.value(in: parsed.configuration)) }
                let again = Configuration.parse(Dictionary(uniqueKeysWithValues: shown))
                #expect(again.configuration == parsed.configuration)
            }
        }
        #expect(readAgain > 100)
    }
}
