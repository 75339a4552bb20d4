#!/usr/bin/env python3
"""The runbook of docs/OPERATIONS.md, command by command, against real agents.

    runbook.py PATH_TO_QUORUMOR

Each test reads its section's `sh` blocks out of the document and runs the lines that a machine can run, with the
document's placeholders filled in: a command that is renamed, or a section that is dropped, fails here.
"""
import os
import re
import shlex
import subprocess
import sys
import unittest

from agents import Place, end_well_on_signals, wait

PROGRAM = ""
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "OPERATIONS.md")


def commands(section):
    """The lines of the section's shell blocks, comments taken off."""
    with open(DOCUMENT, encoding="utf-8") as document:
        text = document.read()
    found = re.search(rf"^### {re.escape(section)}\n(.*?)(?=^##)", text, re.M | re.S)
    assert found, f"no section '{section}' in docs/OPERATIONS.md"
    blocks = re.findall(r"^```sh\n(.*?)^```", found.group(1), re.M | re.S)
    return [words for block in blocks for line in block.splitlines()
            if (words := shlex.split(line, comments=True)) and words[0] == "quorumor"]


class Runbook(unittest.TestCase):
    def setUp(self):
        self.place = Place(PROGRAM)
        self.addCleanup(self.place.close)
        config = self.place.path("agent.toml")
        with open(config, "w", encoding="utf-8") as out:
            out.write("preset = 'local'\n[bootstrap]\nepoch_interval_min = '1s'\n")
        self.more = ["--config", config]

    def form(self, n):
        names, _ = self.place.cluster(n, more=self.more)
        return names

    def keys(self, name):
        return self.place.ask(name, "keys") or {"epochs": []}

    def newest(self, name):
        return max([int(e["epoch"]) for e in self.keys(name)["epochs"] if e["state"] == "newest"], default=0)

    def settle(self):
        wait(lambda: self.keys("n1").get("rotation_allowed_in_ms") == 0, 10)

    def fill(self, words, places):
        """The words behind `quorumor`: a command's own name is no placeholder, whatever it is called."""
        return [words[1]] + [places.get(word, word) for word in words[2:]]

    def run_all(self, section, places, skip=()):
        """Runs a section's commands but those that hold a word of `skip`; returns how many ran."""
        ran = 0
        for words in commands(section):
            if any(word in words for word in skip):
                continue
            filled = self.fill(words, places)
            if "rotate" in filled or "evict" in filled:
                self.settle()
            self.place.run(*filled)
            ran += 1
        return ran

    def places(self, **more):
        p = self.place
        out = {"NODEDIR": p.path("n1"), "KEYMASTERDIR": p.path("n1"), "authority": p.path("authority"),
               "n5.revoked": p.path("n5.revoked")}
        out.update(more)
        return out

    def test_rotating(self):
        names = self.form(3)
        self.assertEqual(self.run_all("Rotating", self.places()), 3)
        wait(lambda: all(self.newest(n) == 3 for n in names), 5)

    def test_a_stolen_node_in_one_step(self):
        names = self.form(5)
        self.settle()
        evict = commands("A stolen node")[0]
        self.assertEqual(evict[1], "evict")
        self.place.run(*self.fill(evict, self.places()))
        wait(lambda: all(self.place.states(n)["n5"]["state"] == "evicted" for n in names[:4]), 2)
        wait(lambda: all(self.newest(n) == 2 for n in names[:4]), 5)

    def test_a_stolen_node_by_an_order(self):
        names = self.form(5)
        self.assertEqual(self.run_all("A stolen node", self.places(), skip=["evict"]), 3)
        wait(lambda: all(self.place.states(n)["n5"]["state"] == "evicted" for n in names[:4]), 2)
        wait(lambda: all(self.newest(n) == 2 for n in names[:4]), 5)

    def test_a_leaked_epoch_key(self):
        names = self.form(3)
        self.assertEqual(self.run_all("A leaked epoch key", self.places(), skip=["--watch"]), 1)
        wait(lambda: all(self.keys(n)["retired_floor"] == "1" for n in names), 10)

    def test_a_half_finished_rotation(self):
        """The command is killed once the epoch is announced, while a member does not run."""
        p, names = self.place, self.form(4)
        p.agents["n4"].kill()
        p.agents["n4"].wait()
        self.settle()
        with subprocess.Popen([PROGRAM, "keys", "rotate", "--keep", "--dir", p.path("n1")], stdout=subprocess.PIPE) as rotate:
            rotate.stdout.readline()  # announced
            rotate.kill()
        p.start("n4", join=["n1"], more=self.more)
        wait(lambda: self.newest("n4") == 2, 10)
        wait(lambda: p.all_alive(names), 20)
        self.assertEqual(self.keys("n1")["retired_floor"], "0")
        ran = self.run_all("A half-finished rotation", self.places(n9="n4", **{"6": "1"}))
        self.assertEqual(ran, 3)
        wait(lambda: all(self.keys(n)["retired_floor"] == "1" for n in names), 10)

    def test_a_lost_authority_key(self):
        names = self.form(2)
        p = self.place
        backup = p.path("k.backup")
        p.run("authority", "backup", "--authority", p.path("authority"), "--out", backup)
        os.rename(p.path("authority"), p.path("gone"))
        places = self.places(**{"authority-2026-11-21.backup": backup, "NODEDIR-2": p.path("second"),
                                "authority-2": p.path("authority-2"), "pass.txt": p.path("pass.txt")})
        with open(p.path("pass.txt"), "w", encoding="ascii", opener=lambda f, flags: os.open(f, flags, 0o600)) as out:
            out.write("tundra-ANVIL-7731-mosaic-plinth-quorum")
        for words in commands("A lost authority key"):
            filled = self.fill(words, places)
            if filled[0] == "agent":
                continue  # its address is an example
            if filled[:2] == ["authority", "admit"]:
                filled += ["--passphrase-file", places["pass.txt"]]
            p.run(*filled)
        p.run("authority", "admit", "--authority", p.path("authority"), "--renew", "n2", "--out", p.path("b"))
        p.run("node", "renew", "--dir", p.path("n2"), p.path("b"))
        self.assertTrue(p.all_alive(names))
        p.start("second", bootstrap=True, more=self.more)
        wait(lambda: (p.ask("second", "status") or {}).get("joined"), 10)


if __name__ == "__main__":
    end_well_on_signals()
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
