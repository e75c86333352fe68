import Basics
import Linux
import Testing

@testable import Machine

private func facts(_ drive: DiskInspection = DiskInspection()) -> HostFacts {
    HostFacts(
        kvm: .absent, limits: ContainerLimits(affinity: 2, hostMemory: 8 << 30, hostAvailable: 8 << 30),
        asyncIO: .success(AsyncIOChoice(mode: .threads, reason: "a test")),
        process: ProcessIdentity(user: 1000, group: 1000), drive: drive, disks: [], cdrom: nil)
}

private let missing = DiskInspection(
    isMissing: true, faults: [Fault(.unavailable, "QEMU_DRIVE", "\"/d\" does not exist")])

@Test func faultsOfEveryPartComeTogether() {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_SMP": "0", "QEMU_ACCEL": "kvm"])
    let plan = Plan.make(parsed, extraArguments: ["-daemonize"], facts: facts(missing))
    #expect(plan.machine == nil)
    #expect(plan.faults.count == 4, "\(plan.faults)")
    #expect(Set(plan.faults.map(\.kind)) == [.configuration, .unavailable])
}

/// The default stands in for a value that is refused; what the host says of the default is of no interest.
@Test func aRefusedVariableIsReportedOnce() {
    let parsed = Configuration.parse(["QEMU_DRIVE": "relative"])
    let plan = Plan.make(parsed, extraArguments: [], facts: facts(missing))
    #expect(plan.faults.count == 1, "\(plan.faults)")
}

@Test func everyVariableHasItsOrigin() throws {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_RAM": "256"])
    let plan = Plan.make(parsed, extraArguments: [], facts: facts())
    #expect(plan.entries.map(\.name) == Variable.all.map(\.name))
    func entry(_ name: String) throws -> Plan.Entry { try #require(plan.entries.first { $0.name == name }) }
    #expect(try entry("QEMU_RAM") == Plan.Entry(name: "QEMU_RAM", value: "256M", origin: .set, reason: nil))
    #expect(try entry("QEMU_SMP").origin == .default)
    #expect(try entry("QEMU_AIO") == Plan.Entry(name: "QEMU_AIO", value: "threads", origin: .probed, reason: "a test"))
    #expect(try entry("QEMU_ACCEL").value == "tcg")
}

@Test(arguments: [
    ("5900:22", 1), ("127.0.0.1:5900:22", 1), ("5900:22/udp", 0), ("5901:5900", 0), ("none", 0),
])
func aForwardDoesNotTakeThePortOfVNC(_ ports: String, _ count: Int) {
    var host = facts()
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "ENABLE_VNC": "1", "QEMU_PORTS": ports])
    #expect(Plan.make(parsed, extraArguments: [], facts: host).faults == [])
    host.vnc.hasPassword = true
    let plan = Plan.make(parsed, extraArguments: [], facts: host)
    #expect(plan.faults.count == count && (plan.machine == nil) == (count == 1), "\(plan.faults)")
    #expect(plan.faults.allSatisfy { $0.source == "QEMU_PORTS" && $0.message.hasPrefix("\"\(ports)\" is VNC's port") })
}

