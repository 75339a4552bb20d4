#!/usr/bin/env python3
"""Writes tests/vectors/wire/frames.txt: both frames, byte by byte, by a second implementation.

    generate_frames.py           writes the file
    generate_frames.py --check   compares it with what it would write, and fails on a difference

Only the standard library is used, and none of the project's code. The layout follows the comment of wire/frame.h,
the derivations those of crypto/. A difference that is wanted needs an ADR and a new frame type.
"""
import hashlib
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "crypto"))
import reference as ref  # noqa: E402

SHORT, LONG = b"\x51", b"\x4c"


# --- AES-256-GCM (FIPS 197, SP 800-38D)

def gf_multiply(a, b):
    out = 0
    while b:
        if b & 1:
            out ^= a
        a = (a << 1) ^ (0x11b if a & 0x80 else 0)
        b >>= 1
    return out


def make_sbox():
    box = []
    for value in range(256):
        inverse = next((x for x in range(256) if gf_multiply(value, x) == 1), 0)
        turned = [(inverse << n | inverse >> (8 - n)) & 0xff for n in range(5)]
        box.append(turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63)
    return box


SBOX = make_sbox()


def aes256_round_keys(key):
    words = [list(key[i:i + 4]) for i in range(0, 32, 4)]
    constant = 1
    for i in range(8, 60):
        word = list(words[i - 1])
        if i % 8 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = gf_multiply(constant, 2)
        elif i % 8 == 4:
            word = [SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(word, words[i - 8])])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def aes256_block(round_keys, block):
    state = [a ^ b for a, b in zip(block, round_keys[0])]
    for number, round_key in enumerate(round_keys[1:], 1):
        state = [SBOX[b] for b in state]
        state = [state[(i + 4 * (i % 4)) % 16] for i in range(16)]
        if number < 14:
            mixed = []
            for column in range(0, 16, 4):
                c = state[column:column + 4]
                mixed += [gf_multiply(c[i], 2) ^ gf_multiply(c[(i + 1) % 4], 3) ^ c[(i + 2) % 4] ^ c[(i + 3) % 4]
                          for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, round_key)]
    return bytes(state)


def ghash(h, data):
    total = 0
    for i in range(0, len(data), 16):
        total ^= int.from_bytes(data[i:i + 16], "big")
        product, factor = 0, h
        for bit in range(127, -1, -1):
            if total >> bit & 1:
                product ^= factor
            factor = (factor >> 1) ^ (0xe1 << 120 if factor & 1 else 0)
        total = product
    return total.to_bytes(16, "big")


