import Basics
import Glibc
import Linux
import Operator

Descriptor.fillStandardNumbers()

/// The one place where what a subcommand throws becomes an exit code.
func exitCode(for arguments: [String]) -> Int32 {
    do {
        return try Subcommand.parse(arguments).run()
    } catch let error as UsageError {
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
