#!/usr/bin/env python3
"""Writes tests/vectors/crypto/*.txt: every derivation and signed layout of crypto/, by a second implementation.

    generate_crypto.py           writes the files
    generate_crypto.py --check   compares them with what it would write, and fails on a difference

Only the standard library is used, and none of the project's code. The layouts below follow the comments of the
headers in crypto/. A difference that is wanted needs an ADR and a new version number in the format.
"""
import hashlib
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent / "crypto"
sys.path.insert(0, str(HERE))
import edge_cases  # noqa: E402
import reference as ref  # noqa: E402

DOMAINS = ["cred", "core", "accuse", "epoch", "revoke", "leave", "event", "session", "request", "endorse"]
NO_CLUSTER = bytes(32)


def blake(size, domain, *parts, key=b""):
    name = domain.encode()
    return hashlib.blake2b(bytes([len(name)]) + name + b"".join(parts), digest_size=size, key=key).digest()


def digest(domain, *parts):
    return blake(32, domain, *parts)


def seed(name):
    """Fixed secrets for the vectors, each different."""
    return hashlib.blake2b(b"vector " + name.encode(), digest_size=32).digest()


def str8(text):
    return bytes([len(text)]) + text.encode()


def bytes16(data):
    return struct.pack("<H", len(data)) + data


def sign_prefix(domain, cluster):
    return f"quorumor {domain}".encode().ljust(16, b"\0") + cluster


def sign(key, domain, cluster, content):
    return ref.ed25519_sign(key, sign_prefix(domain, cluster) + content)


AUTHORITY = seed("authority")
AUTHORITY_KEY = ref.ed25519_public(AUTHORITY)
LABEL = "prod/dc1"
CLUSTER = digest("quorumor cluster", AUTHORITY_KEY, LABEL.encode())
NODE = seed("node")
NODE_KEY = ref.ed25519_public(NODE)
NODE_ID = seed("node id")[:16]
EPOCH_KEYS = [seed(f"epoch {i}") for i in (1, 2, 3)]


def commitment(key):
    return digest("quorumor commitment", CLUSTER, key)


def next_seed(previous, epoch):
    return digest("quorumor seed", previous, struct.pack("<Q", epoch))


SEEDS = [next_seed(CLUSTER, 1)]
SEEDS += [next_seed(SEEDS[0], 2)]
SEEDS += [next_seed(SEEDS[1], 3)]


def hash_file():
    parts = [b"one", b"", b"three"]
    plain = digest("quorumor test", *parts)
    key = bytes(range(48))
    yield "hash", plain
    yield "hash_u64_le", plain[:8]
    yield "hash_no_parts", digest("q")
    yield "hash_longest_domain", digest("d" * 64, b"x" * 300)
    yield "keyed_16", blake(16, "quorumor test", *parts, key=key)
    yield "keyed_32", blake(32, "quorumor test", *parts, key=key)
    yield "keyed_64", blake(64, "quorumor test", *parts, key=key)


def sign_file():
    yield "seed", NODE
    yield "public_key", NODE_KEY
    yield "cluster", CLUSTER
    yield "content", b"what is signed"
    for i, domain in enumerate(DOMAINS):
        yield f"signature_{i}", sign(NODE, domain, CLUSTER, b"what is signed")
    longest = bytes(i % 251 for i in range(1168))
    yield "signature_longest", sign(NODE, "core", CLUSTER, longest)


def epoch_file():
    key = EPOCH_KEYS[0]
    yield "authority_key", AUTHORITY_KEY
    yield "label", LABEL.encode()
    yield "cluster", CLUSTER
    yield "epoch_key", key
    yield "commitment", commitment(key)
    yield "tag", blake(16, "quorumor tag", CLUSTER, key=key)[:4]
    yield "header_key", blake(32, "quorumor header", CLUSTER, key=key)
    yield "group_key", blake(32, "quorumor group", CLUSTER, key=key)
    yield "mixing_key", blake(32, "quorumor mixing", CLUSTER, key=key)
    for i, value in enumerate(SEEDS):
        yield f"seed_{i + 1}", value


