import CLinux
import Glibc

/// A program to be started in a session of its own, with default signal dispositions.
public struct Spawn {
    /// Absolute: no search is done.
    public var path: String
    /// With argv[0].
    public var arguments: [String]
    /// `NAME=value` each.
    public var environment: [String]
    /// The child's descriptors 0, 1, 2 … in order (512 at most); nil leaves a number closed. Nothing else is open.
    public var descriptors: [Descriptor?]
    /// What the kernel sends the child when this process dies (PR_SET_PDEATHSIG).
    public var parentDeathSignal: Signal?
    /// It begins with these blocked, and no others.
    public var blockedSignals: [Signal]
    public var limits: ProcessLimits

    public init(
        path: String, arguments: [String], environment: [String], descriptors: [Descriptor?],
        parentDeathSignal: Signal?, blockedSignals: [Signal] = [], limits: ProcessLimits = ProcessLimits()
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
        self.parentDeathSignal = parentDeathSignal
        self.blockedSignals = blockedSignals
        self.limits = limits
    }

    /// - Returns: the pid of the child, which has executed the program.
    /// - Throws: what fork or exec said.
    public func start() throws(Errno) -> Int32 {
        let descriptorNumbers = descriptors.map { $0?.rawValue ?? -1 }
        let argv = CStringArray(arguments)
        let envp = CStringArray(environment)
        // What the numbers and pointers stand for must outlive the call.
        defer { withExtendedLifetime((descriptors, argv, envp)) {} }
        return try retryingInterrupts {
            path.withCString { path in
                descriptorNumbers.withUnsafeBufferPointer { numbers in
                    var request = clinux_spawn(
                        path: path, argv: argv.pointer, envp: envp.pointer,
                        descriptors: numbers.baseAddress, descriptor_count: Int32(numbers.count),
                        parent_death_signal: parentDeathSignal?.rawValue ?? 0,
                        blocked_signals: blockedSignals.reduce(0) { $0 | 1 << UInt64($1.rawValue - 1) },
                        open_files: limits.openFiles ?? .max, address_space: limits.addressSpace ?? .max,
                        no_new_privileges: limits.noNewPrivileges ? 1 : 0,
                        is_expendable: limits.isExpendable ? 1 : 0)
                    return clinux_spawn(&request)
                }
            }
        }
    }
}

/// A NULL-terminated array of C strings, as execve(2) takes it.
private final class CStringArray {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointer = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { pointer[index] = strdup(string) }
        pointer[count] = nil
    }

    deinit {
        for index in 0..<count { free(pointer[index]) }
        pointer.deallocate()
    }
}

/// Makes orphaned grandchildren children of this process even when it is not PID 1 (PR_SET_CHILD_SUBREAPER).
public func becomeSubreaper() throws(Errno) {
    try retryingInterrupts { clinux_become_subreaper() }
}
