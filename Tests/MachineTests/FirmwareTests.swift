import Basics
import Foundation
import Linux
import TestSupport
import Testing

@testable import Machine

/// OVMF and the guest's variables, looked for on a real file system.
@Suite struct FirmwareTests {
    private static let size: Int64 = 528 << 10

    private let folder: TemporaryFolder
    private var ovmf: String { "\(folder.path)/ovmf" }
    private var drive: String { "\(folder.path)/disk.qcow2" }

    init() throws {
        folder = try TemporaryFolder("/tmp/drover-")
        try FileManager.default.createDirectory(atPath: ovmf, withIntermediateDirectories: false)
        try make("ovmf/OVMF_CODE_4M.fd", [UInt8](repeating: 1, count: 64 << 10))
        try make("ovmf/OVMF_VARS_4M.fd", [UInt8](repeating: 1, count: Int(Self.size)))
        try make("disk.qcow2", Qcow2Image().bytes)
    }

    private func make(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }

    private func find(_ more: [String: String] = [:]) -> FirmwareFinding {
        let environment = ["QEMU_DRIVE": drive, "QEMU_FIRMWARE": "uefi"].merging(more) { $1 }
        return FirmwareFinding(Configuration.parse(environment).configuration, .current(), ovmf: ovmf)
    }

    @Test func variablesAreMadeOnce() throws {
        let first = try #require(find().firmware)
        #expect(first.variables.top.file == DiskFile(toBeMadeAt: "\(drive).uefi-vars"))
        #expect(first.variables.top.format == .qcow2 && first.variables.top.virtualSize == Self.size)
        #expect(first.origin?.top.file.path == "\(ovmf)/OVMF_VARS_4M.fd" && first.outcome != nil)

        try make("disk.qcow2.uefi-vars", Qcow2Image(size: UInt64(Self.size)).bytes)
        let second = try #require(find().firmware)
        #expect(second.variables.top.file.identity != nil && second.origin == nil && second.outcome == nil)
        // What is thrown away begins with them.
        let thrownAway = try #require(find(["QEMU_SNAPSHOT": "on"]).firmware)
        #expect(thrownAway.variables.overlayDirectory == "/run/drover" && thrownAway.outcome == nil)
        #expect(thrownAway.origin == second.variables)
    }

    /// Of the image's two forms the compressed one comes first.
    @Test func ovmfMayBeCompressed() throws {
        try make("ovmf/OVMF_CODE_4M.qcow2", Qcow2Image().bytes)
        #expect(find().firmware?.code.top.format == .qcow2)
    }

    @Test func anotherFileIsNotTaken() throws {
        try make("disk.qcow2.uefi-vars", Qcow2Image(size: 128 << 10).bytes)
        #expect(
            find().faults.map(\.description) == [
                "QEMU_FIRMWARE: \"\(drive).uefi-vars\" does not hold 528 KiB of UEFI variables; move it away, "
                    + "and it is made anew"
            ])
        try make("disk.qcow2.uefi-vars", [UInt8](repeating: 0xFF, count: Int(Self.size)))
        #expect(find().faults.count == 1)
    }

    @Test func withoutOVMFItSaysSo() throws {
        try FileManager.default.removeItem(atPath: "\(ovmf)/OVMF_CODE_4M.fd")
        let faults = find().faults
        #expect(
            faults.map(\.description) == [
                "QEMU_FIRMWARE: \"uefi\" needs OVMF, and \"\(ovmf)/OVMF_CODE_4M.fd\" is not there; install it, such as "
                    + "Debian's ovmf, or set QEMU_FIRMWARE=bios"
            ])
        #expect(faults.map(\.kind) == [.unavailable])
    }

    @Test(arguments: ["-bios /x", "-pflash /x", "--drive if=pflash,file=/x,format=raw"])
    func thereIsOneFirmware(_ arguments: String) throws {
        let environment = ["QEMU_DRIVE": drive, "QEMU_FIRMWARE": "uefi", "QEMU_EXTRA_ARGS": arguments]
        let parsed = Configuration.parse(environment)
        var facts = HostFacts.gather(for: parsed.configuration)
        facts.firmware = find()
        let faults = Plan.make(parsed, extraArguments: [], facts: facts).faults.filter {
            $0.source == "QEMU_EXTRA_ARGS"
        }
        #expect(faults.count == 1 && faults[0].message.contains("is firmware too"), "\(faults)")
    }

    @Test func theBoardFollows() {
        func board(_ environment: [String: String]) -> Board { Configuration.parse(environment).configuration.board }
        #expect(board(["QEMU_FIRMWARE": "uefi"]) == Board(type: .q35, storage: .sata))
        #expect(board(["QEMU_FIRMWARE": "uefi", "QEMU_MACHINE": "pc"]) == Board(type: .pc, storage: .ide))
    }
}
