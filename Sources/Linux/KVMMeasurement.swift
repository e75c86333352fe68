import CLinux
import Glibc

/// What the KVM probe's child left behind: how far it came, and how many instructions its guest executed.
public struct KVMMeasurement: Equatable, Sendable {
    /// The steps in the order in which they are taken.
    public enum Step: Int32, CaseIterable, Sendable {
        case open, apiVersion, createVM, memory, createVCPU, registers, run
    }

    public enum State: Equatable, Sendable {
        /// The deadline passed while the child was in this step.
        case running(Step)
        /// The guest executed everything and halted.
        case finished
        case failed(Step, Errno)
        /// This binary is not for x86_64.
        case foreignArchitecture
    }

    public var state: State
    /// As KVM_GET_API_VERSION answered; 0 when it was not asked.
    public var apiVersion: Int32
    /// Guest instructions executed, in whole chunks of `chunk`.
    public var instructions: UInt64
    /// Time the guest ran, in nanoseconds; 0 when it never did.
    public var nanoseconds: UInt64

    public init(state: State, apiVersion: Int32 = 12, instructions: UInt64 = 0, nanoseconds: UInt64 = 0) {
        self.state = state
        self.apiVersion = apiVersion
        self.instructions = instructions
        self.nanoseconds = nanoseconds
    }

    /// How many instructions the micro-guest executes when it is let.
    public static var total: UInt64 { clinux_kvm_total() }
    /// Resolution of `instructions`.
    public static var chunk: UInt64 { clinux_kvm_chunk() }

    /// Runs the micro-guest on `device` in a child for at most `deadline` milliseconds.
    ///
    /// A child that the kernel does not let go is killed and left to whoever reaps; the caller is never held
    /// up for more than 5 ms beyond the deadline.
    ///
    /// - Throws: what mmap(2), pipe(2) or fork(2) say; a refusal by KVM is a result, not an error.
    public static func take(device: String = "/dev/kvm", deadline: Int32 = 100) throws(Errno) -> KVMMeasurement {
        guard let memory = clinux_kvm_map() else { throw Errno.current }
        // A child that is still there keeps its own mapping.
        defer { clinux_kvm_unmap(memory) }
        let pipe = try Descriptor.pipe()
        let child = try retryingInterrupts { clinux_kvm_start(device, memory, pipe.writing.rawValue) }
        // Whatever comes of the wait, the child is ended below.
        _ = try? pipe.reading.wait(until: .readable, .now() + .milliseconds(Int64(deadline)))
        let record = clinux_kvm_read(memory)
        let now = Instant.now().nanoseconds
        kill(child, SIGKILL)
        reap(child, attempts: 10)
        return KVMMeasurement(record, now: now)
    }

    private init(_ record: clinux_kvm_record, now: UInt64) {
        // The child writes nothing but these steps.
        let step = Step(rawValue: record.step) ?? .open
        switch clinux_kvm_state(rawValue: UInt32(bitPattern: record.state)) {
        case clinux_kvm_finished: state = .finished
        case clinux_kvm_failed: state = .failed(step, Errno(rawValue: record.error))
        case clinux_kvm_foreign: state = .foreignArchitecture
        default: state = .running(step)
        }
        apiVersion = record.api_version
        instructions = record.instructions
        let end = record.ended_ns == 0 ? now : record.ended_ns
        nanoseconds = record.started_ns == 0 || end < record.started_ns ? 0 : end - record.started_ns
    }
}

/// Takes the exit status of a killed child if it comes soon (half a millisecond an attempt).
private func reap(_ child: pid_t, attempts: Int) {
    for attempt in 0..<attempts {
        if waitpid(child, nil, WNOHANG) != 0 { return }
        if attempt + 1 == attempts { return }
        var pause = timespec(tv_sec: 0, tv_nsec: 500_000)
        nanosleep(&pause, nil)
    }
}