def session_file():
    low, high = seed("session low"), seed("session high")
    low_key, high_key = ref.x25519(low, ref.X25519_BASE), ref.x25519(high, ref.X25519_BASE)
    shared = ref.x25519(low, high_key)
    assert shared == ref.x25519(high, low_key)
    # The ids differ first in their last byte, so that an order by prefix alone would be caught.
    low_id, high_id = bytes(15) + b"\x7f", bytes(15) + b"\x80"
    mixing = blake(32, "quorumor mixing", CLUSTER, key=EPOCH_KEYS[0])
    both = blake(64, "quorumor pair", CLUSTER, shared, low_id, low_key, high_id, high_key, key=mixing)
    yield "cluster", CLUSTER
    yield "epoch_key", EPOCH_KEYS[0]
    yield "low_secret", low
    yield "high_secret", high
    yield "low_key", low_key
    yield "high_key", high_key
    yield "low_id", low_id
    yield "high_id", high_id
    yield "shared", shared
    yield "low_sends", both[:32]
    yield "high_sends", both[32:]


def credential(serial, name, zone, roles):
    out = b"\1" + NODE_ID + NODE_KEY + struct.pack("<Qqq", serial, 1_700_000_000, 1_800_000_000)
    return out + str8(name) + str8(zone) + bytes([len(roles)]) + b"".join(map(str8, roles))


def credential_file():
    content = credential(0x0102030405060708, "node-1.example", "zone_a", ["keymaster", "web"])
    signature = sign(AUTHORITY, "cred", CLUSTER, content)
    small = credential(1, "n", "", [])
    yield "authority_seed", AUTHORITY
    yield "authority_key", AUTHORITY_KEY
    yield "cluster", CLUSTER
    yield "id", NODE_ID
    yield "identity", NODE_KEY
    yield "content", content
    yield "signature", signature
    yield "small_content", small
    yield "small_signature", sign(AUTHORITY, "cred", CLUSTER, small)
    yield "bundle", b"QBNDL1" + AUTHORITY_KEY + str8(LABEL) + bytes16(content) + signature


def announcement(kind, epoch, predecessor, key, parameters, signed_at, revocations):
    suite, defense, beta, epsilon, interval = parameters
    out = struct.pack("<BB16sQQ32s32s", 1, kind, NODE_ID, 5, epoch, predecessor, commitment(key))
    out += struct.pack("<BBIBIqB", suite, defense, beta, epsilon, interval, signed_at, len(revocations))
    return out + b"".join(revocations)


def announcements():
    """The first epoch, the second with everything different, and the retirement of the first."""
    first = announcement(1, 1, bytes(32), EPOCH_KEYS[0], (1, 1, 100_000, 4, 60), 1_700_000_000_123, [])
    after = digest("quorumor announcement", first)
    revocations = [seed(f"revocation {i}") for i in range(16)]
    second = announcement(1, 2, after, EPOCH_KEYS[1], (2, 0, 333_333, 18, 1), 1_700_000_060_123, revocations)
    after = digest("quorumor announcement", second)
    retire = announcement(2, 1, after, EPOCH_KEYS[0], (2, 0, 333_333, 18, 1), 1_700_000_070_000, [])
    return first, second, retire


def announcement_file():
    yield "keymaster_seed", NODE
    yield "keymaster_key", NODE_KEY
    yield "signer", NODE_ID
    yield "cluster", CLUSTER
    yield "epoch_key_1", EPOCH_KEYS[0]
    yield "epoch_key_2", EPOCH_KEYS[1]
    for name, content in zip(("first", "second", "retire"), announcements()):
        yield f"{name}_content", content
        yield f"{name}_signature", sign(NODE, "epoch", CLUSTER, content)
        yield f"{name}_digest", digest("quorumor announcement", content)


def ring_file():
    first, second, _ = announcements()
    body = b"QRING1" + CLUSTER + struct.pack("<QB", 0, 2)
    body += bytes16(first) + sign(NODE, "epoch", CLUSTER, first) + SEEDS[0] + b"\1" + EPOCH_KEYS[0]
    body += bytes16(second) + sign(NODE, "epoch", CLUSTER, second) + SEEDS[1] + b"\0"
    yield "ring", body + digest("quorumor ring", body)
    for number in (2, 3):
        body = b"QRING%d" % number + CLUSTER + struct.pack("<QBB", 0, 2, 0)
        body += bytes16(first) + sign(NODE, "epoch", CLUSTER, first) + bytes16(b"") + SEEDS[0] + b"\1" + EPOCH_KEYS[0]
        body += bytes16(second) + sign(NODE, "epoch", CLUSTER, second) + bytes16(b"") + SEEDS[1] + b"\0"
        body += b"\0\0"
        yield f"ring_{number}", body + digest("quorumor ring", body)


