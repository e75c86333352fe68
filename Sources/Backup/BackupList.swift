import Operator

/// What there is in a folder of backups.
public struct BackupList: Equatable, Sendable {
    public struct Broken: Equatable, Sendable {
        public let id: BackupID
        public let reason: String
    }

    /// Those with a manifest, oldest first. That their files are right is not known by that.
    public internal(set) var backups: [Manifest] = []
    /// The last test of each that has been tested.
    public internal(set) var tests: [BackupID: TestResult] = [:]
    /// What was last found in each that has been verified.
    public internal(set) var verifications: [BackupID: VerifyResult] = [:]
    /// Folders named as a backup that are none, oldest first.
    public internal(set) var broken: [Broken] = []
    /// Names of folders with what is no backup yet, or no longer.
    public internal(set) var partials: [String] = []

    public init() {}

    mutating func sort() {
        backups.sort { $0.id < $1.id }
        broken.sort { $0.id < $1.id }
    }

    public subscript(id: BackupID) -> Manifest? { backups.first { $0.id == id } }

    /// All names that a new backup must not have.
    public var taken: [BackupID] {
        backups.map(\.id) + broken.map(\.id)
            + partials.compactMap { BackupID(String($0.dropLast(BackupFolder.partialSuffix.count))) }
    }

    /// The backup, what it is an increment of, and so on to the full one. As far as the manifests tell, it can be restored:
    /// they are of one guest, and each disk is in all of them.
    ///
    /// - Throws: what is wrong, with the name of the backup where it is.
    public func chain(of id: BackupID) throws(ClientFailure) -> [Manifest] {
        guard let first = self[id] else {
            if let broken = broken.first(where: { $0.id == id }) {
                throw ClientFailure(.no, "\(id) is no backup: \(broken.reason)")
            }
            throw ClientFailure(.no, "there is no backup \(id); drover backup list shows those that there are")
        }
        var (chain, manifest) = ([first], first)
        while let parent = manifest.parent {
            guard let next = self[parent] else {
                let reason = broken.first { $0.id == parent }.map { ", which is broken: \($0.reason)" }
                throw ClientFailure(
                    .no,
                    "\(manifest.id) is an increment of \(parent)\(reason ?? ", which is not there"); restore another")
            }
            guard !chain.contains(next) else {
                throw ClientFailure(.no, "\(next.id) is an increment of itself, by its manifest and others'")
            }
            guard next.guest == manifest.guest else {
                throw ClientFailure(
                    .no, "\(next.id) is of another guest (\(next.guest.text)) than \(manifest.id), an increment of it")
            }
            for disk in manifest.disks where !next.disks.contains(where: { $0.name == disk.name }) {
                throw ClientFailure(.no, "\(next.id) lacks \(disk.name), of which \(manifest.id) has an increment")
            }
            chain.append(next)
            manifest = next
        }
        return chain
    }

    /// The newest of a chain whose own files, or those that it lies over, verifying last found damaged.
    func damage(in chain: [Manifest]) -> BackupID? {
        chain.map(\.id).first { verifications[$0]?.isGood == false }
    }
}
