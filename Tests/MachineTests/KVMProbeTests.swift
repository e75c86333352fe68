import Basics
import Linux
import Testing

@testable import Machine

private let nobody = ProcessIdentity(user: 1000, group: 1000)
private let device = FileStatus(kind: .characterDevice, permissions: 0o660, owner: 0, group: 104)

private func found(_ state: KVMMeasurement.State, api: Int32 = 12, instructions: UInt64 = 0, ms: UInt64 = 0)
    -> KVMFinding
{
    let result = KVMMeasurement(
        state: state, apiVersion: api, instructions: instructions, nanoseconds: ms * 1_000_000)
    return KVMProbe(status: { device }, measure: { result }).find()
}

@Test func whatTheChildLeavesBehindIsJudged() {
    let cases: [(KVMFinding, KVMFinding)] = [
        (found(.finished, instructions: 4_000_000, ms: 2), .fast(instructionsPerSecond: 2e9)),
        (found(.running(.run), instructions: 100_000, ms: 100), .slow(instructionsPerSecond: .measured(1e6))),
        (found(.running(.run), ms: 100), .slow(instructionsPerSecond: .below(40_000))),
        (found(.running(.createVM)), .hung(step: .createVM)),
        (found(.running(.open)), .hung(step: .open)),
        (found(.failed(.apiVersion, .invalidArgument), api: 11), .wrongAPIVersion(11)),
        (found(.failed(.open, .permissionDenied)), .notPermitted(mode: 0o660, owner: 0, group: 104)),
        (found(.failed(.open, .notPermitted)), .notPermitted(mode: 0o660, owner: 0, group: 104)),
        (found(.failed(.open, .noSuchDevice)), .absent),
        (found(.foreignArchitecture), .foreignArchitecture),
    ]
    for (finding, expected) in cases { #expect(finding == expected) }
    for step in KVMMeasurement.Step.allCases {
        #expect(found(.failed(step, .noMemory), api: 0) == .refused(step: step, errno: .noMemory))
    }
    let fails: KVMProbe.Measure = { () throws(Errno) in throw .noMemory }
    let missing: KVMProbe.DeviceStatus = { () throws(Errno) in throw .noSuchFile }
    #expect(KVMProbe(status: missing, measure: fails).find() == .absent)
    #expect(KVMProbe(status: { device }, measure: fails).find() == .probeFailed(.noMemory))
}

@Test func theLadderFollowsTheFinding() throws {
    let fast = KVMFinding.fast(instructionsPerSecond: 2e9)
    let slow = KVMFinding.slow(instructionsPerSecond: .measured(1e6))
    let cases: [(Configuration.Accelerator, String?, KVMFinding?, [String])] = [
        (.auto, nil, fast, ["kvm with CPU host", "kvm with CPU qemu64", "tcg with CPU max"]),
        (.auto, "core2duo", fast, ["kvm with CPU core2duo", "tcg with CPU core2duo"]),
        (.auto, nil, slow, ["tcg with CPU max"]),
        (.auto, nil, .absent, ["tcg with CPU max"]),
        (.auto, "qemu32", .absent, ["tcg with CPU qemu32"]),
        (.kvm, nil, fast, ["kvm with CPU host"]),
        (.tcg, nil, nil, ["tcg with CPU max"]),
        (.tcg, nil, fast, ["tcg with CPU max"]),
    ]
    for (requested, cpu, finding, expected) in cases {
        let choice = try Acceleration.choose(requested, cpu: cpu, finding: finding, process: nobody)
        #expect(choice.ladder.map(\.description) == expected)
    }
    let reason = try Acceleration.choose(.auto, finding: slow, process: nobody).reason
    #expect(reason == "KVM is present but slow (1.0 million instructions/s): using TCG")
}

@Test func demandedKVMThatIsNotFastIsAFault() {
    let cases: [(KVMFinding, Fault.Kind, String)] = [
        (.slow(instructionsPerSecond: .measured(1e6)), .unavailable, "slow (1.0 million instructions/s)"),
        (.absent, .unavailable, "devices: [\"/dev/kvm\"]"),
        (.hung(step: .run), .unavailable, "did not run a guest"),
        (.foreignArchitecture, .unavailable, "architecture"),
        (.notPermitted(mode: 0o660, owner: 0, group: 104), .notPermitted, "compose: group_add: [\"104\"]"),
    ]
    for (finding, kind, part) in cases {
        let fault = thrownFault {
            try Acceleration.choose(.kvm, finding: finding, process: nobody)
        }
        #expect(fault?.kind == kind)
        #expect(fault?.message.contains(part) == true)
    }
    let slow = KVMFinding.slow(instructionsPerSecond: .measured(1e6))
    let fault = thrownFault { try Acceleration.choose(.kvm, finding: slow, process: nobody) }
    #expect(
        fault?.description == """
            QEMU_ACCEL: kvm cannot be used: KVM is present but slow (1.0 million instructions/s); \
            set QEMU_ACCEL=auto to do without
            """)
}

@Suite(.serialized) struct RealKVM {
    @Test func theHostIsJudgedInTime() throws {
        let start = Instant.now()
        let finding = KVMProbe.host.find()
        let time = Instant.now() - start
        print("this host: \(finding.describe(for: .current())), found in \(time.brief)")
        // The bound is 150 ms; the rest is for a machine that is busy, and tells it from a wait without an end.
        #expect(time < .seconds(30))
    }

    @Test func aDeviceThatIsNotKVMRefuses() throws {
        #expect(try KVMMeasurement.take(device: "/dev/null").state == .failed(.apiVersion, Errno(rawValue: 25)))
        #expect(try KVMMeasurement.take(device: "/nonexistent").state == .failed(.open, .noSuchFile))
    }
}
