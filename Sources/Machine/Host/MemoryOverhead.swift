import Basics

extension MemoryPlan {
    /// QEMU's own share: KubeVirt's formula without its daemons, TCG's buffer and a margin.
    public struct Overhead: Equatable, Sendable {
        public let vcpus: Int
        public let pageTables: MiB
        /// `tb-size`; zero without TCG.
        public let translationBuffer: MiB

        static let base = MiB(30 + 8)
        static let perVCPU = MiB(8)
        static let video = MiB(16)
        static let margin = MiB(128)

        init(ram: MiB, vcpus: Int, translationBuffer: MiB) {
            self.vcpus = vcpus
            pageTables = MiB(ram.count / 512 + 1)
            self.translationBuffer = translationBuffer
        }

        public var total: MiB {
            Self.base + MiB(Self.perVCPU.count * vcpus) + Self.video + pageTables + translationBuffer + Self.margin
        }
    }
}

extension MemoryPlan.Overhead: CustomStringConvertible {
    /// The parts of the sum.
    public var description: String {
        let buffer = translationBuffer > MiB(0) ? " + \(translationBuffer.count) translation buffer" : ""
        return "\(Self.base.count) base + \(Self.perVCPU.count * vcpus) vCPUs + \(Self.video.count) video + "
            + "\(pageTables.count) page tables\(buffer) + \(Self.margin.count) margin"
    }
}
