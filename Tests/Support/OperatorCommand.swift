/// Runs a subcommand of the real binary against the run in `workspace`, as an operator would.
///
/// - Parameter input: for its stdin.
/// - Returns: its exit code, and what it printed to stdout and stderr.
@discardableResult
package func drover(
    _ command: String, _ workspace: Workspace, input: String = "", within seconds: Int = 60
) throws -> (status: Int, output: String) {
    let output = try shell(
        "printf %s \(shellQuoted(input)) | DROVER_RUNTIME_DIR='\(workspace.path)/run' '\(DroverRun.binary)' \(command) 2>&1; echo $?",
        within: seconds)
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let status = lines.last.flatMap { Int($0) } ?? -1
    return (status, lines.dropLast().joined(separator: "\n"))
}

/// Waits until the guest's screen shows a line that contains `text`.
package func waitForScreen(showing text: String, _ workspace: Workspace, within seconds: Int = 120) throws {
    let follower = try DroverRun(["screen", "--follow"], ["DROVER_RUNTIME_DIR": "\(workspace.path)/run"])
    defer { try? follower.signal(.kill) }
    try follower.wait(for: text, within: seconds)
}
