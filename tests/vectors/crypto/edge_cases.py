"""Signatures on the edge: cases on which Ed25519 implementations differ, each with the verdict of libsodium 1.0.18.

The verdict is modelled here (`verdict`), and the test holds libsodium against it: if a later libsodium decides
otherwise, the test says so before a cluster of mixed builds is split by one signature. Cases are made so that
they isolate one rule: everything else about them verifies, wherever that can be arranged.
"""
import reference as ed
from reference import L, P

IDENTITY = (0, 1)


def torsion_points():
    """The 8 points of small order: multiples of one of order 8."""
    y = 2
    while True:
        x = ed.recover_x(y, 0)
        point = ed.mul(L, (x, y)) if x is not None else IDENTITY
        if ed.mul(4, point) != IDENTITY:
            return [ed.mul(i, point) for i in range(8)]
        y += 1


TORSION = torsion_points()


def encodings(point):
    """Every 32-byte string that a lenient decoder reads as this point; the canonical one first."""
    x, y = point
    signs = [x & 1] if x else [0, 1]
    found = [(v | s << 255).to_bytes(32, "little") for v in (y, y + P) if v < 2**255 for s in signs]
    return found


def is_canonical_y(data):
    return int.from_bytes(data, "little") & (2**255 - 1) < P


def has_small_order(data):
    point = ed.decode_point(data)
    return point is not None and ed.mul(8, point) == IDENTITY


def verdict(key, message, signature):
    """libsodium's rules, in its order: S < L, R not small, A canonical and not small; then R == SB - hA, bytewise."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L or has_small_order(r) or not is_canonical_y(key) or has_small_order(key):
        return False
    point = ed.decode_point(key)
    if point is None:
        return False
    minus = (-point[0] % P, point[1])
    h = ed.challenge(r, key, message)
    return ed.encode_point(ed.add(ed.mul(s, ed.BASE), ed.mul(h, minus))) == r


def is_valid_key(key):
    point = ed.decode_point(key)
    return (point is not None and is_canonical_y(key) and not has_small_order(key)
            and ed.mul(L, point) == IDENTITY)


def scalar(n):
    return (n % L).to_bytes(32, "little")


def grind(prefix, r, key, accept):
    """The first content under which the challenge has a wanted property."""
    for i in range(10000):
        content = b"edge %d" % i
        if accept(ed.challenge(r, key, prefix + content)):
            return content
    raise RuntimeError("no content found")


def cases(prefix, seed):
    """Yields (name, comment, key, content, signature)."""
    a, _ = ed.expand(seed)
    key = ed.encode_point(ed.mul(a, ed.BASE))
    content = b"edge"
    r_scalar = 7
    r = ed.encode_point(ed.mul(r_scalar, ed.BASE))
    good = ed.ed25519_sign(seed, prefix + content)
    good_s = int.from_bytes(good[32:], "little")

    def honest_s(r_bytes, key_bytes=key, text=content):
        return scalar(r_scalar + ed.challenge(r_bytes, key_bytes, prefix + text) * a)

    yield "honest", "an ordinary signature", key, content, good
    for i, times in enumerate((1, 2, 15)):
        high = (good_s + times * L).to_bytes(33, "little")[:32]
        yield f"s_high_{i}", f"S + {times}L instead of S", key, content, good[:32] + high
    yield "s_is_l", "S = L", key, content, good[:32] + L.to_bytes(32, "little")
    yield "s_all_ones", "S = 2^256 - 1", key, content, good[:32] + b"\xff" * 32

    for i, point in enumerate(TORSION):
        for j, data in enumerate(encodings(point)):
            kind = "canonical" if j == 0 else "not canonical"
            text = grind(prefix, r, data, lambda h: h % 8 == 0)
            yield (f"a_small_{i}_{j}", f"A of small order, {kind}; the equation holds", data, text,
                   r + scalar(r_scalar))
            s = scalar(ed.challenge(data, key, prefix + content) * a)
            holds = "the equation holds" if i == 0 else "the equation holds times 8"
            yield f"r_small_{i}_{j}", f"R of small order, {kind}; {holds}", key, content, data + s

    mixed = ed.encode_point(ed.add(ed.mul(a, ed.BASE), TORSION[1]))
    text = grind(prefix, r, mixed, lambda h: h % 8 == 0)
    yield ("a_mixed_holds", "A of mixed order, the equation holds: libsodium accepts, is_valid_public_key does not",
           mixed, text, r + honest_s(r, mixed, text))
    text = grind(prefix, r, mixed, lambda h: h % 8 == 1)
    yield "a_mixed_times_8", "A of mixed order, holds times 8 only", mixed, text, r + honest_s(r, mixed, text)
    odd_r = ed.encode_point(ed.add(ed.mul(r_scalar, ed.BASE), TORSION[1]))
    yield "r_mixed", "R of mixed order, holds times 8 only", key, content, odd_r + honest_s(odd_r)

    for y in range(2, 19):
        if ed.recover_x(y, 0) is None:
            continue
        for sign in (0, 1):
            low = (y | sign << 255).to_bytes(32, "little")
            high = (y + P | sign << 255).to_bytes(32, "little")
            yield f"a_low_{y}_{sign}", "A of small y, canonical", low, content, good
            yield f"a_low_{y}_{sign}_plus_p", "the same point, not canonical", high, content, good
            if sign == 0:
                yield f"r_low_{y}_plus_p", "R not canonical", key, content, high + good[32:]
    yield "a_no_point", "A is no point of the curve", (2).to_bytes(32, "little"), content, good
    yield "r_no_point", "R is no point of the curve", key, content, (2).to_bytes(32, "little") + good[32:]
    yield "a_all_ones", "A = 2^256 - 1", b"\xff" * 32, content, good
