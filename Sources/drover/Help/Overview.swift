import Basics

/// The page of `drover help`.
enum Overview {
    static var page: String {
        var blocks = [["drover - PID 1 for a virtual machine in a container"], usage]
        for group in groups {
            if group.first?.needsRun == true {
                blocks.append(["For a run that is under way, in its container (docker exec -it NAME drover ...):"])
            }
            blocks.append(Subcommand.list(group.map { ($0.title, $0.summary) }))
        }
        blocks.append(wrapped("Topics: \(HelpTopic.allCases.map(\.rawValue).joined(separator: ", "))", indent: 0))
        blocks.append(["All configuration is environment variables: drover help environment"])
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private static let usage = [
        "usage: drover [run] [-- QEMU-ARG...]",
        "       drover SUBCOMMAND [OPTION...]",
        "       \(HelpCommand.declaration.synopsis())",
    ]

    /// Neighbours in the table that need a run, or do not.
    private static var groups: [[Subcommand]] {
        Subcommand.all.reduce(into: [[Subcommand]]()) { groups, subcommand in
            if let last = groups.indices.last, groups[last].first?.needsRun == subcommand.needsRun {
                groups[last].append(subcommand)
            } else {
                groups.append([subcommand])
            }
        }
    }
}
