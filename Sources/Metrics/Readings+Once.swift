import JSON
import Linux
import Machine
import Operator
import QMP

extension Readings {
    /// What one scrape finds out, by a client of PID 1's socket.
    public static func once(socket: String, _ setting: Setting) throws(ClientFailure) -> Readings {
        let deadline = Instant.now() + QMPBatch.patience
        let client = try QMPClient.connect(to: socket, until: deadline)
        var readings = Readings(try client.status(until: deadline), qemu(client, setting, deadline))
        if setting.backups != nil,
            let reply = try? client.execute(QMPCommand(DroverCommand.backupStatus.rawValue), until: deadline)
        {
            readings.backup = reply.result.flatMap { try? BackupFigures($0) }
        }
        if readings.qemu != nil {
            readings.isReady =
                HealthCheck(.ready, timeout: QMPBatch.patience, now: .now()).run(socket: socket).isHealthy
        }
        let isWhole = readings.readHost(setting, ContainerUsage.Files(), in: KeptFiles())
        readings.failedScrapes = isWhole && !readings.lacksQEMU ? 0 : 1
        return readings
    }

    /// Nil: it does not answer in time.
    private static func qemu(_ client: QMPClient, _ setting: Setting, _ deadline: Instant) -> QEMUAnswers? {
        var answers: [JSONValue?] = []
        let balloon = setting.hasBalloon ? QEMUAnswers.balloonCommands : []
        for command in QEMUAnswers.commands + balloon + QEMUAnswers.Lasting.commands {
            guard let reply = try? client.execute(command, until: deadline) else { return nil }
            answers.append(reply.result)
        }
        let lasting = QEMUAnswers.Lasting(answers.suffix(QEMUAnswers.Lasting.commands.count))
        return try? QEMUAnswers(answers, lasting, hasBalloon: setting.hasBalloon)
    }
}
