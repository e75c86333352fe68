import Backup
import Basics
import Linux
import Machine
import Operator
import Supervision

/// `drover offsite`: copies of the backups elsewhere, by restic.
enum OffsiteCommand {
    static let declaration = Subcommand(
        "offsite", "copies of the backups in a repository of restic's: serve, now, healthcheck",
        text: """
            What the container of compose/offsite.yaml does: it has restic send BACKUP_DIR, which it can only read, to a
            repository elsewhere, encrypted. restic itself, in that container, lists, checks and restores.
            """,
        notes: "Its variables are those called OFFSITE_, and restic's own; its secrets are files.",
        examples: [
            "docker compose run --rm offsite restic init", "docker compose exec offsite drover offsite now",
            "docker compose exec offsite restic --no-cache snapshots",
        ],
        verbs: [OffsiteServe.declaration, OffsiteNow.declaration, OffsiteHealthcheck.declaration])

    /// What both that send need. From here on, signals only end restic.
    static func setUp() throws(ClientFailure) -> (restic: Restic, BackupFolder, Configuration) {
        let signals: SignalDescriptor
        do throws(Errno) {
            signals = try SignalDescriptor()
        } catch {
            throw ClientFailure(.broken, "signals cannot be read: \(error)")
        }
        let variables = try ResticEnvironment(processEnvironment()) { canAccess($0, reading: true) }
        let configuration = try BackupCommand.configuration(.offsite, .operation)
        guard let path = findExecutable("restic", path: executablePath()) else {
            throw ClientFailure(
                .absent, "restic is not in \(quoted(executablePath())); use the Dockerfile's target offsite")
        }
        let folder = try BackupCommand.folder(configuration)
        return (Restic(path: path, variables, signals), folder, configuration)
    }

    /// Writes lines as a run does.
    static func log(_ configuration: Configuration) throws(ClientFailure) -> (LogLevel, String) -> Void {
        let settings = configuration.operation
        let log = Log(format: settings.logFormat, lowestLevel: settings.logLevel)
        let sink: OutputSink
        do throws(Errno) {
            sink = try OutputSink()
        } catch {
            throw ClientFailure(.broken, "standard output cannot be written: \(error)")
        }
        return { level, message in
            log.write(level, message)
            sink.drain(log, until: .now() + .seconds(1))
        }
    }
}
