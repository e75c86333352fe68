import Linux

/// Finds out whether the host's KVM executes a guest at the speed of hardware.
///
/// A micro-guest counts down a few million instructions. Hardware does that in a few milliseconds; a KVM that
/// interprets, as some nested ones do, does a million a second and boots nothing.
public struct KVMProbe: Sendable {
    /// A KVM that executes `KVMMeasurement.total` instructions in this many milliseconds is fast: 40 million a second,
    /// below every hardware and above every interpreter.
    public static let deadline: Int32 = 100

    /// Takes the measurement; a fake in tests.
    public typealias Measure = @Sendable () throws(Errno) -> KVMMeasurement
    /// The status of the device; a fake in tests.
    public typealias DeviceStatus = @Sendable () throws(Errno) -> FileStatus

    private let status: DeviceStatus
    private let measure: Measure

    public init(status: @escaping DeviceStatus, measure: @escaping Measure) {
        self.status = status
        self.measure = measure
    }

    /// The device of this host.
    public static let host = KVMProbe(
        status: { () throws(Errno) in try FileStatus(of: "/dev/kvm") },
        measure: { () throws(Errno) in try KVMMeasurement.take(deadline: deadline) })

    /// Takes a few milliseconds where KVM is fast, 105 where it is not, none where there is no device.
    public func find() -> KVMFinding {
        let device: FileStatus
        do throws(Errno) {
            device = try status()
        } catch .permissionDenied {
            return .probeFailed(.permissionDenied)
        } catch {
            return .absent
        }
        do throws(Errno) {
            return Self.interpret(try measure(), device)
        } catch {
            return .probeFailed(error)
        }
    }

    static func interpret(_ result: KVMMeasurement, _ device: FileStatus) -> KVMFinding {
        let seconds = max(Double(result.nanoseconds), 1) / 1e9
        switch result.state {
        case .finished:
            return .fast(instructionsPerSecond: Double(result.instructions) / seconds)
        case .running(.run) where result.instructions > 0:
            return .slow(instructionsPerSecond: .measured(Double(result.instructions) / seconds))
        case .running(.run):
            return .slow(instructionsPerSecond: .below(Double(KVMMeasurement.chunk) / seconds))
        case .running(let step):
            return .hung(step: step)
        case .failed(.open, .permissionDenied), .failed(.open, .notPermitted):
            return .notPermitted(mode: device.permissions, owner: device.owner, group: device.group)
        case .failed(.open, .noSuchFile), .failed(.open, .noSuchDevice), .failed(.open, .noSuchAddress):
            return .absent
        case .failed(.apiVersion, _) where result.apiVersion > 0:
            return .wrongAPIVersion(result.apiVersion)
        case .failed(let step, let errno):
            return .refused(step: step, errno: errno)
        case .foreignArchitecture:
            return .foreignArchitecture
        }
    }
}
