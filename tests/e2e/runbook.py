#!/usr/bin/env python3
"""The runbook of docs/OPERATIONS.md, command by command, against real agents.

    runbook.py PATH_TO_QUORUMOR

Each test reads its section's `sh` blocks out of the document and runs the lines that a machine can run, with the
document's placeholders filled in: a command that is renamed, or a section that is dropped, fails here.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import unittest

from agents import Place, end_well_on_signals, wait

PROGRAM = ""
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "OPERATIONS.md")


def blocks(section):
    """The lines of each of the section's shell blocks, comments taken off."""
    with open(DOCUMENT, encoding="utf-8") as document:
        text = document.read()
    found = re.search(rf"^### {re.escape(section)}\n(.*?)(?=^##)", text, re.M | re.S)
    assert found, f"no section '{section}' in docs/OPERATIONS.md"
    return [[words for line in block.splitlines()
             if (words := shlex.split(line, comments=True)) and words[0] == "quorumor"]
            for block in re.findall(r"^```sh\n(.*?)^```", found.group(1), re.M | re.S)]


def commands(section):
    return [words for block in blocks(section) for words in block]


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

    def settle(self, name="n1"):
        wait(lambda: self.keys(name).get("rotation_allowed_in_ms") == 0, 10)

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

    def test_a_cluster_that_was_split(self):
        """Split in time: while one half runs and rotates, the other does not run; then the other way round."""
        p, names = self.place, self.form(4)
        p.run("authority", "admit", "--authority", p.path("authority"), "--renew", "n3", "--role", "keymaster", "--out",
              p.path("b"))
        p.run("node", "renew", "--dir", p.path("n3"), p.path("b"))
        time.sleep(11)  # each has written down whom it knows
        for running, others in (("n1", "n2"), ("n3", "n4")):
            self.end([n for n in names if n not in (running, others)])
            for name in (running, others):
                if p.agents[name].poll() is not None:
                    p.start(name, join=[others if name == running else running], more=self.more)
            wait(lambda: p.all_alive_of((running, others)), 20)
            self.settle(running)
            with subprocess.Popen([PROGRAM, "keys", "rotate", "--keep", "--dir", p.path(running)],
                                  stdout=subprocess.PIPE) as rotate:
                rotate.stdout.readline()  # announced
                rotate.kill()
            wait(lambda: self.newest(running) == 2 and self.newest(others) == 2, 10)
            time.sleep(1)  # rings are written behind: a kill a millisecond later would take the epoch with it
        for name in ("n1", "n2"):
            p.start(name, join=["n3"], more=self.more)
        wait(lambda: p.all_alive(names), 30)

        def second(name):
            return [e for e in self.keys(name)["epochs"] if e["epoch"] == "2"]

        wait(lambda: all(len(second(n)) == 2 for n in names), 20)
        wait(lambda: len({next((e["commitment"] for e in second(n) if e["state"] == "newest"), n) for n in names}) == 1, 20)
        self.assertEqual(self.run_all("A cluster that was split during a rotation", self.places()), 2)
        wait(lambda: all(self.newest(n) == 3 for n in names), 10)

    # --- the authority's key -------------------------------------------------------------------------------------------

    LOST = "A lost authority key"

    def sealed_places(self, **more):
        """Places of the two sections on the authority's key; their passphrase, which seals what it is given for."""
        p = self.place
        with open(p.path("pass.txt"), "w", encoding="ascii", opener=lambda f, flags: os.open(f, flags, 0o600)) as out:
            out.write("tundra-ANVIL-7731-mosaic-plinth-quorum")
        names = ["authority-2026-11-21.backup", "authority-restored", "authority-2", "authority-3", "standby", "standby-2",
                 "pass.txt", "n2.bundle", "n3.revoked", "n4.bundle"]
        return self.places(**{name: p.path(name) for name in names}, **more)

    def end(self, names):
        for name in names:
            if self.place.agents[name].poll() is None:
                self.place.agents[name].kill()
                self.place.agents[name].wait()

    def run_block(self, block, places):
        for words in block:
            filled = self.fill(words, places)
            if filled[0] != "agent":  # its address is an example
                self.place.run(*filled)

    def start_second(self, name):
        self.place.start(name, bootstrap=True, more=self.more)
        wait(lambda: (self.place.ask(name, "status") or {}).get("joined"), 10)

    def test_a_lost_authority_key_with_a_backup(self):
        names = self.form(2)
        p, places = self.place, self.sealed_places()
        prepared, restored = blocks(self.LOST)[:2]
        self.run_block(prepared, places)
        shutil.rmtree(p.path("authority"))
        self.run_block(restored, places)
        p.run("authority", "admit", "--authority", p.path("authority-restored"), "--renew", "n2", "--out", p.path("b"))
        p.run("node", "renew", "--dir", p.path("n2"), p.path("b"))
        self.assertTrue(p.all_alive(names))

    def test_a_lost_authority_key_with_a_standby(self):
        names = self.form(3)
        p = self.place
        p.run("node", "init", "--dir", p.path("n4"))
        token = json.loads(p.run("node", "show", "--dir", p.path("n4"), "--json"))["request"]
        places = self.sealed_places(**{"NODEDIR-4": p.path("n4"), "NODEDIR-2": p.path("n2"), "TOKEN": token})
        prepared, taken_over = blocks(self.LOST)[0], blocks(self.LOST)[2]
        self.run_block(prepared, places)
        cluster = p.ask("n1", "status")["cluster"]
        before = {n: p.ask(n, "status")["serial"] for n in names}
        shutil.rmtree(p.path("authority"))
        self.run_block(taken_over, places)

        wait(lambda: all(p.states(n).get("n3", {}).get("state") == "evicted" for n in ("n1", "n2")), 5)
        self.assertNotEqual(p.agents["n3"].wait(10), 0)  # it was shown the standby's word, and ended
        self.assertGreater(int(p.ask("n2", "status")["serial"]), int(before["n2"]))
        self.assertEqual(p.ask("n1", "status")["serial"], before["n1"])  # the old credential goes on
        p.start("n4", join=["n1"], more=self.more)
        left = ["n1", "n2", "n4"]
        wait(lambda: p.all_alive_of(left), 20)
        key = json.loads(p.run("authority", "show", "--authority", p.path("standby"), "--json"))["key"]
        for name in left:
            status = p.ask(name, "status")
            self.assertEqual((status["cluster"], status["standby_authorities"]), (cluster, [key]))
        self.assertIn("a standby authority may admit and revoke from now on (key " + key, p.log("n1"))

        self.end(left)
        for name in left:
            p.start(name, join=[n for n in left if n != name], more=self.more)
        wait(lambda: p.all_alive_of(left), 30)
        for name in left:
            status = p.ask(name, "status")
            self.assertEqual((status["standby_authorities"], status["revocations"]), ([key], 1))
        self.assertEqual(p.start("n3", join=["n1"], more=self.more).wait(10), 1)  # it remembers who revoked it

        # And the standby's own standby, with the key sealed by nothing, evicts in one step.
        self.settle()
        p.run("evict", "n4", "--dir", p.path("n1"), "--authority", p.path("standby-2"), "--reason", "test")
        wait(lambda: all(p.states(n)["n4"]["state"] == "evicted" for n in ("n1", "n2")), 5)
        self.assertEqual(len(p.ask("n2", "status")["standby_authorities"]), 2)

    def test_a_lost_authority_key_with_neither(self):
        self.form(2)
        places = self.sealed_places(**{"NODEDIR-new": self.place.path("second")})
        self.run_block(blocks(self.LOST)[3], places)
        self.start_second("second")
        self.assertTrue(self.place.all_alive(["n1", "n2"]))

    def test_a_leaked_authority_key(self):
        self.form(2)
        p = self.place
        self.run_block(commands("A leaked authority key"), self.sealed_places(**{"NODEDIR-clean": p.path("clean")}))
        self.start_second("clean")
        p.node("thief")  # of the old authority: whatever that signs counts for nothing here
        p.start("thief", join=["clean"], more=self.more)
        wait(lambda: "it is in another cluster" in p.log("thief"), 10)
        self.assertEqual(set(p.states("clean")), {"n1"})


if __name__ == "__main__":
    end_well_on_signals()
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
