"""The primitives, a second time and slowly: Ed25519, X25519, ChaCha20 and its AEADs, Argon2id.

Written from the RFCs with the standard library alone, so that the golden vectors do not come from the code that
they test. Nothing here is constant time: never use it for anything but vectors. `self_check` holds it against
the vectors that the RFCs print.
"""
import hashlib
import struct

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


# --- Ed25519 (RFC 8032), affine points (x, y); slow and short.

def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P)


def mul(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point = add(point, point)
        n >>= 1
    return result


def recover_x(y, sign):
    """None if y is on no point. A sign bit on x = 0 is ignored, as lenient decoders do."""
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * SQRT_M1 % P
    if (x * x - xx) % P:
        return None
    return P - x if x and x & 1 != sign else x


def encode_point(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode_point(data):
    n = int.from_bytes(data, "little")
    y, sign = (n & (2**255 - 1)) % P, n >> 255
    x = recover_x(y, sign)
    return None if x is None else (x, y)


BASE = (recover_x(4 * pow(5, -1, P) % P, 0), 4 * pow(5, -1, P) % P)


def expand(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
    return a, h[32:]


def challenge(r, key, message):
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L


def ed25519_public(seed):
    return encode_point(mul(expand(seed)[0], BASE))


def ed25519_sign(seed, message):
    a, prefix = expand(seed)
    key = encode_point(mul(a, BASE))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    big_r = encode_point(mul(r, BASE))
    return big_r + ((r + challenge(big_r, key, message) * a) % L).to_bytes(32, "little")


# --- X25519 (RFC 7748)

def x25519(scalar, u):
    k = int.from_bytes(scalar, "little") & (2**254 - 8) | 2**254
    x1 = (int.from_bytes(u, "little") & (2**255 - 1)) % P
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b = x2 + z2, x2 - z2
        da, cb = (x3 - z3) * a, (x3 + z3) * b
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        aa, bb = a * a, b * b
        e = aa - bb
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


X25519_BASE = (9).to_bytes(32, "little")


# --- ChaCha20, Poly1305 and what is built of them (RFC 8439, draft-irtf-cfrg-xchacha)

def chacha_rounds(state):
    s = list(state)

    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xffffffff
            s[z] ^= s[x]
            s[z] = (s[z] << n | s[z] >> (32 - n)) & 0xffffffff

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return s


def chacha_state(key, tail):
    return list(struct.unpack("<16I", b"expand 32-byte k" + key + tail))


def chacha20_stream(key, nonce, size, counter=0):
    out = b""
    while len(out) < size:
        start = chacha_state(key, struct.pack("<I", counter) + nonce)
        out += struct.pack("<16I", *((a + b) & 0xffffffff for a, b in zip(start, chacha_rounds(start))))
        counter += 1
    return out[:size]


def hchacha20(key, data):
    s = chacha_rounds(chacha_state(key, data))
    return struct.pack("<8I", *(s[:4] + s[12:]))


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i:i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def pad16(data):
    return data + bytes(-len(data) % 16)


def chacha20_poly1305(key, nonce, plain, associated):
    stream = chacha20_stream(key, nonce, len(plain), 1)
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    lengths = struct.pack("<QQ", len(associated), len(sealed))
    tag = poly1305(chacha20_stream(key, nonce, 32), pad16(associated) + pad16(sealed) + lengths)
    return sealed + tag


def xchacha20_poly1305(key, nonce, plain, associated):
    return chacha20_poly1305(hchacha20(key, nonce[:16]), bytes(4) + nonce[16:], plain, associated)


# --- Argon2id, version 0x13 (RFC 9106)

M64 = 2**64 - 1


def blake2b_long(size, data):
    data = struct.pack("<I", size) + data
    if size <= 64:
        return hashlib.blake2b(data, digest_size=size).digest()
    v = hashlib.blake2b(data).digest()
    out = v[:32]
    while size - len(out) > 64:
        v = hashlib.blake2b(v).digest()
        out += v[:32]
    return out + hashlib.blake2b(v, digest_size=size - len(out)).digest()


def argon_compress(x, y):
    r = [a ^ b for a, b in zip(x, y)]
    z = list(r)

    def mix(v):
        def g(a, b, c, d):
            for i, j, k, n in ((a, b, d, 32), (c, d, b, 24), (a, b, d, 16), (c, d, b, 63)):
                z[i] = (z[i] + z[j] + 2 * (z[i] & 0xffffffff) * (z[j] & 0xffffffff)) & M64
                t = z[k] ^ z[i]
                z[k] = (t >> n | t << (64 - n)) & M64
        for i in range(4):
            g(v[i], v[4 + i], v[8 + i], v[12 + i])
        for i in range(4):
            g(v[i], v[4 + (i + 1) % 4], v[8 + (i + 2) % 4], v[12 + (i + 3) % 4])

    for i in range(8):
        mix(list(range(16 * i, 16 * i + 16)))
    for i in range(8):
        mix([2 * i + 16 * row + half for row in range(8) for half in (0, 1)])
    return [a ^ b for a, b in zip(z, r)]


def argon2id(password, salt, passes, memory_kib, size, lanes=1, secret=b"", associated=b""):
    start = struct.pack("<6I", lanes, size, memory_kib, passes, 0x13, 2)
    for part in (password, salt, secret, associated):
        start += struct.pack("<I", len(part)) + part
    h0 = hashlib.blake2b(start).digest()
    blocks = 4 * lanes * (memory_kib // (4 * lanes))
    q = blocks // lanes
    quarter = q // 4
    memory = [[None] * q for _ in range(lanes)]
    for lane in range(lanes):
        for i in (0, 1):
            memory[lane][i] = list(struct.unpack("<128Q", blake2b_long(1024, h0 + struct.pack("<II", i, lane))))

    def pseudo_random(t, lane, segment):
        zero, out, counter = [0] * 128, [], 0
        while len(out) < quarter:
            counter += 1
            head = [t, lane, segment, blocks, passes, 2, counter] + [0] * 121
            out += argon_compress(zero, argon_compress(zero, head))
        return out

    for t in range(passes):
        for segment in range(4):
            for lane in range(lanes):
                addresses = pseudo_random(t, lane, segment) if t == 0 and segment < 2 else None
                for i in range(2 if t == 0 and segment == 0 else 0, quarter):
                    j = segment * quarter + i
                    previous = memory[lane][j - 1]
                    word = addresses[i] if addresses else previous[0]
                    j1, j2 = word & 0xffffffff, word >> 32
                    other = lane if t == 0 and segment == 0 else j2 % lanes
                    if t == 0:
                        area = segment * quarter + (i - 1 if other == lane else -(i == 0))
                        first = 0
                    else:
                        area = 3 * quarter + (i - 1 if other == lane else -(i == 0))
                        first = (segment + 1) % 4 * quarter
                    position = area - 1 - (area * (j1 * j1 >> 32) >> 32)
                    new = argon_compress(previous, memory[other][(first + position) % q])
                    old = memory[lane][j] if t else [0] * 128
                    memory[lane][j] = [a ^ b for a, b in zip(new, old)]
    final = [0] * 128
    for lane in range(lanes):
        final = [a ^ b for a, b in zip(final, memory[lane][q - 1])]
    return blake2b_long(size, struct.pack("<128Q", *final))


def self_check():
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert ed25519_public(seed).hex().startswith("d75a980182b10ab7"), "RFC 8032, test 1"
    assert ed25519_sign(seed, b"").hex().startswith("e5564300c360ac72"), "RFC 8032, test 1"
    scalar = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
    point = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    assert x25519(scalar, point).hex().startswith("c3da55379de9c690"), "RFC 7748, section 5.2"
    key = bytes(range(0x80, 0xa0))
    nonce = bytes.fromhex("070000004041424344454647")
    text = (b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
            b"sunscreen would be it.")
    sealed = chacha20_poly1305(key, nonce, text, bytes.fromhex("50515253c0c1c2c3c4c5c6c7"))
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691", "RFC 8439, section 2.8.2"
    out = hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
    assert out.hex().startswith("82413b4227b27bfe"), "draft-irtf-cfrg-xchacha, section 2.2.1"
    tag = argon2id(b"\1" * 32, b"\2" * 16, 3, 32, 32, 4, b"\3" * 8, b"\4" * 12)
    assert tag.hex().startswith("0d640df58d78766c08c037a34a8b53c9"), "RFC 9106, section 5.3"
