import Linux
import TestSupport

/// Debian's nginx on two free ports of loopback, with the folder `www` of a workspace; what is below `/slow` comes slowly.
final class Nginx {
    private let folder: String
    private let ports: [String: UInt16]
    private var process: ChildProcess?

    init(_ workspace: Workspace) throws {
        folder = workspace.path
        ports = ["http": try Listener.freePort(), "https": try Listener.freePort()]
        try shell(
            """
            cd '\(folder)' && mkdir -p temp
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=an authority' -keyout ca.key -out ca.pem 2>/dev/null
            openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' -keyout server.key -out server.csr 2>/dev/null
            printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' >names
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
              -out server.pem 2>/dev/null
            cat >nginx.conf <<'END'
            daemon off; master_process off; pid nginx.pid; error_log error.log;
            events {}
            http {
              access_log access.log; server_tokens off; default_type application/octet-stream;
              client_body_temp_path temp/a; proxy_temp_path temp/b; fastcgi_temp_path temp/c;
              uwsgi_temp_path temp/d; scgi_temp_path temp/e;
              server {
                listen 127.0.0.1:\(ports["http"] ?? 0); listen 127.0.0.1:\(ports["https"] ?? 0) ssl;
                ssl_certificate server.pem; ssl_certificate_key server.key;
                location / { root www; }
                location /slow/ { alias www/; limit_rate 1m; }
              }
            }
            END
            """)
        try start()
    }

    func address(_ scheme: String) -> String { "\(scheme)://localhost:\(ports[scheme] ?? 0)" }

    func start() throws {
        let null = try Descriptor.open("/dev/null", .readWrite)
        process = try ChildProcess(
            prepared("DROVER_NGINX"), ["-p", folder, "-c", "nginx.conf", "-e", "error.log"],
            descriptors: [null, null, null])
        try shell("until curl -s -o /dev/null \(address("http"))/; do sleep 0.1; done")
    }

    /// In the midst of whatever it does.
    func kill() throws {
        try process?.signal(.kill)
        try process?.waitForExit()
        process = nil
    }

    func log() throws -> String { try shell("cat '\(folder)/access.log'") }
}
