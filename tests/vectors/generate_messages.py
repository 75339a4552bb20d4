#!/usr/bin/env python3
"""Writes tests/vectors/wire/messages.txt: each message of wire/quorumor.capnp in words, encoded by the `capnp` tool.

    generate_messages.py           writes the file
    generate_messages.py --check   compares it with what it would write, and fails on a difference

The tool is Cap'n Proto's own; none of the project's code is used, only its schema. Fields are written in the order
in which our encoder fills them, since that decides where each object lies. Reads records.txt (generate_records.py).
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "wire" / "messages.txt"
SCHEMA = HERE.parent.parent / "wire" / "quorumor.capnp"
HEAD = ("newestEpoch = 0x0102030405060708, newestCommitment = 0x1112131415161718, digest = 0x2122232425262728, "
        "sequence = 0x3132333435363738, beliefGeneration = 0x4142434445464748, "
        "beliefIncarnation = 0x5152535455565758, beliefState = 2")
SIGNATURE = b"\x77" * 64


def records():
    lines = (HERE / "wire" / "records.txt").read_text().splitlines()
    return {name: bytes.fromhex(value) for name, value in (line.split(" = ") for line in lines if line[0] != "#")}


def data(content):
    return f'0x"{content.hex()}"'


def run(first, count):
    return bytes(range(first, first + count))


def message(rest):
    return "Message", f"({HEAD}, {rest})"


def relay(name):
    return message(f"{name} = (peer = {data(run(0xa0, 16))}, sealed = {data(bytes([0x5e]) * 117)})")


def rows():
    record = records()
    body, core, event = record["body"], record["core"] + SIGNATURE, record["event"] + SIGNATURE
    halves = "idLow = 0xa7a6a5a4a3a2a1a0, idHigh = 0xafaeadacabaaa9a8"
    credential, announcement = data(bytes([0xc5]) * 100), data(bytes([0xa7]) * 90)
    entry = f'announcement = {announcement}, signer = {credential}, seed = {data(bytes([0x5d]) * 32)}'
    return {
        "ping": message("ping = void"),
        "ack": message("ack = void"),
        "nack": message("nack = void"),
        "ping_next_event": message("ping = void, nextEvent = 0xa1a2a3a4"),
        "relay": relay("relay"),
        "relayed": relay("relayed"),
        "hint": message(f"hint = (subject = {data(run(0xa0, 16))}, generation = 0x6162636465666768, "
                        "incarnation = 0x7172737475767778)"),
        "want": message(f"want = [(kind = 1, {halves}, coordinate = 0), "
                        f"(kind = 9, {halves}, coordinate = 0x8182838485868788)]"),
        "want_nothing": message("want = []"),
        "epoch_key_request": message("epochKeyRequest = (epoch = 0x9192939495969798)"),
        "epoch_key": message(f"epochKey = (epoch = 0x9192939495969798, key = {data(run(0xa0, 32))})"),
        "ping_rumors": message(f"ping = void, rumors = [(kind = 3, record = {data(body)}), "
                               f"(kind = 9, record = {data(event)}, payload = {data(b'hello')})]"),
        "introduction": ("Introduction", f"(reply = true, credential = {credential}, core = {data(core)})"),
        "stream_done": ("StreamMessage", "(done = void)"),
        "stream_hello": ("StreamMessage", f"(hello = (cluster = {data(bytes([0xcc]) * 32)}, versionMin = 1, "
                         f"versionMax = 2, credential = {credential}, proof = {data(bytes([0x99]) * 64)}))"),
        "stream_hello_endorsed": ("StreamMessage", f"(hello = (cluster = {data(bytes([0xcc]) * 32)}, versionMin = 1, "
                                  f"versionMax = 2, credential = {credential}, proof = {data(bytes([0x99]) * 64)}, "
                                  f"endorsements = [{data(bytes([0xed]) * 105)}, {data(bytes([0xee]) * 105)}]))"),
        "stream_ring_empty": ("StreamMessage", "(ring = (floor = 3))"),
        "stream_ring": ("StreamMessage",
                        f"(ring = (floor = 3, entries = [({entry}, key = {data(bytes([0xee]) * 32)}), ({entry})]))"),
        "stream_ring_chain": ("StreamMessage",
                              f"(ring = (floor = 3, entries = [({entry}, key = {data(bytes([0xee]) * 32)}), ({entry})], "
                              f"chain = [{data(bytes([0xa7]) * 26)}, {data(bytes([0xa7]) * 26)}]))"),
        "stream_rumors": ("StreamMessage", f"(rumors = [(kind = 3, record = {data(body)})])"),
    }


def encode(root, words):
    command = ["capnp", "convert", "text:flat", "--quiet", str(SCHEMA), root]
    return subprocess.run(command, input=words.encode(), check=True, capture_output=True).stdout


def text():
    lines = ["# The messages of wire/quorumor.capnp: as Cap'n Proto text, then encoded. Written by generate_messages.py;",
             "# do not edit."]
    for name, (root, words) in rows().items():
        lines += [f"# {root} {words}", f"{name} = {encode(root, words).hex()}"]
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:] == ["--check"]:
        if FILE.read_text() != text():
            sys.exit(f"{FILE}: differs from what this program would write")
        return
    FILE.write_text(text())


if __name__ == "__main__":
    main()