def aes256_gcm(key, nonce, plain, associated):
    keys = aes256_round_keys(key)
    h = int.from_bytes(aes256_block(keys, bytes(16)), "big")
    stream = b"".join(aes256_block(keys, nonce + struct.pack(">I", n + 2)) for n in range((len(plain) + 15) // 16))
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    lengths = struct.pack(">QQ", 8 * len(associated), 8 * len(sealed))
    sums = ghash(h, ref.pad16(associated) + ref.pad16(sealed) + lengths)
    return sealed + xor(sums, aes256_block(keys, nonce + struct.pack(">I", 1)))


def self_check():
    keys = aes256_round_keys(bytes(range(32)))
    block = aes256_block(keys, bytes.fromhex("00112233445566778899aabbccddeeff"))
    assert block.hex() == "8ea2b7ca516745bfeafc49904b496089", "FIPS 197, appendix C.3"
    plain = bytes.fromhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                          "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    sealed = aes256_gcm(bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2),
                        bytes.fromhex("cafebabefacedbaddecaf888"), plain,
                        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    assert sealed[:4].hex() == "522dc1f0" and sealed[-16:].hex() == "76fc6ece0f4e1768cddf8853bb2d551b", \
        "GCM specification, test case 16"


# --- the frames

def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def seed(name):
    """Fixed secrets for the vectors, each different."""
    return hashlib.blake2b(b"frame vector " + name.encode(), digest_size=32).digest()


def keyed(size, domain, *parts, key):
    name = domain.encode()
    return hashlib.blake2b(bytes([len(name)]) + name + b"".join(parts), digest_size=size, key=key).digest()


CLUSTER = seed("cluster")
EPOCH_KEY = seed("epoch")
TAG = keyed(16, "quorumor tag", CLUSTER, key=EPOCH_KEY)[:4]
HEADER_KEY = keyed(32, "quorumor header", CLUSTER, key=EPOCH_KEY)
GROUP_KEY = keyed(32, "quorumor group", CLUSTER, key=EPOCH_KEY)
MIXING_KEY = keyed(32, "quorumor mixing", CLUSTER, key=EPOCH_KEY)


def short_frame(aead, key, sender, counter, receiver, plain):
    header = sender[:8] + struct.pack("<Q", counter)
    nonce = struct.pack("<Q", counter) + bytes(4)
    sealed = aead(key, nonce, plain, SHORT + TAG + header + receiver)
    mask = ref.hchacha20(HEADER_KEY, xor(sealed[-16:], receiver))
    return SHORT + TAG + xor(header, mask) + sealed


def long_frame(nonce, receiver, plain):
    length = struct.pack("<H", len(plain) + 16)
    sealed = ref.xchacha20_poly1305(GROUP_KEY, nonce, plain, LONG + TAG + nonce + length + receiver)
    mask = ref.hchacha20(HEADER_KEY, nonce[:16])[16:18]
    return LONG + TAG + nonce + xor(length, mask) + sealed


def rows():
    sender, receiver, key = seed("sender")[:16], seed("receiver")[:16], seed("pair key")
    plain, counter = bytes(range(100)), 0x0123456789abcdef
    yield "#", "What both frames share."
    yield "cluster", CLUSTER
    yield "epoch_key", EPOCH_KEY
    yield "sender", sender
    yield "receiver", receiver
    yield "plain", plain
    yield "#", "Short frames under a given pair key, in both suites; then one of no content, by the highest counter."
    yield "pair_key", key
    yield "counter_le", struct.pack("<Q", counter)
    yield "short_chacha", short_frame(ref.chacha20_poly1305, key, sender, counter, receiver, plain)
    yield "short_aes", short_frame(aes256_gcm, key, sender, counter, receiver, plain)
    yield "short_empty", short_frame(ref.chacha20_poly1305, key, sender, 2**60 - 1, receiver, b"")
    yield "#", "Long frames: to a known receiver, and to an unknown one."
    nonce = seed("nonce")[:24]
    yield "nonce", nonce
    yield "long", long_frame(nonce, receiver, plain)
    yield "long_anybody", long_frame(nonce, bytes(16), plain)
    yield "#", "The first frame that each of two members sends the other, from their session secrets on."
    sender_secret, receiver_secret = seed("sender secret"), seed("receiver secret")
    sender_key = ref.x25519(sender_secret, ref.X25519_BASE)
    receiver_key = ref.x25519(receiver_secret, ref.X25519_BASE)
    shared = ref.x25519(sender_secret, receiver_key)
    low, high = sorted([(sender, sender_key), (receiver, receiver_key)])
    both = keyed(64, "quorumor pair", CLUSTER, shared, *low, *high, key=MIXING_KEY)
    there, back = (both[:32], both[32:]) if low[0] == sender else (both[32:], both[:32])
    yield "sender_secret", sender_secret
    yield "receiver_secret", receiver_secret
    yield "first_chacha", short_frame(ref.chacha20_poly1305, there, sender, 1, receiver, plain)
    yield "first_aes", short_frame(aes256_gcm, there, sender, 1, receiver, plain)
    yield "answer_chacha", short_frame(ref.chacha20_poly1305, back, receiver, 1, sender, plain)


def main():
    ref.self_check()
    self_check()
    lines = ["# The frames of wire/frame.h.", "# Written by tests/vectors/generate_frames.py; do not edit."]
    lines += [f"# {value}" if name == "#" else f"{name} = {value.hex()}" for name, value in rows()]
    text, path = "\n".join(lines) + "\n", HERE / "wire" / "frames.txt"
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        sys.exit("vectors differ from what the generator writes: frames.txt")


if __name__ == "__main__":
    main()
