import Glibc
import Linux
import Supervision

Descriptor.fillStandardNumbers()

/// The one place where what a subcommand throws becomes an exit code.
func exitCode(for arguments: [String]) -> ExitCode {
    do {
        switch try Invocation(arguments) {
        case .run(let extraArguments):
            return try RunCommand.run(extraArguments: extraArguments)
        case .check(let asJSON, let extraArguments):
            return CheckCommand.run(asJSON: asJSON, extraArguments: extraArguments)
        case .seed(let output, let isListed):
            return try SeedCommand.run(output: output, isListed: isListed)
        case .version:
            print("drover \(droverVersion)")
        case .help(let topic):
            print(topic.text, terminator: "")
        }
        return .success
    } catch let error as Invocation.UsageError {
        report([error.message])
        return .usage
    } catch {
        report(["the system refused: \(error)"])
        return .qemuFailed
    }
}

exit(exitCode(for: processArguments()).rawValue)