/// A device without a controller would end QEMU with a message that names no remedy.
@Test(arguments: [
    ("-device usb-tablet", false, [#"QEMU_EXTRA_ARGS: "usb-tablet" needs a USB controller; set QEMU_USB=on"#]),
    (
        "--device driver=usb-host,hostbus=1", false,
        [#"QEMU_EXTRA_ARGS: "usb-host" needs a USB controller; set QEMU_USB=on"#]
    ),
    (
        #"-device '{"driver":"canokey"}'"#, false,
        [#"QEMU_EXTRA_ARGS: "canokey" needs a USB controller; set QEMU_USB=on"#]
    ),
    ("-device usb-tablet", true, []), ("-device usb-ehci", false, []), ("-usb", false, []),
    ("-device usb-tablet -device nec-usb-xhci", false, []), ("-usb -device usb-tablet", false, []),
    ("-M usb=on -device usb-tablet", false, []), ("-usbdevice tablet", false, []),
    ("-M usb=off -device usb-kbd", false, [#"QEMU_EXTRA_ARGS: "usb-kbd" needs a USB controller; set QEMU_USB=on"#]),
    ("-usb", true, [#"QEMU_USB: is a USB controller already; take "-usb" away"#]),
    ("-machine usb=on", true, [#"QEMU_USB: is a USB controller already; take "usb=on" away"#]),
    // The value of an option is not an option.
    ("-append -usb", true, []), ("-name -usbdevice", true, []),
])
func aUSBDeviceHasAController(_ arguments: String, _ isOn: Bool, _ faults: [String]) {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_EXTRA_ARGS": arguments, "QEMU_USB": isOn ? "1" : "0"])
    #expect(Plan.make(parsed, extraArguments: [], facts: facts()).faults.map(\.description) == faults)
}

/// QEMU ends with the second of what a machine has one of.
@Test(arguments: [
    (
        "-device virtio-balloon", ["QEMU_BALLOON": "on"],
        [#"QEMU_BALLOON: is a balloon already, and a machine has one at the most; take "virtio-balloon" away"#]
    ),
    (
        #"-device '{"driver":"virtio-balloon-pci-transitional"}'"#, ["QEMU_BALLOON": "on"],
        [
            "QEMU_BALLOON: is a balloon already, and a machine has one at the most; "
                + #"take "virtio-balloon-pci-transitional" away"#
        ]
    ),
    ("-device virtio-balloon", [:], []),
    (
        "-device virtio-balloon -device virtio-balloon-pci-non-transitional", [:],
        [
            #"QEMU_EXTRA_ARGS: "virtio-balloon-pci-non-transitional" is a second one of its kind, "#
                + "and a machine has one at the most; take one away"
        ]
    ),
    (
        "-device intel-iommu -device virtio-iommu-pci", [:],
        [
            #"QEMU_EXTRA_ARGS: "virtio-iommu-pci" is a second one of its kind, and a machine has one at the most; "#
                + "take one away"
        ]
    ),
    ("-device virtio-rng-pci -device virtio-rng-pci", [:], []),
    (
        "-device virtio-rng-pci -device nvme,serial=1,bootindex=0", [:],
        [
            #"QEMU_EXTRA_ARGS: "nvme" with bootindex=0 takes the place of Drover's disks in the firmware's order; "#
                + "set it to 1 or more, or QEMU_BOOT"
        ]
    ),
    ("-device usb-net,bootindex=1 -usb", [:], []),
    (
        "-kernel /k -device nvme,serial=1,bootindex=2", ["QEMU_CDROM": "/c"],
        [
            #"QEMU_EXTRA_ARGS: "nvme" with bootindex=2 takes the place of Drover's disks in the firmware's order; "#
                + "set it to 3 or more, or QEMU_BOOT"
        ]
    ),
    (
        "-device virtserialport,name=org.qemu.guest_agent.0", [:],
        [
            "QEMU_EXTRA_ARGS: has a port org.qemu.guest_agent.0, which Drover gives the guest itself; "
                + "use drover guest and remove it, or set GUEST_AGENT=off"
        ]
    ),
    ("-device virtserialport,name=org.qemu.guest_agent.0", ["GUEST_AGENT": "off"], []),
    ("-device virtserialport,name=org.qemu.guest_agent.1", [:], []),
])
func whatAMachineHasOneOfIsAddedOnce(_ arguments: String, _ more: [String: String], _ faults: [String]) {
    let own = ["QEMU_DRIVE": "/d", "QEMU_EXTRA_ARGS": arguments].merging(more) { $1 }
    let plan = Plan.make(Configuration.parse(own), extraArguments: [], facts: facts())
    #expect(plan.faults.map(\.description) == faults)
    let words = Configuration.parse(own).configuration.machine.extraArguments
    let others = own.filter { $0.key != "QEMU_EXTRA_ARGS" }
    let onCommandLine = Plan.make(Configuration.parse(others), extraArguments: words, facts: facts())
    #expect(onCommandLine.faults.map(\.message) == plan.faults.map(\.message))
}

/// QEMU ends when two have one place, and a kernel has the first.
@Test(arguments: [("-device virtio-rng-pci", 0), ("-append -kernel", 0), ("-kernel /k", 1)])
func anOwnersKernelComesBeforeTheDisk(_ arguments: String, _ index: Int) throws {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_EXTRA_ARGS": arguments])
    let plan = Plan.make(parsed, extraArguments: [], facts: facts())
    let (machine, step) = (try #require(plan.machine), try #require(plan.steps.first))
    let disk = machine.arguments(for: step).first { $0.contains("id=drive0,") }
    #expect(disk?.contains("bootindex=\(index)") == true, "\(disk ?? "")")
}

@Test func aUSBDeviceOfTheCommandLineHasAController() {
    let plan = Plan.make(
        Configuration.parse(["QEMU_DRIVE": "/d"]), extraArguments: ["-device", "usb-mouse"], facts: facts())
    #expect(plan.faults.map(\.description) == [#"command line: "usb-mouse" needs a USB controller; set QEMU_USB=on"#])
}

@Test func eachCardHasAnAddressOfItsOwn() throws {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_NICS": "virtio,virtio mac=52:54:00:00:00:01,e1000"])
    let cards = try #require(Plan.make(parsed, extraArguments: [], facts: facts()).machine).networkCards
    #expect(Set(cards.map(\.mac)).count == 4 && cards[2].mac == "52:54:00:00:00:01")
    #expect(cards[0].mac == MACAddress.stable(forDisk: "/d"))
}

/// What would follow from the default is nobody's question.
@Test func whatCannotBeJudgedIsNotJudged() throws {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_RAM": "lots", "QEMU_AIO": "posix", "QEMU_ACCEL": "xen"])
    let plan = Plan.make(parsed, extraArguments: [], facts: facts())
    #expect(plan.findings == [])
    for name in ["QEMU_RAM", "QEMU_AIO", "QEMU_ACCEL"] {
        let entry = try #require(plan.entries.first { $0.name == name })
        #expect(entry.origin == .refused && entry.value == "", "\(entry)")
    }
}

@Test func aForwardListensOnAnAddressOfTheMachine() throws {
    var host = facts()
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_PORTS": "192.0.2.1:2000-2099:2000-2099"])
    host.strayAddresses = ["192.0.2.1"]
    let plan = Plan.make(parsed, extraArguments: [], facts: host)
    #expect(plan.faults.count == 1 && plan.faults[0].kind == .configuration, "\(plan.faults)")
    #expect(
        "\(plan.faults[0])".hasPrefix("QEMU_PORTS: 192.0.2.1 is no address of this machine or container; leave it out"))
}

@Test(arguments: [("RLIMIT_AS", "ulimit -v"), ("RLIMIT_DATA", "ulimit -d")])
func aLimitOfTheAddressSpaceLeavesRoomForQEMU(_ name: String, _ remedy: String) throws {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_RAM": "64", "QEMU_ACCEL": "tcg"])
    var host = facts()
    let memory = try MemoryPlan.make(requested: MiB(64), vcpus: 1, translating: true, limits: host.limits)
    host.limits.addressSpace = AddressSpaceLimit(name: name, value: Int64(memory.total.count) << 20)
    #expect(Plan.make(parsed, extraArguments: [], facts: host).faults == [])
    host.limits.addressSpace = AddressSpaceLimit(name: name, value: 16 << 20)
    let plan = Plan.make(parsed, extraArguments: [], facts: host)
    #expect(plan.faults.map(\.source) == [name] && plan.faults.map(\.kind) == [.configuration], "\(plan.faults)")
    #expect(
        plan.faults[0].message.hasPrefix("a process may have 16 MiB of memory, and QEMU takes 64 MiB for the guest"))
    #expect(plan.faults[0].message.hasSuffix("(\(remedy) unlimited)"))
}

@Test func argumentsOfTheCommandLineComeLast() throws {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/d", "QEMU_EXTRA_ARGS": "-d int"])
    let plan = Plan.make(parsed, extraArguments: ["-D", "/log"], facts: facts())
    let machine = try #require(plan.machine)
    let step = try #require(plan.steps.first)
    #expect(machine.arguments(for: step).suffix(4) == ["-d", "int", "-D", "/log"])
}
