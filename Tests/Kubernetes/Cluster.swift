import Linux
import TestSupport

/// The cluster that `scripts/dev/with-kube` has started.
enum Cluster {
    /// Runs its kubectl, and returns what that printed on both outputs.
    @discardableResult
    static func kubectl(_ arguments: String, within seconds: Int = 120) throws -> String {
        try shell("\(surroundings); kubectl \(arguments) 2>&1", within: seconds)
    }

    /// Runs a command where node `number` is.
    @discardableResult
    static func on(_ number: Int, _ command: String) throws -> String {
        try shell("\(surroundings); on-node \(number) \(command) 2>&1")
    }

    /// What a shell needs to find the cluster's programs, and they the cluster.
    private static var surroundings: String {
        get throws {
            let path = shellQuoted(try prepared("PATH"))
            // kubectl keeps what it has learnt in its user's home.
            let home = try prepared("KUBE_NODES")
            return "export PATH=\(path) KUBECONFIG='\(try prepared("KUBECONFIG"))' HOME='\(home)'"
        }
    }

    /// Starts kubectl, for what goes on until it is killed.
    static func follow(_ arguments: [String]) throws -> (client: ChildProcess, output: Transcript) {
        let (reading, writing) = try Descriptor.pipe()
        let words = ["-c", "\(try surroundings); exec kubectl \"$@\"", "kubectl"] + arguments
        let client = try ChildProcess(
            "/bin/sh", words, descriptors: [try Descriptor.open("/dev/null"), writing, writing])
        return (client, Transcript(of: reading, named: "kubectl \(arguments.joined(separator: " "))"))
    }

    /// Asks until the answer is yes, as there is no event of everything that is waited for.
    static func wait(for what: String, within seconds: Int, until answer: () throws -> String?) throws {
        let deadline = Instant.within(seconds)
        while let seen = try answer() {
            guard Instant.now() < deadline else { throw TestFailure.missing(what, seen: seen) }
            try shell("sleep 0.5")
        }
    }

    /// The folder `data` of a node, which holds its volumes, from here.
    static func data(_ number: Int) throws -> String {
        "\(try prepared("KUBE_NODES"))/n\(number)/data"
    }

    /// The kubectl of today, that renders and asks as users' does.
    static var newKubectl: String {
        get throws {
            "HOME='\(try prepared("KUBE_NODES"))' KUBECONFIG='\(try prepared("KUBECONFIG"))' '\(try prepared("DROVER_KUBECTL"))'"
        }
    }
}
