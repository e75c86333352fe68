import JSON
import QMP
import Testing

@testable import Supervision

/// QEMU leaves a guest stopped whose snapshot could not be loaded.
struct FailedRevertTests {
    private static let jobs: JSONValue = [
        ["id": "j", "type": "snapshot-load", "error": "Snapshot 'a' does not exist in one or more devices"]
    ]

    private static func stopped() -> Simulation {
        var simulation = Simulation()
        for (_, event) in Supervisor.Event.up { simulation.feed(event) }
        simulation.feed(.qmp(.event(.stop)))
        return simulation
    }

    private static func resumes(_ simulation: Simulation) -> Int {
        simulation.deeds.count { $0.hasSuffix("send cont") }
    }

    /// QEMU's two answers come by themselves, and in any order.
    @Test(arguments: [true, false]) func aGuestThatLostNothingGoesOn(_ stateFirst: Bool) {
        var simulation = Self.stopped()
        let before = Self.resumes(simulation)
        let state = Supervisor.Event.qmp(.answered(.queryStatus, ["status": "restore-vm"]))
        let reason = Supervisor.Event.qmp(.answered(.queryJobs, Self.jobs))
        simulation.feed(.qmp(.event(.jobConcluded)))
        #expect(simulation.deeds.last?.hasSuffix("send query-jobs") == true)
        simulation.feed(stateFirst ? state : reason)
        #expect(Self.resumes(simulation) == before)
        simulation.feed(stateFirst ? reason : state)
        #expect(Self.resumes(simulation) == before + 1)
        #expect(simulation.messages.last?.hasSuffix("the guest goes on as it was") == true)
    }

    @Test func aGuestWhoseDisksMayHaveChangedStandsStill() {
        var simulation = Self.stopped()
        let before = Self.resumes(simulation)
        simulation.feed(.qmp(.answered(.queryStatus, ["status": "restore-vm"])))
        simulation.feed(
            .revertFailed(reason: "Could not load snapshot 'a' on 'disk1': Device has active dirty bitmaps"))
        simulation.feed(.signal(.terminate, sender: 0))
        #expect(Self.resumes(simulation) == before)
        #expect(simulation.deeds.last?.hasSuffix("send quit") == true)
    }

    /// An operator has paused it: what a job says is no reason to let it go on.
    @Test func aGuestThatStandsForAnotherReasonStaysAsItIs() {
        var simulation = Self.stopped()
        let before = Self.resumes(simulation)
        simulation.feed(.qmp(.answered(.queryStatus, ["status": "paused"])))
        simulation.feed(.qmp(.answered(.queryJobs, Self.jobs)))
        #expect(Self.resumes(simulation) == before)
        simulation.feed(.qmp(.event(.resume)))
        simulation.feed(.qmp(.event(.stop)))
        simulation.feed(.qmp(.answered(.queryStatus, ["status": "restore-vm"])))
        #expect(Self.resumes(simulation) == before)
    }
}
