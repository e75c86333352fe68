"""Clients by qemu.qmp, QEMU's own library, at drover's socket: crowd.py SOCKET CLIENTS COMMANDS.

Each issues its commands, several under way at once, all with the same ids as the others. Every reply names the command
it is for, so one that went astray is seen. Meanwhile the first pauses and resumes the guest, and all get the events.
"""

import asyncio
import sys

from qemu.qmp import EventListener, ExecuteError, QMPClient

PAUSES = 5


async def ask(client: QMPClient, name: str) -> None:
    try:
        await client.execute(name)
    except ExecuteError as error:
        assert name in str(error), f"{name}: {error}"
    else:
        raise AssertionError(f"{name} is not known to QEMU and was carried out")


async def work(client: QMPClient, number: int, commands: int) -> None:
    for start in range(0, commands, 10):
        names = [f"query-nothing-{number}-{serial}" for serial in range(start, min(start + 10, commands))]
        await asyncio.gather(*(ask(client, name) for name in names))
        status = await client.execute("query-status")
        assert status["status"] in ("running", "paused"), status


async def pause(client: QMPClient) -> None:
    for _ in range(PAUSES):
        await client.execute("stop")
        await client.execute("cont")


async def main(socket: str, count: int, commands: int) -> None:
    clients = [QMPClient(f"client {number}") for number in range(count)]
    listeners = [EventListener(names=("STOP", "RESUME")) for _ in clients]
    for client, listener in zip(clients, listeners):
        client.register_listener(listener)
        await client.connect(socket)
    await asyncio.gather(pause(clients[0]), *(work(client, number, commands) for number, client in enumerate(clients)))
    for listener in listeners:
        events = [await asyncio.wait_for(listener.get(), 30) for _ in range(2 * PAUSES)]
        assert [event["event"] for event in events] == ["STOP", "RESUME"] * PAUSES, events
    await asyncio.gather(*(client.disconnect() for client in clients))
    print(f"{count} clients, {count * commands} replies, {count * 2 * PAUSES} events")


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
