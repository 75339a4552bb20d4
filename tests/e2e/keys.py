#!/usr/bin/env python3
"""Keys for life, with real agents: rotation, the way back, renewal, eviction, sealed directories.

    keys.py PATH_TO_QUORUMOR

One machine, loopback, preset local. The long form of the first part is tests/e2e/rotation.py (scripts/rotation).
"""
import json
import os
import signal
import sys
import time
import unittest

from agents import Place, end_well_on_signals, wait

PROGRAM = ""
PASSPHRASE = "tundra-ANVIL-7731-mosaic-plinth-quorum"


def keys_of(place, name):
    return place.ask(name, "keys") or {"epochs": [], "alive": 0, "laggards": []}


def newest(place, name):
    live = [int(e["epoch"]) for e in keys_of(place, name)["epochs"] if e["state"] == "newest"]
    return live[0] if live else 0


class Keys(unittest.TestCase):
    def setUp(self):
        self.place = Place(PROGRAM)
        self.addCleanup(self.place.close)
        self.config = self.place.path("agent.toml")
        with open(self.config, "w", encoding="utf-8") as out:
            out.write("preset = 'local'\nlog = 'json'\n[bootstrap]\nepoch_interval_min = '1s'\n")
        self.more = ["--config", self.config]

    def form(self, n):
        names, _ = self.place.cluster(n, more=self.more)
        return names

    def json(self, *words):
        return json.loads(self.place.run(*words, "--json"))

    def rotate(self, *more, at="n1"):
        wait(lambda: keys_of(self.place, at).get("rotation_allowed_in_ms") == 0, 10)
        return self.json("keys", "rotate", "--dir", self.place.path(at), *more)

    def fails(self, says, *words):
        done = self.place.call(*words)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in says:
            self.assertIn(part, done.stderr)

    def kill(self, name):
        self.place.agents[name].kill()
        self.place.agents[name].wait()

    def back(self, name, more=(), alive=None):
        """Starts it again with the command that started it first; waits until everybody sees everybody."""
        self.place.start(name, join=["n1"] if name != "n1" else ["n2"], more=[*self.more, *more])
        wait(lambda: self.place.all_alive(alive), 20)

    def test_rotation(self):
        p, names = self.place, self.form(5)
        done = self.rotate()
        self.assertEqual((done["epoch"], done["holders"], done["alive"], done["retired_through"]), ("2", 5, 5, "1"))
        self.assertLess(done["seconds"], 3)
        wait(lambda: all(keys_of(p, n)["retired_floor"] == "1" for n in names), 10)
        done = self.rotate("--suite", "aes-256-gcm", "--keep")
        self.assertNotIn("retired_through", done)
        for n in names:
            wait(lambda n=n: newest(p, n) == 3, 3)
            self.assertEqual([e["suite"] for e in keys_of(p, n)["epochs"] if e["state"] == "newest"], ["aes-256-gcm"])
        p.run("keys", "retire", "2", "--dir", p.path("n1"))
        wait(lambda: all(keys_of(p, n)["retired_floor"] == "2" for n in names), 10)
        for n in names:
            status = p.ask(n, "status")
            self.assertEqual(status["counters"]["dropped"]["unknown_epoch"], "0", n)
            self.assertEqual(status["counts"]["alive"], 5, n)
            self.assertEqual(status["counters"]["refutations"], "0", n)
        listed = p.run("keys", "list", "--dir", p.path("n2"))
        self.assertRegex(listed, r"(?m)^3 +newest +\d+s +5 of 5 +\d+ +aes-256-gcm +n1$")
        self.assertIn("quorumor_epoch 3\n", p.run("metrics", "--dir", p.path("n2")))
        self.assertRegex(p.run("metrics", "--dir", p.path("n1")), r"quorumor_rotations_total 2\n")

    def test_refusals(self):
        p = self.place
        self.form(2)
        self.fails(["role keymaster", "authority admit --renew n2"], "keys", "rotate", "--dir", p.path("n2"))
        self.fails(["role keymaster"], "keys", "retire", "1", "--dir", p.path("n2"))
        self.rotate("--epoch-interval-min", "1h")
        self.fails(["minimum interval", "rotate in "], "keys", "rotate", "--dir", p.path("n1"))
        self.fails(["newest epoch"], "keys", "retire", "2", "--dir", p.path("n1"))
        self.fails(["announced already"], "keys", "retire", "1", "--dir", p.path("n1"))
        done = p.call("keys", "rotate", "--dir", p.path("n1"), "--suite", "rot13")
        self.assertNotEqual(done.returncode, 0)

    def test_away_for_rotations_and_back_and_a_lost_ring(self):
        p, names = self.place, self.form(4)
        self.kill("n4")
        for _ in range(5):
            self.rotate()
        self.back("n4", alive=names)
        wait(lambda: newest(p, "n4") == 6, 5)
        self.kill("n3")
        os.remove(os.path.join(p.path("n3"), "ring"))
        self.back("n3", alive=names)
        ring = os.path.join(p.path("n3"), "ring")
        wait(lambda: newest(p, "n3") == 6 and os.path.exists(ring), 5)
        # A damaged one, or another cluster's, is a clear line and stays as it is.
        self.kill("n3")
        with open(ring, "rb") as whole:
            content = whole.read()
        for damaged in (content[:-7], content[:50] + bytes([content[50] ^ 1]) + content[51:]):
            with open(ring, "wb") as out:
                out.write(damaged)
            self.fails(["ring is damaged"], *p.agent_words("n3", ["n1"], more=self.more)[1:])
            with open(ring, "rb") as left:
                self.assertEqual(left.read(), damaged)
        with open(ring, "wb") as out:
            out.write(content)
        self.back("n3", alive=names)

    def test_renewal_without_a_restart(self):
        p, names = self.place, self.form(3)
        before = p.ask("n2", "status")
        bundle = p.path("n2.bundle")
        p.run("authority", "admit", "--authority", p.path("authority"), "--renew", "n2", "--role", "keymaster", "--days",
              "3", "--out", bundle)
        renewed = self.json("node", "renew", "--dir", p.path("n2"), bundle)
        self.assertTrue(renewed["running"])
        after = p.ask("n2", "status")
        self.assertEqual((after["id"], after["pid"], after["serial"]), (before["id"], before["pid"], renewed["serial"]))
        self.assertEqual(after["credential"]["warning"], "7_days")
        self.assertIn("expires in 2 days", p.log("n2"))
        self.assertTrue(p.all_alive(names))
        wait(lambda: keys_of(p, "n2")["keymaster"], 5)
        self.rotate(at="n2")  # with its new role, which the others know of by now
        wait(lambda: all(newest(p, n) == 2 for n in names), 5)
        self.fails(["no newer"], "node", "renew", "--dir", p.path("n2"), self.stale(bundle))

    def stale(self, bundle):
        """A bundle older than what is installed: the first one of n2, taken from a renewal that came in between."""
        newer = bundle + ".newer"
        self.place.run("authority", "admit", "--authority", self.place.path("authority"), "--renew", "n2", "--out", newer)
        self.place.run("node", "renew", "--dir", self.place.path("n2"), newer)
        return bundle

    def test_evict(self):
        p, names = self.place, self.form(5)
        honest = names[:4]
        begun = time.monotonic()
        done = self.json("evict", "n5", "--dir", p.path("n1"), "--authority", p.path("authority"), "--reason", "stolen")
        wait(lambda: all(p.states(n)["n5"]["state"] == "evicted" for n in honest), 2)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual((done["epoch"], done["holders"], done["alive"]), ("2", 4, 4))
        self.assertEqual(p.agents["n5"].wait(timeout=5), 1)
        self.assertIn("revoked", p.log("n5"))
        # It says so at its own start, and where it forgot it, the others still know; a restart of all changes nothing.
        self.fails(["revoked the credential of this node", "stolen"], *p.agent_words("n5", ["n1"], more=self.more)[1:])
        for n in honest:
            self.kill(n)
        for n in honest:
            p.start(n, join=[h for h in honest if h != n][:2], more=self.more)
        wait(lambda: p.all_alive(honest), 20)
        os.remove(os.path.join(p.path("n5"), "verdicts"))
        p.start("n5", join=honest, more=self.more)
        time.sleep(3)
        self.assertTrue(all(newest(p, n) == 2 for n in honest))
        self.assertLess(newest(p, "n5"), 2)
        for n in honest:
            self.assertEqual(p.ask(n, "status")["revocations"], 1, n)
            self.assertNotEqual(p.states(n).get("n5", {"state": "evicted"})["state"], "alive")
        self.assertIn("quorumor_revocations 1\n", p.run("metrics", "--dir", p.path("n1")))

    def test_revoke_and_force_leave_by_file(self):
        p, names = self.place, self.form(3)
        authority = ["--authority", p.path("authority")]
        generation = p.states("n1")["n3"]["generation"]
        p.run("authority", "force-leave", "n3", "--generation", generation, *authority, "--out", p.path("left"))
        p.run("authority", "revoke", "n2", *authority, "--reason", "sold", "--out", p.path("order"))
        self.fails(["forced leave", "quorumor force-leave"], "revoke", p.path("left"), "--dir", p.path("n1"))
        self.kill("n3")
        p.run("force-leave", p.path("left"), "--dir", p.path("n1"))
        wait(lambda: all(p.states(n)["n3"]["state"] == "left" for n in names[:2]), 5)
        p.run("revoke", p.path("order"), "--dir", p.path("n1"))
        self.assertEqual(p.agents["n2"].wait(timeout=5), 1)
        p.authority("other", label="other")
        p.run("authority", "revoke", "ab" * 16, "--authority", p.path("other"), "--reason", "x", "--out", p.path("foreign"))
        self.fails(["another cluster"], "revoke", p.path("foreign"), "--dir", p.path("n1"))

    def test_sealed_agents(self):
        p, names = self.place, self.form(3)
        with open(p.path("pw"), "w", encoding="ascii", opener=lambda f, flags: os.open(f, flags, 0o600)) as out:
            out.write(PASSPHRASE)
        self.fails(["already running"], "node", "seal", "--dir", p.path("n2"), "--passphrase-file", p.path("pw"))
        p.agents["n2"].send_signal(signal.SIGTERM)
        p.agents["n2"].wait(timeout=10)
        p.run("node", "seal", "--dir", p.path("n2"), "--passphrase-file", p.path("pw"))
        self.back("n2", more=["--passphrase-file", p.path("pw")], alive=names)
        self.rotate()
        wait(lambda: newest(p, "n2") == 2, 5)
        with open(os.path.join(p.path("n2"), "ring"), "rb") as ring:
            self.assertEqual(ring.read(6), b"QRNGS1")
        for name in ("n1", "n2", "n3"):
            self.assertNotIn(PASSPHRASE, p.log(name))
            self.assertNotIn(PASSPHRASE, json.dumps(p.ask(name, "status")))
        self.kill("n2")
        self.back("n2", more=["--passphrase-file", p.path("pw")], alive=names)
        self.assertEqual(newest(p, "n2"), 2)


if __name__ == "__main__":
    end_well_on_signals()
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
