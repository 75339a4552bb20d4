#!/usr/bin/env python3
"""Installs a built tree into an empty prefix and uses it as a stranger would: finds the package, builds examples/embed
against it, and runs two embedded nodes on loopback until each has seen the other alive and one has left.

Usage: install_test.py BUILD_DIRECTORY
Exits with 0 if all of that worked; else it says what did not.
"""
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

PATIENCE = 30  # seconds for any one thing that should take one
SOURCE = Path(__file__).resolve().parents[2]


class Failed(Exception):
    pass


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=1200, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} gave {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Embedded:
    """A running example program and the lines that it prints."""

    def __init__(self, program, *arguments):
        self.name = Path(arguments[0]).name
        self.process = subprocess.Popen([str(program), *map(str, arguments)], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, *words):
        """The first line, from now on, that begins with these words."""
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                raise Failed(f"{self.name} did not print '{' '.join(words)}' but:\n" + "\n".join(self.seen))
            self.seen.append(line)
            if line.split()[: len(words)] == list(words):
                return line

    def ask_members(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        return self.process.wait(PATIENCE)


def admit(quorumor, folder, name, *roles):
    node = folder / name
    run(quorumor, "node", "init", "--dir", node)
    run(quorumor, "authority", "admit", "--authority", folder / "authority", "--name", name, "--dir", node, *roles)
    return node


def check_headers(prefix):
    """A program includes nothing of ours but include/quorumor."""
    headers = sorted(str(p.relative_to(prefix)) for p in prefix.rglob("*.h"))
    if headers != ["include/quorumor/node.h", "include/quorumor/version.h"]:
        raise Failed(f"unexpected headers installed: {headers}")


def check_cluster(program, quorumor, folder):
    run(quorumor, "authority", "init", "--out", folder / "authority", "--label", "install/test")
    first_directory = admit(quorumor, folder, "first", "--role", "keymaster")
    second_directory = admit(quorumor, folder, "second")
    first = Embedded(program, first_directory, "127.0.0.1:0", "--bootstrap")
    second = None
    try:
        address = first.wait_for("listening").split()[1]
        second = Embedded(program, second_directory, "127.0.0.1:0", "--join", address)
        first.wait_for("notice", "alive", "second")
        second.wait_for("notice", "joined")
        for node, other in ((first, "second"), (second, "first")):
            node.ask_members()
            node.wait_for("member", node.name, "alive", "(this", "program)")
            node.wait_for("member", other, "alive")
        if second.end() != 0:
            raise Failed("second did not end well:\n" + "\n".join(second.seen))
        second.wait_for("left")
        first.wait_for("notice", "left", "second")
        if first.end() != 0:
            raise Failed("first did not end well:\n" + "\n".join(first.seen))
    finally:
        for node in (first, second):
            if node is not None and node.process.poll() is None:
                node.process.kill()


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    build = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="quorumor-install-") as temporary:
        folder = Path(temporary)
        prefix = folder / "prefix"
        run("cmake", "--install", build, "--prefix", prefix)
        check_headers(prefix)
        # The build tool that built the tree is there; CMake's default, make, need not be.
        tool = ["-G", "Ninja"] if (build / "build.ninja").exists() else []
        run("cmake", *tool, "-S", SOURCE / "examples" / "embed", "-B", folder / "embed", f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", folder / "embed")
        run(prefix / "bin" / "quorumor", "--version")
        check_cluster(folder / "embed" / "embed", prefix / "bin" / "quorumor", folder)
    print("install test: ok")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        print(f"install test: {failure}", file=sys.stderr)
        sys.exit(1)
