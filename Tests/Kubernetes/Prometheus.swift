import Foundation
import Linux
import TestSupport

/// Debian's Prometheus, with what compose/monitoring/targets.kubernetes.yml makes of a pod. It is built without the part that
/// asks Kubernetes for the pods, so their labels come from kubectl.
final class Prometheus {
    private let process: ChildProcess
    private let port: UInt16

    init(scraping pod: Pod, _ workspace: Workspace) throws {
        port = try Listener.freePort()
        let address = try pod.field("{.status.podIP}")
        func annotation(_ name: String) throws -> String {
            try pod.field("{.metadata.annotations.prometheus\\.io/\(name)}")
        }
        let labels = """
            {"__meta_kubernetes_pod_ip": "\(address)", "__meta_kubernetes_namespace": "\(pod.namespace)",
             "__meta_kubernetes_pod_name": "\(pod.name)",
             "__meta_kubernetes_pod_annotation_prometheus_io_scrape": "\(try annotation("scrape"))",
             "__meta_kubernetes_pod_annotation_prometheus_io_port": "\(try annotation("port"))"}
            """
        try "[{\"targets\": [\"\(address)\"], \"labels\": \(labels)}]"
            .write(toFile: "\(workspace.path)/pods.json", atomically: true, encoding: .utf8)
        try shell(
            """
            cd '\(workspace.path)'
            { printf 'global: {scrape_interval: 2s, scrape_timeout: 2s}\\n'
              sed 's#kubernetes_sd_configs:#file_sd_configs:#; s#- role: pod#- files: [pods.json]#; /^---$/d' \
                '\(repository)/compose/monitoring/targets.kubernetes.yml'
            } >prometheus.yml
            """)
        let output = try Descriptor.open("\(workspace.path)/prometheus.log", [.writeOnly, .create])
        process = try ChildProcess(
            prepared("DROVER_PROMETHEUS"),
            [
                "--config.file=\(workspace.path)/prometheus.yml", "--storage.tsdb.path=\(workspace.path)/series",
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
