import Basics
import Foundation
import Linux
import TestSupport
import Testing

@testable import Machine

private let folder = URL(fileURLWithPath: "\(repository)/Tests/MachineTests/Golden")

/// A host on which nothing is in the way: KVM is slow, memory is 8 GiB, every disk is a good qcow2 of 64 MiB.
private func facts(for configuration: Configuration) -> HostFacts {
    var seed = SeedFinding()
    seed.isPresent = configuration.guest.seed == .on
    var vnc = VNCFinding()
    vnc.hasPassword = configuration.machine.vncPasswordFile != Configuration().machine.vncPasswordFile
    func inspection(
        _ variable: String, _ path: String, _ format: Configuration.DiskFormat? = nil
    ) -> DiskInspection {
        func layer(_ path: String, _ format: Configuration.DiskFormat, data: String? = nil) -> DiskLayer {
            DiskLayer(
                DiskFile(toBeMadeAt: path), format: format, virtualSize: 64 << 20,
                dataFile: data.map(DiskFile.init(toBeMadeAt:)))
        }
        let hasChain = path.hasSuffix("/chain.qcow2")
        return DiskInspection(
            image: DiskImage(
                variable: variable, top: layer(path, format ?? .qcow2, data: hasChain ? "/guest/top.data" : nil),
                backing: hasChain
                    ? [
                        layer("/guest/middle.qcow2", .qcow2, data: "/guest/middle.data"),
                        layer("/guest/base.raw", .raw),
                    ]
                    : []))
    }
    func firmware() -> FirmwareFinding {
        func image(_ name: String, _ format: Configuration.DiskFormat) -> DiskImage {
            let layer = DiskLayer(DiskFile(toBeMadeAt: "/guest/\(name)"), format: format, virtualSize: 528 << 10)
            return DiskImage(variable: "QEMU_FIRMWARE", top: layer)
        }
        return FirmwareFinding(
            firmware: UEFIFirmware(code: image("code.fd", .raw), variables: image("vars.qcow2", .qcow2), origin: nil))
    }
    func disk(_ variable: String, _ disk: Configuration.Disk) -> DiskInspection {
        let settings = configuration.disks
        var result = inspection(variable, disk.path, disk.format)
        if variable == "QEMU_DRIVE", let base = settings.base {
            result = DiskInspection(isMissing: true).over(
                inspection("QEMU_BASE", base.path, base.format), drive: disk.path, size: settings.diskSize)
        }
        let place = OverlayPlace(path: "/guest", free: 1 << 40, isMemory: false)
        return settings.snapshot && !disk.readOnly ? result.thrownAway(in: place) : result
    }
    return HostFacts(
        kvm: configuration.machine.accelerator == .tcg ? nil : .slow(instructionsPerSecond: .measured(1e6)),
        limits: ContainerLimits(affinity: 8, hostMemory: 8 << 30, hostAvailable: 8 << 30),
        asyncIO: Result { () throws(Fault) in
            try AsyncIOProbe.choose(
                requested: configuration.disks.asyncIO, cache: configuration.disks.cache,
                attempt: { () throws(Errno) in throw .notPermitted })
        },
        process: ProcessIdentity(user: 1000, group: 1000),
        drive: disk("QEMU_DRIVE", configuration.disks.drive),
        disks: configuration.disks.further.map { disk("QEMU_DISKS", $0) },
        cdrom: configuration.disks.cdrom.map { inspection("QEMU_CDROM", $0, .raw) },
        firmware: configuration.machine.firmware == .bios ? nil : firmware(), seed: seed, vnc: vnc)
}

@Test(arguments: goldenConfigurations.map(\.name))
func theCommandLineIsAsWritten(name: String) throws {
    let environment = try #require(goldenConfigurations.first { $0.name == name }).environment
    let parsed = Configuration.parse(["QEMU_DRIVE": "/guest/disk.qcow2"].merging(environment) { $1 })
    let plan = Plan.make(parsed, extraArguments: [], facts: facts(for: parsed.configuration))
    #expect(plan.faults == [])
    let machine = try #require(plan.machine)
    let step = try #require(plan.steps.first)
    let arguments = machine.arguments(for: step).map { $0 + "\n" }
    let files = plan.nodes.flatMap(\.files).map { "# \($0.descriptor) \($0.file.path)\n" }
    let text = (arguments + files).joined()

    let file = folder.appendingPathComponent("\(name).txt")
    if ProcessInfo.processInfo.environment["DROVER_REGENERATE"] == "1" {
        try Data(text.utf8).write(to: file)
    }
    let golden = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    #expect(text == golden, "if this is meant: DROVER_REGENERATE=1 swift test --filter theCommandLineIsAsWritten")
}

@Test func noGoldenFileIsLeftOver() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == goldenConfigurations.map { "\($0.name).txt" }.sorted())
    #expect(files.count >= 25)
}

@Test func kvmHasNoTranslationBuffer() throws {
    let parsed = Configuration.parse(["QEMU_DRIVE": "/guest/disk.qcow2"])
    var host = facts(for: parsed.configuration)
    host.kvm = .fast(instructionsPerSecond: 2e9)
    let plan = Plan.make(parsed, extraArguments: [], facts: host)
    let machine = try #require(plan.machine)
    let accelerators = plan.steps.map { step -> String in
        let arguments = machine.arguments(for: step)
        return arguments[(arguments.firstIndex(of: "-accel") ?? 0) + 1]
    }
    #expect(accelerators == ["kvm", "kvm", "tcg,thread=multi,tb-size=512"])
    #expect(plan.steps.map(\.cpu) == ["host", "qemu64", "max"])
}

@Test func theMACAddressStaysWithTheDisk() {
    #expect(MACAddress.stable(forDisk: "/a") == MACAddress.stable(forDisk: "/a"))
    #expect(MACAddress.stable(forDisk: "/a") != MACAddress.stable(forDisk: "/b"))
    for path in ["/a", "/b", "", "/guest/disk.qcow2"] {
        #expect(MACAddress.stable(forDisk: path).count == 17 && MACAddress.stable(forDisk: path).hasPrefix("52:54:00:"))
    }
}
