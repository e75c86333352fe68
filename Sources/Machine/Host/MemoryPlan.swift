import Basics
import Linux

/// How much memory the guest gets, and what QEMU needs beside it.
public struct MemoryPlan: Equatable, Sendable {
    public enum Origin: Equatable, Sendable { case set, probed }

    public let ram: MiB
    public let overhead: Overhead
    public let origin: Origin
    /// Why it is this much.
    public let reason: String
    public let warnings: [String]

    public var translationBuffer: MiB { overhead.translationBuffer }
    public var total: MiB { ram + overhead.total }
}

extension MemoryPlan {
    /// Less would end any guest.
    public static let smallestRAM = MiB(64)
    static let automatic = MiB(512)...MiB(8192)
    static let step = 64
    /// QEMU's default of 1 GiB is out of proportion in a container. Guests run well when the translated code is kept at a
    /// quarter of their memory; under 64 MiB it is flushed again and again while booting, over 512 MiB nothing is won.
    static let buffer = MiB(64)...MiB(512)

    /// - Parameters:
    ///   - requested: nil for automatic; the range is checked where the variable is parsed.
    ///   - translating: whether TCG is on any step of the ladder.
    ///   - share: of a CD of the shared folder at the most.
    /// - Throws: `.configuration` when RAM and overhead exceed the container's limit.
    public static func make(
        requested: MiB?, vcpus: Int, translating: Bool, share: MiB = MiB(0), limits: ContainerLimits,
        orchestrator: Orchestrator = .compose
    ) throws(Fault) -> MemoryPlan {
        let budget = Budget(limits, share, orchestrator)
        if let requested {
            return try fixed(requested, vcpus, translating, budget)
        }
        return try automatic(vcpus, translating, budget)
    }

    /// What there is to share out, and who says so.
    private struct Budget {
        let bytes: Int64
        let available: Int64
        /// The container's limit; nil when the host is the only limit.
        let limit: ContainerLimits.Limit<Int64>?
        let share: MiB
        private let orchestrator: Orchestrator

        init(_ limits: ContainerLimits, _ share: MiB, _ orchestrator: Orchestrator) {
            self.share = share
            self.orchestrator = orchestrator
            // A limit above what the host has limits nothing.
            let limit = limits.memory.flatMap { limits.hostMemory > 0 && $0.value > limits.hostMemory ? nil : $0 }
            self.limit = limit
            bytes = limit?.value ?? limits.hostMemory
            available = limits.hostAvailable
        }

        /// Of a limit that leaves room for so much.
        func remedy(_ needed: MiB) -> String { ContainerSetting.memory(needed.count).phrase(orchestrator) }

        var description: String {
            let size = MiB(bytes: bytes)
            guard let limit else { return "the host's \(size)" }
            return "the container's limit of \(size) (\(limit.source))"
        }
    }

    private static func fixed(
        _ ram: MiB, _ vcpus: Int, _ translating: Bool, _ budget: Budget
    ) throws(Fault) -> MemoryPlan {
        let overhead = Self.overhead(ram, vcpus, translating, within: budget)
        if let limit = budget.limit, ram + overhead.total > MiB(bytes: limit.value) {
            let fitting = largest(vcpus, translating, budget).map { "set QEMU_RAM=\($0.count) or " } ?? ""
            let needed = ram + overhead.total
            throw Fault(
                .configuration, "QEMU_RAM",
                "\(ram) and \(overhead.total) for QEMU (\(overhead)) are \(needed), over "
                    + "\(budget.description); \(fitting)raise the limit (\(budget.remedy(needed)))")
        }
        return MemoryPlan(
            ram: ram, overhead: overhead, origin: .set, reason: "QEMU_RAM",
            warnings: warnings(ram, overhead, budget))
    }

    private static func automatic(_ vcpus: Int, _ translating: Bool, _ budget: Budget) throws(Fault) -> MemoryPlan {
        // A limit is there for this guest alone, a host for others too. Without /proc/meminfo there is nothing to share.
        let isLimited = budget.limit != nil
        let share = budget.bytes > 0 ? MiB(bytes: budget.bytes / 4 * (isLimited ? 3 : 1)) : automatic.lowerBound
        var ram = rounded(max(share, automatic.lowerBound))
        var reason = "\(isLimited ? "three quarters" : "a quarter") of \(budget.description)"
        if share < automatic.lowerBound { reason = "\(automatic.lowerBound), the least by default" }
        if !isLimited, share > automatic.upperBound {
            (ram, reason) = (automatic.upperBound, "\(automatic.upperBound), the most by default")
        }
        if budget.bytes > 0 {
            guard let fitting = largest(vcpus, translating, budget) else {
                let needed =
                    smallestRAM
                    + Overhead(
                        ram: smallestRAM, vcpus: vcpus, translationBuffer: translating ? buffer.lowerBound : MiB(0),
                        share: budget.share
                    ).total
                throw Fault(
                    .configuration, "QEMU_RAM",
                    "\(budget.description) leaves less than \(smallestRAM) for the guest; "
                        + "raise it to \(needed) or more (\(budget.remedy(needed)))")
            }
            if fitting < ram {
                ram = fitting
                reason = "what \(budget.description) leaves beside QEMU"
            }
        }
        let overhead = Self.overhead(ram, vcpus, translating, within: budget)
        return MemoryPlan(
            ram: ram, overhead: overhead, origin: .probed, reason: reason, warnings: warnings(ram, overhead, budget))
    }

    /// The most RAM that fits with the smallest buffer; nil under `smallestRAM`.
    private static func largest(_ vcpus: Int, _ translating: Bool, _ budget: Budget) -> MiB? {
        let buffer = translating ? buffer.lowerBound : MiB(0)
        let fixed = Overhead(ram: MiB(0), vcpus: vcpus, translationBuffer: buffer, share: budget.share).total
        let left = MiB(bytes: budget.bytes).count - fixed.count
        // One MiB in 512 goes to page tables.
        let ram = rounded(MiB(left - left / 512 - 1))
        return ram < smallestRAM ? nil : ram
    }

    private static func overhead(_ ram: MiB, _ vcpus: Int, _ translating: Bool, within budget: Budget) -> Overhead {
        let bare = Overhead(ram: ram, vcpus: vcpus, translationBuffer: MiB(0), share: budget.share)
        guard translating else { return bare }
        var size = min(max(MiB(ram.count / 4), buffer.lowerBound), buffer.upperBound)
        if budget.limit != nil {
            let left = MiB(bytes: budget.bytes).count - ram.count - bare.total.count
            size = max(min(size, MiB(left)), buffer.lowerBound)
        }
        return Overhead(ram: ram, vcpus: vcpus, translationBuffer: size, share: budget.share)
    }

    private static func warnings(_ ram: MiB, _ overhead: Overhead, _ budget: Budget) -> [String] {
        let total = ram + overhead.total
        guard budget.available > 0, total > MiB(bytes: budget.available) else { return [] }
        return [
            "QEMU_RAM: \(ram) and \(overhead.total) for QEMU are more than the \(MiB(bytes: budget.available)) "
                + "the host has available; the kernel may kill QEMU, set a smaller QEMU_RAM"
        ]
    }

    private static func rounded(_ size: MiB) -> MiB {
        MiB(size.count - size.count % step)
    }
}
