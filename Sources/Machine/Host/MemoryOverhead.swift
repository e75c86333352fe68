import Basics

extension MemoryPlan {
    /// QEMU's own part: KubeVirt's formula without its daemons, TCG's buffer and a margin.
    public struct Overhead: Equatable, Sendable {
        public let vcpus: Int
        public let pageTables: MiB
        /// `tb-size`; zero without TCG.
        public let translationBuffer: MiB
        /// Of the shared folder's CD, and of the one that takes its place.
        public let share: MiB

        static let base = MiB(30 + 8)
        static let perVCPU = MiB(8)
        static let video = MiB(16)
        static let margin = MiB(128)

        init(ram: MiB, vcpus: Int, translationBuffer: MiB, share: MiB = MiB(0)) {
            self.vcpus = vcpus
            pageTables = MiB(ram.count / 512 + 1)
            self.translationBuffer = translationBuffer
            self.share = share + share
        }

        public var total: MiB {
            Self.base + MiB(Self.perVCPU.count * vcpus) + Self.video + pageTables + translationBuffer + Self.margin
                + share
        }
    }
}

extension MemoryPlan.Overhead: CustomStringConvertible {
    /// The parts of the sum.
    public var description: String {
        let buffer = translationBuffer > MiB(0) ? " + \(translationBuffer.count) translation buffer" : ""
        let share = share > MiB(0) ? " + \(share.count) CDs of SHARE_DIR" : ""
        return "\(Self.base.count) base + \(Self.perVCPU.count * vcpus) vCPUs + \(Self.video.count) video + "
            + "\(pageTables.count) page tables\(buffer) + \(Self.margin.count) margin\(share)"
    }
}
