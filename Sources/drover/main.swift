import Basics
import Glibc
import Linux
import Operator

// Before anything that takes memory.
if !hasAddressSpaceToStart() {
    writeToStandardError(
        "drover: the address space of a process is limited to less than 32 MiB here (RLIMIT_AS or RLIMIT_DATA), which is too "
            + "little to start; raise it, as ulimit -v and -d do\n")
    exit(ExitCode.configuration.rawValue)
}
resetSignals()
forbidCoreDumps()
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
