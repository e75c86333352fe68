import Basics
import Linux
import Operator

/// `drover snapshot`: the guest as it is now, kept in its own disks.
enum SnapshotCommand {
    static let declaration = Subcommand(
        "snapshot", "keep the guest as it is now, and go back to it",
        text: """
            Snapshots lie in the disks' own qcow2 files: they undo a mistake, and are no backup. Of a guest that runs, its
            memory is kept too; without a run, the disks are found by the environment, as run finds them.
            """,
        examples: [
            "docker exec NAME drover snapshot create before-upgrade",
            "docker exec NAME drover snapshot revert before-upgrade --yes",
            "docker compose run --rm hurd snapshot list",
        ],
        verbs: [
            SnapshotCreate.declaration,
            SnapshotList.declaration,
            SnapshotRevert.declaration,
            SnapshotDelete.declaration,
        ])

    static let name = Operand("NAME", "name")
    static let yes = Option.flag("--yes", "what is lost by it may be lost")

    static func name(_ arguments: Arguments) throws(UsageError) -> SnapshotName {
        do throws(ClientFailure) {
            return try SnapshotName(arguments.operand(0) ?? "")
        } catch {
            throw UsageError(message: error.message)
        }
    }

    /// Of the run, if there is one; of the disks else.
    static func find() throws(ClientFailure) -> any Snapshots {
        let client: QMPClient
        do throws(ClientFailure) {
            client = try connectToPID1()
        } catch  where error.exit == .absent {
            return try stopped()
        }
        // QEMU keeps nobody from its disks then.
        if try client.status(until: .now() + .seconds(5)).state == .off { return try stopped() }
        return try LiveSnapshots(client)
    }

    private static func stopped() throws(ClientFailure) -> any Snapshots {
        try StoppedSnapshots(try StoppedDisks.find(processEnvironment()), try qemuImg())
    }
}
