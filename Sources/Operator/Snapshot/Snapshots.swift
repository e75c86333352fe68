/// What `drover snapshot` does, to a guest that runs or to stopped disks. Each returns a line that says how it went.
public protocol Snapshots {
    var table: SnapshotTable { get }

    /// - Parameter announce: told what it costs, before it begins.
    func create(_ name: SnapshotName, announce: (String) -> Void) throws(ClientFailure) -> String

    /// - Parameter isAgreed: what is lost by it may be lost, here and below.
    func revert(to name: SnapshotName, isAgreed: Bool) throws(ClientFailure) -> String

    func delete(_ name: SnapshotName, isAgreed: Bool) throws(ClientFailure) -> String
}

extension Snapshots {
    func agree(_ isAgreed: Bool, _ loss: String) throws(ClientFailure) {
        guard isAgreed else { throw ClientFailure(.usage, "\(loss); repeat it with --yes if that is meant") }
    }

    func deleted(_ name: SnapshotName) -> String {
        "snapshot \(name.text) has been deleted; the image keeps its size, and the space is used again"
    }
}
