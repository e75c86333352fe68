import Foundation
import TestSupport
import Testing

extension ClusterTests.QuietTests {
    /// What is in the manifests, of every overlay.
    @Suite struct ManifestTests {
        static let overlays = ["base", "kvm", "seccomp", "backup", "block", "demo", "monitoring", "offsite"]
        /// Kinds that the tests' cluster knows as older versions.
        static let versions = [
            ("policy/v1\n", "policy/v1beta1\n"), ("batch/v1\nkind: CronJob", "batch/v1beta1\nkind: CronJob"),
        ]

        @Test func everyOverlayIsTested() throws {
            let folders = try FileManager.default.contentsOfDirectory(atPath: "\(repository)/compose/kubernetes")
            #expect(folders.sorted() == Self.overlays.sorted())
        }

        @Test(arguments: overlays)
        func anOverlayIsRestrictedAndOfEverySchema(_ overlay: String) throws {
            let rendered = try Rendered(overlay)
            let (pods, documents) = overlay == "offsite" ? (2, 12) : (1, overlay == "monitoring" ? 10 : 9)
            #expect(try rendered.check(by: "restricted.py") == "\(pods) keep to it\n")
            #expect(try rendered.check(by: "schemas.py").hasPrefix("\(documents) documents, 1.25 to 1."))
            // What today's kubectl sends, and the server makes of it.
            for (version, older) in Self.versions where rendered.text.contains(version) {
                try rendered.change(version, to: older)
            }
            let answer = try shell(
                "\(try Cluster.newKubectl) apply --server-side --dry-run=server --validate=false -f '\(rendered.file)' 2>&1 || true"
            )
            #expect(answer.contains("namespace/drover serverside-applied (server dry run)"), "\(answer)")
            // The namespace is not there, of which the dry run knows nothing.
            #expect(!answer.contains("invalid") && !answer.contains("unknown field"), "\(answer)")
        }

        /// What is applied by itself, beside an overlay.
        @Test func theJobThatMakesARepositoryIsRestricted() throws {
            let rendered = try Rendered("base")
            try rendered.change(
                rendered.text, to: text(of: "\(repository)/compose/kubernetes/offsite/init.yaml"))
            #expect(try rendered.check(by: "restricted.py") == "1 keep to it\n")
            #expect(try rendered.check(by: "schemas.py").hasPrefix("1 documents, 1.25 to 1."))
        }

        /// A stop must be over before the kubelet loses its patience.
        @Test(arguments: overlays)
        func theGracePeriodIsLongerThanAStop(_ overlay: String) throws {
            let text = try Rendered(overlay).text
            let budget = try #require(text.firstMatch(of: /SHUTDOWN_TIMEOUT: "(\d+)"/).flatMap { Int($0.output.1) })
            let grace = try #require(
                text.firstMatch(of: /terminationGracePeriodSeconds: (\d+)/).flatMap { Int($0.output.1) })
            #expect(grace >= budget + 30)
        }

        /// Rules that our own manifests keep, each broken: so that the check above means something.
        @Test(arguments: [
            ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "allowPrivilegeEscalation"),
            ("allowPrivilegeEscalation: false", "privileged: true", "privileged"),
            ("          - ALL\n", "          - CHOWN\n", "capabilities.drop"),
            ("          drop:\n", "          add: [SYS_ADMIN]\n          drop:\n", "capabilities.add"),
            ("runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot"),
            ("runAsUser: 10001", "runAsUser: 0", "runAsUser"),
            ("type: RuntimeDefault", "type: Unconfined", "seccompProfile"),
            (
                "      - emptyDir:", "      - hostPath: {path: /}\n        name: host\n      - emptyDir:",
                "volume hostPath"
            ),
            ("enableServiceLinks: false", "hostNetwork: true", "hostNetwork"),
            ("enableServiceLinks: false", "hostPID: true", "hostPID"),
            ("enableServiceLinks: false", "hostIPC: true", "hostIPC"),
            ("containerPort: 2222", "containerPort: 2222\n          hostPort: 2222", "hostPort"),
        ])
        func aRuleThatIsBrokenIsSeen(_ part: String, _ other: String, _ rule: String) throws {
            let rendered = try Rendered("base")
            try rendered.change(part, to: other)
            let failure = try shellFailure { try rendered.check(by: "restricted.py") }
            #expect(failure.output.split(separator: "\n").contains(Substring(rule)), "\(failure.output)")
        }

        /// The cluster's own policy says no as well: the controller cannot make the pod.
        @Test(arguments: [
            "{op: add, path: /spec/template/spec/volumes/-, value: {name: host, hostPath: {path: /}}}",
            "{op: replace, path: /spec/template/spec/containers/0/securityContext, value: {privileged: true}}",
        ])
        func whatIsNotRestrictedIsRefused(_ change: String) throws {
            let deployment = try Deployment(disks: 0, changes: [change])
            try deployment.apply()
            try Cluster.wait(for: "an event of a refusal", within: 60) {
                let seen = try deployment.kubectl("get events")
                return seen.contains("is forbidden: PodSecurityPolicy: unable to admit pod") ? nil : seen
            }
            #expect(try deployment.kubectl("get pods").contains("No resources found"))
        }

        /// An overlay as the kubectl of today renders it, with secrets that are there.
        private final class Rendered {
            private let workspace: Workspace
            let file: String
            private(set) var text: String

            init(_ overlay: String) throws {
                workspace = try Workspace()
                let folder = "\(workspace.path)/kubernetes"
                try shell(
                    """
                    cp -r '\(repository)/compose/kubernetes' '\(folder)'; cd '\(folder)/base' && mkdir -p secrets
                    for name in root_password agents_password authorized_keys; do echo a >secrets/$name; done
                    mkdir -p ../offsite/secrets-offsite; cd ../offsite/secrets-offsite
                    for name in repository password s3; do echo a >$name; done
                    """)
                file = "\(workspace.path)/rendered.yaml"
                text = try shell("\(try Cluster.newKubectl) kustomize '\(folder)/\(overlay)'")
                try text.write(toFile: file, atomically: true, encoding: .utf8)
            }

            func change(_ part: String, to other: String) throws {
                guard text.contains(part) else { throw TestFailure("\(part) is not in \(text)") }
                text = text.replacing(part, with: other)
                try text.write(toFile: file, atomically: true, encoding: .utf8)
            }

            func check(by script: String) throws -> String {
                try shell(
                    "'\(try prepared("DROVER_KUBE_PYTHON"))' '\(repository)/Tests/Kubernetes/\(script)' '\(file)' 2>&1")
            }
        }
    }
}
