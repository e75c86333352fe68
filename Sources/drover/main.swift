import Basics
import Glibc
import Linux
import Operator
import Supervision

Descriptor.fillStandardNumbers()

/// The one place where what a subcommand throws becomes an exit code.
func exitCode(for arguments: [String]) -> Int32 {
    do {
        switch try Invocation(arguments) {
        case .run(let extraArguments):
            return try RunCommand.run(extraArguments: extraArguments).rawValue
        case .check(let asJSON, let extraArguments):
            return CheckCommand.run(asJSON: asJSON, extraArguments: extraArguments).rawValue
        case .seed(let output, let isListed):
            return try SeedCommand.run(output: output, isListed: isListed).rawValue
        case .client(let invocation):
            return try invocation.run()
        case .version:
            print("drover \(droverVersion)")
        case .help(let topic):
            print(topic.text, terminator: "")
        }
        return ExitCode.success.rawValue
    } catch let error as Invocation.UsageError {
        report([error.message])
        return ExitCode.usage.rawValue
    } catch let failure as ClientFailure {
        report([failure])
        return failure.exit.rawValue
    } catch {
        report(["the system refused: \(error)"])
        return ExitCode.qemuFailed.rawValue
    }
}

exit(exitCode(for: processArguments()))
