#!/usr/bin/env python3
"""A device plugin of Kubernetes: the resource devices.kubevirt.io/kvm, of which each unit is /dev/kvm (device plugin API
v1beta1). kvm-plugin.py FOLDER, the kubelet's device-plugins."""

import os
import sys
import threading
from concurrent import futures

import grpc

RESOURCE = b"devices.kubevirt.io/kvm"
SOCKET = "kvm.sock"
PACKAGE = "v1beta1."


def field(number, value):
    """A field of protobuf's with bytes; less than 128 of them."""
    return bytes([number << 3 | 2, len(value)]) + value


def fields(message):
    """Of a message in which all fields have bytes."""
    while message:
        end = 2 + message[1]
        yield message[0] >> 3, message[2:end]
        message = message[end:]


def watch(_, context):
    """ListAndWatchResponse: devices, of which each has an id and a health."""
    yield b"".join(field(1, field(1, b"kvm%d" % i) + field(2, b"Healthy")) for i in range(8))
    done = threading.Event()
    context.add_callback(done.set)
    done.wait()


def allocate(request, _):
    """AllocateResponse: for each container a DeviceSpec with its path there, its path here and what is permitted."""
    device = field(1, b"/dev/kvm") + field(2, b"/dev/kvm") + field(3, b"rw")
    return b"".join(field(1, field(3, device)) for number, _ in fields(request) if number == 1)


def nothing(_request, _context):
    return b""


folder = sys.argv[1]
path = f"{folder}/{SOCKET}"
if os.path.exists(path):
    os.unlink(path)
server = grpc.server(futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers(
    [
        grpc.method_handlers_generic_handler(
            PACKAGE + "DevicePlugin",
            {
                "GetDevicePluginOptions": grpc.unary_unary_rpc_method_handler(nothing),
                "GetPreferredAllocation": grpc.unary_unary_rpc_method_handler(nothing),
                "PreStartContainer": grpc.unary_unary_rpc_method_handler(nothing),
                "ListAndWatch": grpc.unary_stream_rpc_method_handler(watch),
                "Allocate": grpc.unary_unary_rpc_method_handler(allocate),
            },
        )
    ]
)
server.add_insecure_port(f"unix://{path}")
server.start()
with grpc.insecure_channel(f"unix://{folder}/kubelet.sock") as kubelet:
    register = kubelet.unary_unary(f"/{PACKAGE}Registration/Register")
    register(field(1, b"v1beta1") + field(2, SOCKET.encode()) + field(3, RESOURCE), timeout=20)
print("registered", flush=True)
server.wait_for_termination()
