import Basics

/// What the environment says, and all that is wrong with it.
public struct ParsedConfiguration: Equatable, Sendable {
    /// Where a variable's value comes from.
    public enum Origin: String, Equatable, Sendable {
        case set, `default`
    }

    /// A faulty variable has its default here.
    public var configuration: Configuration
    /// In the order of `Variable.all`, then the refused names; each one line.
    public var faults: [Fault]
    /// Sorted; each one line.
    public var warnings: [String]
    /// For each variable of `Variable.all`, by name.
    public var origins: [String: Origin]
}

extension Configuration {
    /// Reads every variable; finds every fault.
    ///
    /// `lowestBindablePort` is asked for only when a port is low enough to depend on it (see `PortPrivilege`).
    public static func parse(
        _ environment: [String: String], lowestBindablePort: @autoclosure () -> UInt16 = 1024
    ) -> ParsedConfiguration {
        var configuration = Configuration()
        var origins: [String: ParsedConfiguration.Origin] = [:]
        var problems: [String: [String]] = [:]
        origins.reserveCapacity(Variable.all.count)

        for variable in Variable.all {
            guard let text = environment[variable.name].map({ $0[...].trimmed }), !text.isEmpty else {
                origins[variable.name] = .default
                continue
            }
            origins[variable.name] = .set
            do throws(Rejection) {
                try variable.read(String(text), into: &configuration)
            } catch {
                problems[variable.name] = error.messages
            }
        }

        var combination = Combination(
            configuration: configuration, isSet: { origins[$0] == .set }, isFaulty: { problems[$0] != nil })
        combination.check(lowestBindablePort: lowestBindablePort)
        for (name, message) in combination.problems { problems[name, default: []].append(message) }

        let faults = Variable.all.flatMap { variable in
            (problems[variable.name] ?? []).map { Fault(.configuration, variable.name, $0) }
        }
        return ParsedConfiguration(
            configuration: combination.configuration,
            faults: faults + secretFaults(environment) + QemuxNames.faults(in: environment),
            warnings: (combination.warnings + nameWarnings(environment)).sorted(),
            origins: origins)
    }

    /// The value is a secret and is not repeated.
    private static func secretFaults(_ environment: [String: String]) -> [Fault] {
        OtherNames.refused.filter { environment[$0.name]?.isEmpty == false }.map { name, secret in
            let remedy = "put it in a file and mount it as the secret \(secret) (/run/secrets/\(secret))"
            return Fault(
                .configuration, name, "a secret does not belong in the environment; \(remedy)")
        }
    }

    private static func nameWarnings(_ environment: [String: String]) -> [String] {
        var warnings: [String] = []
        for (name, warning) in OtherNames.ignored where environment[name]?.isEmpty == false {
            warnings.append("\(name): \(warning)")
        }
        let known = Variable.all.map(\.name) + OtherNames.ofCompose
        for (name, value) in environment where !known.contains(name) {
            guard let remedy = remedy(forUnknown: name, value: value, known) else { continue }
            let quotedName = quoted(name, limit: 60)
            let shown = quotedName == "\"\(name)\"" ? name : quotedName
            warnings.append("\(shown): unknown variable; \(remedy)")
        }
        return warnings
    }

    /// Nil for one that may be anybody's.
    private static func remedy(forUnknown name: String, value: String, _ known: [String]) -> String? {
        for prefix in ["QEMU_", "DROVER_"] where name.hasPrefix(prefix) {
            if OtherNames.isServiceLink(name.dropFirst(prefix.utf8.count), value: value) { return nil }
            return nearest(to: name, in: known).map { "did you mean \($0)?" } ?? "see drover help environment"
        }
        // Such as HTTP_PROXY, which is no more than three edits from HTTP_PORT.
        guard name.utf8.count > 6 else { return nil }
        return nearest(to: name, in: known, limit: 1).map { "did you mean \($0)?" }
    }
}
