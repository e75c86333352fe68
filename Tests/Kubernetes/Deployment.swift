import Foundation
import TestSupport

/// An overlay of `compose/kubernetes` in a namespace of a test's own: guests micro on volumes of theirs.
final class Deployment {
    let namespace = "test-\(UUID().uuidString.prefix(8).lowercased())"
    let workspace: Workspace
    let credentials: Credentials

    /// - Parameters:
    ///   - disks: those of the guests; guest 0 is on node 1, guest 1 on node 2.
    ///   - changes: operations of a JSON patch on the StatefulSet.
    init(
        _ overlay: String = "demo", disks: Int = 1, settings: [String: String] = [:], changes: [String] = [],
        prepare: (Workspace, _ disk: String) throws -> Void = { _, _ in }
    ) throws {
        workspace = try Workspace()
        credentials = try Credentials(workspace)
        let folder = "\(workspace.path)/kubernetes"
        try shell("cp -r '\(repository)/compose/kubernetes' '\(folder)'; cd '\(folder)' && mkdir -p base/secrets test")
        try copySecrets()
        let literals = settings.map { "      - \($0)=\($1)" }
        let operations = changes.map { "      - \($0)" }
        // A CPU of the machine's two, as what is waited for is the guest.
        let fixed = [
            "      - {op: replace, path: /spec/template/spec/containers/0/resources/limits/cpu, value: '1'}",
            "      - {op: replace, path: /spec/template/spec/containers/0/resources/requests/cpu, value: 200m}",
            "      - {op: replace, path: /spec/template/spec/containers/0/startupProbe/periodSeconds, value: 2}",
        ]
        let lines =
            [
                "apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "namespace: \(namespace)",
                "resources: [../\(overlay)]", "configMapGenerator:", "  - name: settings", "    namespace: drover",
                "    behavior: merge", "    literals:", "      - QEMU_ACCEL=tcg",
            ] + literals + ["patches:", "  - target: {kind: StatefulSet}", "    patch: |-"] + fixed + operations
        try lines.map { "\($0)\n" }.joined()
            .write(toFile: "\(folder)/test/kustomization.yaml", atomically: true, encoding: .utf8)
        let disk = try workspace.disk(.micro)
        try prepare(workspace, disk)
        for number in 0..<disks {
            try fill(number, with: disk)
        }
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
        "\(try Cluster.data(number + 1))/\(namespace)-\(number)/disk.qcow2"
    }

    /// A volume that waits for the claim of guest `number`.
    private func fill(_ number: Int, with disk: String) throws {
        let target = try self.disk(number)
        try shell("mkdir -p \"$(dirname '\(target)')\" && cp --reflink=auto '\(disk)' '\(target)'")
        try apply(
            """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: \(namespace)-\(number)}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              storageClassName: local
              local: {path: /data/\(namespace)-\(number)}
              claimRef: {namespace: \(namespace), name: disk-hurd-\(number)}
              nodeAffinity:
                required:
                  nodeSelectorTerms:
                    - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n\(number + 1)]}]

            """)
    }

    private func apply(_ manifest: String) throws {
        let file = "\(workspace.path)/manifest.yaml"
        try manifest.write(toFile: file, atomically: true, encoding: .utf8)
        try Cluster.kubectl("apply -f '\(file)'")
    }

    /// What the kubectl of today makes of it. The cluster is older than the PodDisruptionBudget's policy/v1.
    func rendered() throws -> String {
        try shell("\(try Cluster.newKubectl) kustomize '\(workspace.path)/kubernetes/test'")
            .replacing("policy/v1\n", with: "policy/v1beta1\n")
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
        _ = try? Cluster.kubectl(
            "delete persistentvolume --wait=false --ignore-not-found \(namespace)-0 \(namespace)-1")
    }
}
