import Linux
import TestSupport

/// Debian's Prometheus with the targets of compose/monitoring/targets.kubernetes.yml, as an administrator of the cluster.
final class Prometheus {
    private let process: ChildProcess
    private let port: UInt16

    init(_ workspace: Workspace) throws {
        port = try Listener.freePort()
        let configuration = "\(workspace.path)/prometheus.yml"
        try shell(
            """
            { printf 'global: {scrape_interval: 2s, scrape_timeout: 2s}\\n'
              sed 's#^\\( *\\)- role: pod#&\\n\\1  kubeconfig_file: \(try prepared("KUBECONFIG"))#' \
                '\(repository)/compose/monitoring/targets.kubernetes.yml' | sed '/^---$/d'
            } >'\(configuration)'
            """)
        let output = try Descriptor.open("\(workspace.path)/prometheus.log", [.writeOnly, .create])
        process = try ChildProcess(
            prepared("DROVER_PROMETHEUS"),
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(workspace.path)/series",
                "--web.listen-address=127.0.0.1:\(port)",
            ], descriptors: [try Descriptor.open("/dev/null"), output, output])
    }

    /// Waits until a query has one result, with this value.
    func wait(for query: String, _ value: String) throws {
        try Cluster.wait(for: "\(query) to be \(value)", within: 90) {
            let seen = try shell(
                "curl -sG 'http://127.0.0.1:\(port)/api/v1/query' --data-urlencode 'query=\(query)' || true")
            return seen.contains(#",""# + value + #""]}]"#) ? nil : seen
        }
    }
}
