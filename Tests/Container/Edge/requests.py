"""What edge answers to requests, good, bad and many: requests.py PORT OPERATOR-PASSWORD-FILE VIEW-PASSWORD-FILE

Prints a line for each kind that is as it should be; ends with a traceback at the first that is not."""

import base64
import socket
import ssl
import subprocess
import sys

port = int(sys.argv[1])
passwords = {user: open(path).readline().strip() for user, path in zip(("operator", "viewer"), sys.argv[2:])}
insecure = ssl.create_default_context()
insecure.check_hostname = False
insecure.verify_mode = ssl.CERT_NONE


def connect(context=insecure):
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    return context.wrap_socket(client, server_hostname="localhost") if context else client


def whole(client):
    data = b""
    try:
        while piece := client.recv(65536):
            data += piece
    except (ConnectionError, ssl.SSLError):
        pass
    return data


def key(user, password=None):
    text = f"{user}:{passwords.get(user, '') if password is None else password}"
    return "Basic " + base64.b64encode(text.encode()).decode()


def ask(path, user=None, method="GET", body=b"", headers=(), password=None, context=insecure):
    """The status, the headers in lower case, and the body."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", *headers]
    if user:
        lines.append("Authorization: " + key(user, password))
    if body:
        lines.append(f"Content-Length: {len(body)}")
    client = connect(context)
    try:
        client.sendall("\r\n".join(lines + ["", ""]).encode() + body)
    except (ConnectionError, ssl.SSLError):
        pass
    head, _, rest = whole(client).partition(b"\r\n\r\n")
    first, *others = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in others if ": " in line)
    return int(first.split(" ")[1]) if " " in first else 0, fields, rest.decode("latin-1")


def status(*arguments, **more):
    return ask(*arguments, **more)[0]


def socket_status(way, user, origin):
    lines = [f"GET /{way} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Authorization: " + key(user)]
    if origin:
        lines.append("Origin: " + origin)
    client = connect()
    client.sendall("\r\n".join(lines + ["", ""]).encode())
    answer = client.recv(4096)
    client.close()
    return int(answer.split(b" ")[1])


def is_well():
    return status("/", "operator") == 200


# Who comes in.
for path in ("/", "/page.js", "/novnc/core/rfb.js", "/screen", "/console", "/live", "/ready", "/role", "/none"):
    assert status(path) == 401 or path in ("/screen", "/console"), path
    for user, password in (("operator", "wrong"), ("nobody", passwords["operator"]), ("viewer", passwords["operator"])):
        assert status(path, user, password=password, headers=[f"Origin: https://127.0.0.1:{port}"]) == (
            403 if path == "/console" and user != "operator" else 401
        ), (path, user)
assert ask("/role", "operator")[2] == "screen" and ask("/role", "viewer")[2] == "view"
assert status("/live", "operator") == 200
assert status("/metrics", "operator") == 404
print("logins")

own = f"https://127.0.0.1:{port}"
assert [socket_status("screen", user, own) for user in passwords] == [101, 101]
assert [socket_status("console", user, own) for user in passwords] == [101, 403]
for origin in (None, "null", "https://evil.example", f"http://127.0.0.1:{port}", f"{own}.evil.example"):
    assert socket_status("screen", "operator", origin) == 403, origin
assert socket_status("view", "operator", own) == 404
print("sockets")

# Without TLS.
code, fields, _ = ask("/page.js?a=b", "operator", context=None)
assert (code, fields["location"]) == (308, f"https://127.0.0.1:{port}/page.js?a=b"), (code, fields)
print("redirect")

fields = ask("/", "operator")[1]
policy = dict(part.strip().split(" ", 1) for part in fields["content-security-policy"].split(";"))
assert policy["default-src"] == "'none'" and policy["script-src"] == policy["connect-src"] == "'self'", policy
assert all("http" not in value and "*" not in value for value in policy.values()), policy
assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'", policy
for name, value in {
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "deny",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}.items():
    assert fields.get(name) == value, (name, fields)
assert fields["server"] == "nginx", fields
# Of refusals, too.
assert "content-security-policy" in ask("/")[1] and "strict-transport-security" in ask("/")[1]
print("headers")

# Protocols and ciphers.
for name, is_taken in (("tls1", False), ("tls1_1", False), ("tls1_2", True), ("tls1_3", True)):
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", f"-{name}"]
    if name != "tls1_3":
        words += ["-cipher", "DEFAULT@SECLEVEL=0"]
    run = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (run.returncode == 0 and "Cipher is (NONE)" not in run.stdout) == is_taken, (name, run)
names = subprocess.run(["openssl", "ciphers", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], capture_output=True, text=True)
taken = []
for name in names.stdout.strip().split(":"):
    if name.startswith("TLS_"):
        continue
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.set_ciphers(name + ":@SECLEVEL=0")
        connect(context).close()
        taken.append(name)
    except (ssl.SSLError, ConnectionError):
        continue
assert taken and all("ECDHE" in name and ("GCM" in name or "CHACHA20" in name) for name in taken), taken
print("ciphers")

# Too much, and what is no request.
assert status("/", "operator", method="POST", body=b"x") == 403
assert status("/", "operator", method="POST", body=b"x" * 2000) == 413
assert status("/", "operator", headers=["X-Long: " + "x" * 40000]) == 400
authorization = "Authorization: " + key("operator") + "\r\n"
host = "Host: h\r\n"
malformed = [
    b"\0" * 64,
    b"\x16\x03\x01\x02\0" * 20,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    f"GET / HTTP/1.1\r\n{host}{host}\r\n".encode(),
    f"GET /%zz HTTP/1.1\r\n{host}{authorization}\r\n".encode(),
    f"GET /../../../etc/passwd HTTP/1.1\r\n{host}{authorization}\r\n".encode(),
    f"GET /novnc%2f..%2f..%2f..%2fetc/passwd HTTP/1.1\r\n{host}{authorization}\r\n".encode(),
    f"GET /%00 HTTP/1.1\r\n{host}{authorization}\r\n".encode(),
    f"G\x01T / HTTP/1.1\r\n{host}\r\n".encode(),
    f"POST / HTTP/1.1\r\n{host}{authorization}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
    f"POST / HTTP/1.1\r\n{host}{authorization}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc".encode(),
    f"POST / HTTP/1.1\r\n{host}{authorization}Content-Length: -1\r\n\r\n".encode(),
    f"POST / HTTP/1.1\r\n{host}{authorization}Content-Length: 99999999999999999999\r\n\r\n".encode(),
    f"GET / HTTP/1.1\r\n{host} folded: x\r\n{authorization}\r\n".encode() + b"\xff" * 100,
    f"GET / HTTP/1.1\r\n{host}Authorization: Basic !!!!\r\n\r\n".encode(),
    f"GET / HTTP/1.1\r\n{host}Authorization: Basic {'A' * 7000}\r\n\r\n".encode(),
    f"CONNECT 127.0.0.1:22 HTTP/1.1\r\n{host}{authorization}\r\n".encode(),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
assert len(malformed) == 20
for data in malformed:
    client = connect()
    try:
        client.sendall(data)
        client.unwrap()
    except (ssl.SSLError, OSError):
        pass
    answer = whole(client) if client.fileno() >= 0 else b""
    assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505", b"<html>")), (data, answer)
    assert b"root:x:" not in answer, answer
    assert is_well(), data
print("20 malformed requests")

# At once, of which none has said all.
clients = [connect() for _ in range(200)]
for client in clients:
    client.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n".encode())
assert is_well()
for client in clients:
    client.sendall(authorization.encode() + b"\r\n")
answers = [whole(client).split(b" ", 2)[1] for client in clients]
assert set(answers) <= {b"200", b"429"} and b"200" in answers, answers
print("200 connections")
