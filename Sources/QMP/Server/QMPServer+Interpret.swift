import JSON
import Linux

extension QMPServer.Client {
    /// Decides what becomes of a frame.
    mutating func interpret(_ frame: JSONFramer.Frame) -> QMPServer.Pending {
        switch frame {
        case .tooLong(let rest):
            do throws(ClientCommand.Malformed) {
                let command = try ClientCommand(rest)
                return refusal(ClientCommand.tooLong(command.name), id: command.id)
            } catch {
                return refusal(error.error, id: error.id)
            }
        case .malformed(let desc):
            return refusal(.generic(desc), id: nil)
        case .value(let text):
            do throws(ClientCommand.Malformed) {
                return interpret(try ClientCommand(text))
            } catch {
                return refusal(error.error, id: error.id)
            }
        }
    }

    private func refusal(_ error: QMPError, id: [UInt8]?, audit: QMPServer.Action? = nil) -> QMPServer.Pending {
        QMPServer.Pending(
            work: .answer(QMPLine.failure(error, id: id), audit == nil ? .failed : .refused), audit: audit)
    }

    private mutating func interpret(_ command: ClientCommand) -> QMPServer.Pending {
        let name = command.name.asName
        if name == QMPCommand.capabilities.name {
            return negotiate(command)
        }
        guard hasNegotiated else {
            return refusal(.notFound("Expecting capabilities negotiation with 'qmp_capabilities'"), id: command.id)
        }
        let need = policy.need(of: command)
        guard need.level <= policy.level else {
            let error = QMPError.generic(need.refusal(of: command.visibleName, by: policy))
            let text = need.auditText(of: command) + ": " + error.desc
            return refusal(error, id: command.id, audit: audit(.refused, text))
        }
        let audit: QMPServer.Action? =
            // What a child of PID 1's does, its own lines tell.
            need.level == .readOnly || place.child != nil || isToldAlready(command)
            ? nil : self.audit(.carriedOut, need.auditText(of: command))
        guard let name, let droverCommand = DroverCommand(rawValue: name) else {
            let route: QMPServer.Route = place != .ordinary && command.isBriefQuery ? .first : .clients
            return QMPServer.Pending(
                work: .relay(command.lineBeforeID, route), id: command.id, audit: audit,
                loadsSnapshot: command.loadsSnapshot)
        }
        if droverCommand == .backupReport, place.child == nil {
            return refusal(.generic("\(droverCommand.rawValue) is for PID 1's own child"), id: command.id)
        }
        do throws(QMPError) {
            return QMPServer.Pending(work: try droverCommand.work(command, from: peer), id: command.id, audit: audit)
        } catch {
            return refusal(error, id: command.id)
        }
    }

    /// Who types has a command for each key, all of which the log would show alike.
    private mutating func isToldAlready(_ command: ClientCommand) -> Bool {
        guard QMPPolicy.Need.pressesKeys(command) else { return false }
        if let keysTold, lastUse - keysTold < .seconds(60) { return true }
        keysTold = lastUse
        return false
    }

    /// A child is known by its name: its peer is PID 1 itself.
    private func audit(_ outcome: QMPServer.AuditOutcome, _ text: String) -> QMPServer.Action {
        .audit(outcome, peer, place.child.map { "\($0): \(text)" } ?? text)
    }

    /// PID 1 has negotiated with QEMU already; each client does it with PID 1.
    private mutating func negotiate(_ command: ClientCommand) -> QMPServer.Pending {
        guard !hasNegotiated else {
            return refusal(
                .notFound("Capabilities negotiation is already complete, command ignored"), id: command.id)
        }
        do throws(QMPError) {
            try command.allowOnly(["enable"])
            if let enable = command.arguments?["enable"] {
                guard let capabilities = enable.elements else {
                    throw .generic("Invalid parameter type for 'enable', expected: array")
                }
                if let capability = capabilities.first {
                    let name = String(visible: capability.string ?? [], limit: 64)
                    throw .generic("Capability '\(name)' is not available")
                }
            }
        } catch {
            return refusal(error, id: command.id)
        }
        hasNegotiated = true
        return QMPServer.Pending(work: .answer(QMPLine.success("{}".utf8, id: command.id), .good))
    }
}

extension ClientCommand {
    fileprivate var loadsSnapshot: Bool { humanMonitorLine?.name.asName == "loadvm" }

    /// What the health check asks QEMU, whose answer is there at once.
    fileprivate var isBriefQuery: Bool {
        name.asName == QMPCommand.queryStatus.name && arguments?.members?.isEmpty ?? true
    }
}