def request_file():
    signature = sign(NODE, "request", NO_CLUSTER, NODE_KEY)
    check = digest("quorumor request", NODE_KEY, signature)[:4]
    yield "seed", NODE
    yield "token", b"qreq1-" + (NODE_KEY + signature + check).hex().encode()


def drbg_stream(start, label, size):
    key, out = blake(32, "quorumor drbg", label, key=start), b""
    while len(out) < size:
        block = ref.chacha20_stream(key, bytes(12), 256)
        key, out = block[:32], out + block[32:]
    return out[:size]


def drbg_file():
    yield "seed", seed("drbg")
    yield "public", drbg_stream(seed("drbg"), b"public", 600)
    yield "secret", drbg_stream(seed("drbg"), b"secret", 600)


def aead_file():
    key, nonce, associated = seed("aead key"), seed("aead nonce")[:24], b"associated data"
    plain = bytes(range(100))
    yield "key", key
    yield "nonce_192", nonce
    yield "associated", associated
    yield "plain", plain
    yield "chacha_sealed", ref.chacha20_poly1305(key, nonce[:12], plain, associated)
    yield "xchacha_sealed", ref.xchacha20_poly1305(key, nonce, plain, associated)
    yield "xchacha_empty", ref.xchacha20_poly1305(key, nonce, b"", b"")
    yield "hchacha_in", nonce[:16]
    yield "hchacha_out", ref.hchacha20(key, nonce[:16])


def passphrase_file():
    text, salt, nonce, plain = b"a passphrase", seed("salt")[:16], seed("nonce")[:24], b"an identity key"
    passes, memory = 2, 64
    key = ref.argon2id(text, salt, passes, memory, 32)
    header = b"QSEAL1" + struct.pack("<II", passes, memory) + salt + nonce
    yield "passphrase", text
    yield "salt", salt
    yield "key", key
    yield "plain", plain
    yield "box", header + ref.xchacha20_poly1305(key, nonce, plain, header + b"identity")
    yield "shared_secret_salt", digest("quorumor shared secret", LABEL.encode())[:16]


def edge_file():
    """A case is: key 32 | signature 64 | verify's verdict u8 | is_valid_public_key's u8 | content."""
    yield "cluster", CLUSTER
    prefix = sign_prefix("core", CLUSTER)
    for name, comment, key, content, signature in edge_cases.cases(prefix, NODE):
        accepted = edge_cases.verdict(key, prefix + content, signature)
        valid = edge_cases.is_valid_key(key)
        yield "#", f"{comment}: {'accepted' if accepted else 'refused'}"
        yield name, key + signature + bytes([accepted, valid]) + content


FILES = {
    "hash": (hash_file, "BLAKE2b with domains."),
    "sign": (sign_file, "A signature under each domain, in the order of SignDomain."),
    "ed25519_edge": (edge_file, edge_file.__doc__),
    "epoch": (epoch_file, "Cluster id, what derives from an epoch key, and the chain of observer seeds."),
    "session": (session_file, "X25519 and the pair keys."),
    "credential": (credential_file, "Credentials and a bundle."),
    "announcement": (announcement_file, "Announcements: a first epoch, a second, a retirement."),
    "ring": (ring_file, "A serialised ring in its three layouts: epoch 1 with its key, epoch 2 without."),
    "request": (request_file, "A request token."),
    "drbg": (drbg_file, "600 bytes of each stream of one seed: more than two blocks."),
    "aead": (aead_file, "The sealing primitives."),
    "passphrase": (passphrase_file, "Argon2id and a sealed box, at a low cost."),
}


def render(rows, about):
    lines = [f"# {about}", "# Written by tests/vectors/generate_crypto.py; do not edit."]
    for name, value in rows():
        lines.append(f"# {value}" if name == "#" else f"{name} = {value.hex()}")
    return "\n".join(lines) + "\n"


def main():
    ref.self_check()
    stale = []
    for name, (rows, about) in FILES.items():
        path = HERE / f"{name}.txt"
        text = render(rows, about)
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.write_text(text)
    if stale:
        sys.exit("vectors differ from what the generator writes: " + ", ".join(stale))


if __name__ == "__main__":
    main()
