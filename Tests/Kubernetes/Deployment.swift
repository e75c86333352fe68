import Foundation
import TestSupport

/// An overlay of `compose/kubernetes` in a namespace of a test's own: guests micro on volumes of theirs.
final class Deployment {
    let namespace = "test-\(UUID().uuidString.prefix(8).lowercased())"
    let workspace: Workspace
    let credentials: Credentials
    private let firstNode: Int
    private var volumes: [String] = []

    /// - Parameters:
    ///   - disks: those of the guests.
    ///   - firstNode: guest 0 is there, guest 1 on the next.
    ///   - backups: guest 0 has a volume for them.
    ///   - changes: operations of a JSON patch on the StatefulSet.
    init(
        _ overlay: String = "demo", disks: Int = 1, from firstNode: Int = 1, backups: Bool = false,
        settings: [String: String] = [:], changes: [String] = [],
        prepare: (Workspace, _ disk: String) throws -> Void = { _, _ in }
    ) throws {
        self.firstNode = firstNode
        workspace = try Workspace()
        credentials = try Credentials(workspace)
        let folder = "\(workspace.path)/kubernetes"
        try shell("cp -r '\(repository)/compose/kubernetes' '\(folder)'; cd '\(folder)' && mkdir -p base/secrets test")
        try copySecrets()
        let literals = ["QEMU_ACCEL": "tcg"].merging(settings) { $1 }.map { "      - \($0)=\($1)" }
        let pin = "{op: add, path: /spec/template/spec/nodeSelector, value: {kubernetes.io/hostname: n1}}"
        let pinned = disks > 0 ? [] : [pin]
        let operations = (changes + pinned).map { "      - \($0)" }
        // A CPU of the machine's two, as what is waited for is the guest.
        let fixed = [
            "      - {op: replace, path: /spec/template/spec/containers/0/resources/limits/cpu, value: '1'}",
            "      - {op: replace, path: /spec/template/spec/containers/0/startupProbe/periodSeconds, value: 2}",
            "      - {op: replace, path: /spec/template/spec/containers/0/resources/requests/cpu, value: 200m}",
            "      - {op: replace, path: /spec/template/spec/containers/0/resources/requests/memory, value: 256Mi}",
            "      - op: replace",
            "        path: /spec/template/spec/initContainers/0/resources",
            "        value: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: '1', memory: 512Mi}}",
        ]
        let lines =
            [
                "apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "namespace: \(namespace)",
                "resources: [../\(overlay)]", "configMapGenerator:", "  - name: settings", "    namespace: drover",
                "    behavior: merge", "    literals:",
            ] + literals + ["patches:", "  - target: {kind: StatefulSet}", "    patch: |-"] + fixed + operations
        try lines.map { "\($0)\n" }.joined()
            .write(toFile: "\(folder)/test/kustomization.yaml", atomically: true, encoding: .utf8)
        let disk = try workspace.disk(.micro)
        try prepare(workspace, disk)
        for number in 0..<disks {
            try fill(number, with: disk)
        }
        if backups {
            let folder = "\(namespace)-backups"
            try shell("mkdir -p '\(Cluster.data(1))/\(folder)'")
            try addVolume(folder, for: "backups-hurd-0", node: 1)
        }
    }

    /// An operation that gives the guest's container so much memory.
    static func memory(_ limit: String) -> String {
        "{op: replace, path: /spec/template/spec/containers/0/resources/limits/memory, value: \(limit)}"
    }

    private func copySecrets() throws {
        try shell(
            """
            cd '\(workspace.path)'; to=kubernetes/base/secrets
            cp root $to/root_password; cp user $to/agents_password; cp keys $to/authorized_keys
            """)
    }

    /// The disk of guest `number`, from here.
    func disk(_ number: Int) throws -> String {
        "\(try Cluster.data(firstNode + number))/\(namespace)-\(number)/disk.qcow2"
    }

