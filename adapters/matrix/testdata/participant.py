"""A participant whose client shares no code with ours: matrix-nio, with libolm.

    participant.py HOMESERVER USER PASSWORD ROOM STORE

It joins the room, and from then on writes a JSON line for everything it sees, and does what the JSON lines say that it
reads: {"say": words, "thread": event or "", "replaces": event or ""}. It ends with its input.
"""

import asyncio
import json
import sys

from nio import AsyncClient, AsyncClientConfig, MegolmEvent, RoomMessageFormatted, RoomSendResponse, exceptions

homeserver, user, password, room, store = sys.argv[1:]
unread = {}  # event ID to what had no key yet: nio itself never tries again


def tell(**what):
    print(json.dumps(what), flush=True)


def seen(event):
    relates = event.source["content"].get("m.relates_to", {})
    tell(event=event.event_id, sender=event.sender, body=event.body, encrypted=event.decrypted, relates=relates)


async def on_message(_, event):
    seen(event)


async def on_unreadable(_, event):
    unread[event.event_id] = event


def retry(client):
    for event in list(unread.values()):
        try:
            plain = client.decrypt_event(event)
        except exceptions.EncryptionError:
            continue
        del unread[event.event_id]
        if isinstance(plain, RoomMessageFormatted):
            seen(plain)


async def do(client, line):
    order = json.loads(line)
    content = {"msgtype": "m.text", "body": order["say"]}
    if order["thread"]:
        content["m.relates_to"] = {"rel_type": "m.thread", "event_id": order["thread"]}
    if order["replaces"]:
        content["m.new_content"] = dict(content)
        content["body"] = "* " + order["say"]
        content["m.relates_to"] = {"rel_type": "m.replace", "event_id": order["replaces"]}
    answer = await client.room_send(room, "m.room.message", content, ignore_unverified_devices=True)
    if not isinstance(answer, RoomSendResponse):
        raise SystemExit(f"can't say {line!r}: {answer}")
    tell(said=answer.event_id)


async def main():
    client = AsyncClient(homeserver, user, store_path=store, config=AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False))
    await client.login(password)
    await client.join(room)
    client.add_event_callback(on_message, RoomMessageFormatted)
    client.add_event_callback(on_unreadable, MegolmEvent)
    await client.sync(full_state=True)
    if client.should_upload_keys:
        await client.keys_upload()
    await client.joined_members(room)
    tell(ready=client.device_id)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    read = asyncio.ensure_future(orders.readline())
    while True:
        await client.sync(timeout=200)
        if client.should_query_keys:
            await client.keys_query()
        if client.should_upload_keys:
            await client.keys_upload()
        retry(client)
        if read.done():
            line = read.result()
            if not line:
                break
            await do(client, line)
            read = asyncio.ensure_future(orders.readline())
    await client.close()


asyncio.run(main())
