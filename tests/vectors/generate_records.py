#!/usr/bin/env python3
"""Writes tests/vectors/wire/records.txt: every fixed layout of wire/claims.h and wire/records.h, by a second
implementation.

    generate_records.py           writes the file
    generate_records.py --check   compares it with what it would write, and fails on a difference

Only the standard library is used, and none of the project's code. A difference that is wanted needs an ADR and a
new version number in the format.
"""
import hashlib
import pathlib
import struct
import sys

FILE = pathlib.Path(__file__).resolve().parent / "wire" / "records.txt"
TIME = 1_700_000_000_123  # ms


def run(first, count):
    return bytes(range(first, first + count))


def u16(v):
    return struct.pack("<H", v)


def u32(v):
    return struct.pack("<I", v)


def u64(v):
    return struct.pack("<Q", v)


def i64(v):
    return struct.pack("<q", v)


def bytes8(b):
    return bytes([len(b)]) + b


def bytes16(b):
    return u16(len(b)) + b


def digest(domain, content):
    name = domain.encode()
    return hashlib.blake2b(bytes([len(name)]) + name + content, digest_size=32).digest()


VERSION = b"\x01"
ID = run(0x10, 16)


def core(leaving):
    serial, generation, incarnation = 0x0102030405060708, 0x1112131415161718, 0x2122232425262728
    return (VERSION + ID + u64(serial) + u64(generation) + u64(incarnation) + run(0x40, 32) + bytes([leaving])
            + u64(0x3132333435363738) + run(0x80, 32))


def body():
    v4 = bytes([4, 192, 0, 2, 7]) + u16(7947)
    v6 = bytes([6]) + run(0x20, 16) + u16(0x1234)
    return VERSION + ID + bytes([1, 3, 2]) + v4 + v6 + bytes16(b"role=web")


def accusation():
    epochs = bytes([2]) + u64(5) + u64(6)
    subjects = bytes([2]) + run(0x20, 16) + u64(1) + u64(2) + run(0x30, 16) + u64(3) + u64(4)
    return VERSION + ID + u64(7) + u64(0x0102030405060708) + epochs + subjects


def revocation():
    return VERSION + ID + u64(9) + i64(TIME) + bytes8(b"laptop stolen")


def force_leave():
    return VERSION + ID + u64(0x0102030405060708) + i64(TIME)


def event():
    return (VERSION + ID + u64(7) + u64(8) + u64(9) + i64(TIME) + u32(60_000) + bytes([2]) + bytes8(b"deploy.v2")
            + u16(5) + digest("quorumor event payload", b"hello"))


def proof():
    first, second = core(0) + b"\xaa" * 64, core(1) + b"\x55" * 64
    return bytes([2]) + bytes16(first) + bytes16(second)


def text():
    rows = [
        ("core", core(0)),
        ("core_leaving", core(1)),
        ("core_leaving_digest", digest("quorumor core", core(1))),
        ("body", body()),
        ("body_digest", digest("quorumor body", body())),
        ("accusation", accusation()),
        ("revocation", revocation()),
        ("force_leave", force_leave()),
        ("event", event()),
        ("proof", proof()),
    ]
    lines = ["# The layouts of wire/claims.h and wire/records.h. Written by generate_records.py; do not edit.",
             "# The proof is of the two cores above, under signatures of 64 bytes aa and 64 bytes 55."]
    return "\n".join(lines + [f"{name} = {value.hex()}" for name, value in rows]) + "\n"


def main():
    if sys.argv[1:] == ["--check"]:
        if FILE.read_text() != text():
            sys.exit(f"{FILE}: differs from what this program would write")
        return
    FILE.write_text(text())


if __name__ == "__main__":
    main()