    /// A volume that waits for the claim of guest `number`.
    private func fill(_ number: Int, with disk: String) throws {
        let target = try self.disk(number)
        try shell("mkdir -p \"$(dirname '\(target)')\" && cp --reflink=auto '\(disk)' '\(target)'")
        try addVolume("\(namespace)-\(number)", for: "disk-hurd-\(number)", node: firstNode + number)
    }

    /// A folder of a node as a volume that waits for one claim.
    ///
    /// - Parameter volume: the specification's line; nil: a folder in /data of the volume's name.
    func addVolume(_ name: String, for claim: String, node: Int, volume: String? = nil) throws {
        volumes.append(name)
        try apply(
            """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: \(name)}
            spec:
              capacity: {storage: 60Gi}
              accessModes: [ReadWriteOnce]
              storageClassName: local
              \(volume ?? "local: {path: /data/\(name)}")
              claimRef: {namespace: \(namespace), name: \(claim)}
              nodeAffinity:
                required:
                  nodeSelectorTerms:
                    - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n\(node)]}]

            """)
    }

    /// Of the repository that the overlay offsite sends to.
    func offsiteSecrets(repository: String, _ s3: String) throws {
        let folder = "\(workspace.path)/kubernetes/offsite/secrets-offsite"
        try shell("mkdir -p '\(folder)' && echo secret >'\(folder)/password'")
        try repository.write(toFile: "\(folder)/repository", atomically: true, encoding: .utf8)
        try s3.write(toFile: "\(folder)/s3", atomically: true, encoding: .utf8)
    }

    /// The Job that makes the repository.
    func applyInit() throws {
        let manifest = try String(
            contentsOfFile: "\(workspace.path)/kubernetes/offsite/init.yaml", encoding: .utf8)
        try apply(manifest.replacing("namespace: drover", with: "namespace: \(namespace)"))
    }

    func waitForJob(_ name: String) throws {
        try Cluster.wait(for: "the end of the job \(name)", within: 180) {
            let seen = try kubectl("get job \(name) --output 'jsonpath={.status}'")
            if seen.contains(#""succeeded":1"#) { return nil }
            return try seen + kubectl("logs job/\(name) --tail 5 || true") + kubectl("get events")
        }
    }

    private func apply(_ manifest: String) throws {
        let file = "\(workspace.path)/manifest.yaml"
        try manifest.write(toFile: file, atomically: true, encoding: .utf8)
        try Cluster.kubectl("apply -f '\(file)'")
    }

    /// What the kubectl of today makes of it. The cluster is older than two kinds' present versions.
    func rendered() throws -> String {
        try shell("\(try Cluster.newKubectl) kustomize '\(workspace.path)/kubernetes/test'")
            .replacing("policy/v1\n", with: "policy/v1beta1\n")
            .replacing("batch/v1\nkind: CronJob", with: "batch/v1beta1\nkind: CronJob")
    }

    /// Renders and applies it as it is now.
    func apply() throws {
        try copySecrets()
        try apply(rendered())
    }

    @discardableResult
    func kubectl(_ arguments: String, within seconds: Int = 120) throws -> String {
        try Cluster.kubectl("--namespace \(namespace) \(arguments)", within: seconds)
    }

    func pod(_ number: Int = 0) -> Pod { Pod(namespace: namespace, name: "hurd-\(number)") }

    /// Those of the guests that run now, by themselves.
    func login(_ number: Int = 0) throws -> GuestLogin {
        GuestLogin(host: try pod(number).field("{.status.podIP}"), port: 2222, workspace: workspace)
    }

    deinit {
        _ = try? kubectl("delete statefulset,pod --all --force --grace-period=0")
        _ = try? Cluster.kubectl("delete namespace \(namespace) --wait=false")
        if !volumes.isEmpty {
            _ = try? Cluster.kubectl(
                "delete persistentvolume --wait=false --ignore-not-found \(volumes.joined(separator: " "))")
        }
    }
}
