import Linux
import Machine
import QMP
import Testing

@testable import Basics
@testable import Supervision

/// What the log is told of resets and failing disks, which may come by the thousand.
struct MachineEventTests {
    private static func running() -> Simulation {
        var simulation = Simulation()
        for (_, event) in Supervisor.Event.up { simulation.feed(event) }
        return simulation
    }

    /// Linux tries the keyboard controller, the chipset and a triple fault, one after the other.
    @Test func resetsWithinASecondAreOne() {
        var simulation = Self.running()
        let resets = [(10, true), (10.3, true), (10.9, true), (20, true), (30, false), (30.1, true), (40, true)]
        for (time, isGuest) in resets {
            simulation.advance(to: time)
            simulation.feed(.qmp(.event(.reset(guest: isGuest, reason: "reset"))))
        }
        #expect(simulation.supervisor.instance?.guest.resets == 3)
        #expect(simulation.messages.count(where: { $0 == "info: the guest reset the machine (reset)" }) == 3)
        #expect(simulation.messages.count(where: { $0 == "info: the machine was reset (reset)" }) == 1)
    }

    @Test func aGuestThatResetsItselfAllTheTimeIsCounted() {
        var simulation = Self.running()
        for tenths in stride(from: 100, to: 200, by: 4) {
            simulation.advance(to: Double(tenths) / 10)
            simulation.feed(.qmp(.event(.reset(guest: true, reason: "guest-reset"))))
        }
        #expect((8...10).contains(simulation.supervisor.instance?.guest.resets ?? 0))
    }

    // MARK: Disks

    private static let place = DiskPlace(path: "/images/hurd.qcow2", free: MiB(0))

    @Test func aFullVolumeIsNamedWithWhatToDo() {
        var simulation = Self.running()
        simulation.feed(.diskFailed(.full, in: Self.place))
        simulation.feed(.qmp(.event(.stop)))
        simulation.feed(.qmp(.answered(.queryStatus, ["status": "io-error"])))
        #expect(
            simulation.messages.last
                == #"error: "/images/hurd.qcow2" cannot grow: no space is left in its file system (0 MiB free); "#
                + "the guest is paused: make room, then let it go on: drover monitor cont")
        simulation.feed(.qmp(.event(.resume)))
        #expect(simulation.messages.last == #"info: the guest goes on, and tries "/images/hurd.qcow2" again"#)
    }

    @Test func aDiskIsNamedOnceAMinuteAtTheMost() {
        var simulation = Self.running()
        for second in 0..<300 {
            simulation.advance(to: Double(second) + 10)
            simulation.feed(.diskFailed(.full, in: Self.place))
            simulation.feed(.qmp(.event(.stop)))
            simulation.feed(.qmp(.answered(.queryStatus, ["status": "io-error"])))
            simulation.feed(.qmp(.event(.resume)))
        }
        #expect(simulation.messages.count(where: { $0.contains("cannot grow") }) == 5)
        #expect(simulation.messages.count(where: { $0.contains("goes on") }) == 5)
        // Another disk has a line of its own.
        simulation.feed(.diskFailed(.failing(node: "disk1"), in: nil))
        #expect(
            simulation.messages.last
                == "error: the disk disk1 cannot be read: Input/output error; the guest was told; look at the host's disk and its log"
        )
    }

    @Test func theFileThatGrowsIsFound() {
        let disk = DiskFile(toBeMadeAt: "/images/a.qcow2")
        let data = DiskFile(toBeMadeAt: "/images/b.raw")
        let layer = DiskLayer(disk, format: .qcow2, virtualSize: 1 << 20)
        let split = DiskLayer(disk, format: .qcow2, virtualSize: 1 << 20, dataFile: data)
        let machine = VirtualMachine(
            ram: MiB(64), translationBuffer: MiB(64),
            drives: [layer, split].map {
                VirtualMachine.Drive(.disk, DiskImage(variable: "QEMU_DRIVE", top: $0), readOnly: false)
            })
        #expect(machine.growingFile(ofNode: "disk0")?.path == "/images/a.qcow2")
        #expect(machine.growingFile(ofNode: "disk1")?.path == "/images/b.raw")
        #expect(machine.growingFile(ofNode: "mirror") == nil)
    }
}

extension QMPEvent.BlockError {
    static let full = Self(
        node: "disk0", isWrite: true, isForSpace: true, action: .pauses, reason: "No space left on device")

    static func failing(node: String) -> Self {
        Self(node: node, isWrite: false, isForSpace: false, action: .told, reason: "Input/output error")
    }
}
