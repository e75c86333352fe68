/// A subcommand that has been understood, ready to run. Its declaration, a `Subcommand`, stands beside it.
protocol Command: Equatable, Sendable {
    init(_ arguments: Arguments) throws(UsageError)

    /// - Returns: the exit code.
    func run() throws -> Int32
}
