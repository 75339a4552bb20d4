"""The house rules as a test: who may include whom, sizes, purity of the core, names of machines. Limits only shrink."""
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), ".."))
HEADER_MAX, SOURCE_MAX, FUNCTION_MAX, LINE_MAX = 250, 400, 70, 120

# What each room may include, beside itself. The order is the direction of dependency.
ROOMS = {
    "base": [],
    "crypto": ["base"],
    "wire": ["base", "crypto"],
    "membership": ["base", "crypto", "wire"],
    "defense": ["base", "crypto", "wire", "membership"],
    "node/core": ["base", "crypto", "wire", "membership", "defense"],
    "node/driver": ["base", "crypto", "wire", "membership", "defense", "node/core", "quorumor"],
    "node/agent": ["base", "crypto", "wire", "membership", "defense", "node/core", "node/driver", "quorumor"],
    "node/cli": ["base", "crypto", "wire", "membership", "defense", "node/core", "node/driver", "node/agent", "quorumor"],
    "sim": ["base", "crypto", "wire", "membership", "defense", "node/core", "sim/scenario"],
    # Its files are read, and mistakes explained, with what the agent has for its own.
    "sim/scenario": ["base", "crypto", "wire", "membership", "defense", "node/core", "node/driver", "node/agent", "sim"],
    "sim/run": ["base", "crypto", "wire", "membership", "defense", "node/core", "node/driver", "sim", "sim/scenario"],
    "sim/cli": ["base", "crypto", "wire", "membership", "defense", "node/core", "node/driver", "node/agent", "sim",
                "sim/scenario", "sim/run"],
}
PURE = ("base", "crypto", "wire", "membership", "defense", "node/core", "sim")
IMPURE = re.compile(r"(steady_clock|system_clock|high_resolution_clock)\b|random_device|std::rand\b|gettimeofday|"
                    r"clock_gettime|boost/asio|<fstream>|<thread>|std::uniform_|std::shuffle")
IMPURE_ROOMS = ("sim/cli/",)  # files, processes, a progress bar: around the world, not in it
problems = []


def complain(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def files():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return [f for f in listed if f and os.path.isfile(os.path.join(ROOT, f))]


def room_of(path):
    for room in sorted(ROOMS, key=len, reverse=True):
        if path.startswith(room + "/"):
            return room
    return None


def check_includes(path, lines):
    room = room_of(path)
    if room is None:
        return
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#include "([^"]+)"', line)
        if not found:
            continue
        target = found.group(1)
        if target == "quorumor.capnp.h":  # generated into a place of its own, reachable from wire/ only
            if room != "wire":
                complain(path, number, f"{room} must not include the schema")
            continue
        if target.startswith(".") or "/" not in target:
            complain(path, number, f'include "{target}" by its room')
            continue
        to = room_of(target) or target.split("/")[0]
        if to != room and to not in ROOMS[room]:
            complain(path, number, f"{room} must not include {to}")


def check_purity(path, lines):
    if not path.startswith(PURE) or path.startswith(IMPURE_ROOMS):
        return
    for number, line in enumerate(lines, 1):
        if IMPURE.search(line.split("//")[0]):
            complain(path, number, "clock, entropy, file or socket in or below the core")
        if "randombytes" in line and path != "crypto/drbg.cpp":
            complain(path, number, "entropy outside crypto/drbg.cpp")


def check_sizes(path, lines):
    limit = HEADER_MAX if path.endswith(".h") else SOURCE_MAX
    if len(lines) > limit:
        complain(path, 1, f"{len(lines)} lines; a second responsibility to move out? (at most {limit})")
    opened = None
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            complain(path, number, f"{len(line)} columns (at most {LINE_MAX})")
        # A function's body at namespace or class level: a line that ends in '{' and holds a ')' opens it, the same
        # indent and '}' closes it.
        if opened is None and re.search(r"\)[^;]*\{$", line) and not re.match(r"\s*(if|for|while|switch|namespace)\b", line):
            indent = len(line) - len(line.lstrip())
            if indent <= 2:
                opened = (number, indent)
        elif opened is not None and line.startswith(" " * opened[1] + "}"):
            if number - opened[0] + 1 > FUNCTION_MAX:
                complain(path, opened[0], f"function of {number - opened[0] + 1} lines (at most {FUNCTION_MAX})")
            opened = None


def check_words(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line) and not path.endswith("tidy.py"):
            complain(path, number, "unfinished business: finish it, or write it down in README's limits")
        if re.search(r"(^|[\s\"'(=])/(home|root|Users|work)/", line) and not path.endswith("tidy.py"):
            complain(path, number, "a path of one machine")


def check_sleeps(path, lines):
    if not path.startswith("tests/") or path.startswith("tests/e2e/"):
        return
    for number, line in enumerate(lines, 1):
        if re.search(r"sleep_for|sleep_until|usleep\(|nanosleep", line):
            complain(path, number, "a sleep in a test outside tests/e2e: use virtual time")


def main():
    checked = 0
    for path in files():
        full = os.path.join(ROOT, path)
        try:
            text = open(full, encoding="utf-8").read()
        except UnicodeDecodeError:
            continue
        if path.startswith(("fuzz/corpus/", "LICENSE")):
            continue
        check_words(path, text)
        if not path.endswith((".cpp", ".h")):
            continue
        checked += 1
        lines = text.split("\n")[:-1]
        check_includes(path, lines)
        check_purity(path, lines)
        check_sleeps(path, lines)
        if not path.startswith("tests/") or path.startswith("tests/support/"):
            check_sizes(path, lines)
        if path.endswith(".h") and "#pragma once" not in text:
            complain(path, 1, "no #pragma once")
    if checked < 50:
        complain(ROOT, 0, f"only {checked} source files found: this checked nothing")
    for p in problems:
        print(p)
    print(f"{checked} files, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
