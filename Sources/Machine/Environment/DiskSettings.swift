import Basics

extension Configuration {
    public enum DiskFormat: String, CaseIterable, Sendable { case qcow2, raw }
    public enum BootDevice: String, CaseIterable, Sendable { case disk, cdrom }
    public enum Storage: String, CaseIterable, Sendable { case ide, sata, virtio }
    public enum Cache: String, CaseIterable, Sendable { case none, writeback, writethrough, unsafe }
    public enum AsyncIO: String, CaseIterable, Sendable {
        case ioUring = "io_uring"
        case native, threads
    }

    /// The disks, the CD, and how they reach the guest.
    public struct DiskSettings: Equatable, Sendable {
        public var drive = Disk(path: "/opt/hurd-image/debian-hurd-amd64.qcow2")
        public var createDisk = false
        public var diskSize: MiB?
        /// The image under `drive`, which is made over it when it is missing.
        public var base: Disk?
        /// What the guest writes is thrown away.
        public var snapshot = false
        /// Those beside `drive`.
        public var further: [Disk] = []
        /// In the order of their nodes: `disk0`, `disk1` …
        public var all: [Disk] { [drive] + further }
        /// Paths of files that images may name though they lie elsewhere.
        public var allowBacking: [String] = []
        public var cdrom: String?
        public var boot = BootDevice.disk
        public var storage = Storage.ide
        public var cache = Cache.writeback
        /// `UNSAFE_CACHE`, the older way to write `cache = .unsafe`; `cache` says what counts.
        public var unsafeCache = false
        public var asyncIO: AsyncIO?
    }
}
