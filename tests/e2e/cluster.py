#!/usr/bin/env python3
"""Real agents on loopback: formation, failure, recovery, refusals, hostile bytes, bad input.

    cluster.py PATH_TO_QUORUMOR
"""
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agents import Place, free_port, wait  # noqa: E402

PROGRAM = ""


class WithPlace(unittest.TestCase):
    host = "127.0.0.1"

    def setUp(self):
        self.place = Place(PROGRAM, self.host)
        self.addCleanup(self.place.close)


class Cluster(WithPlace):
    def test_five_agents_find_each_other_notice_a_kill_and_take_the_member_back(self):
        p = self.place
        names, took = p.cluster(5)
        self.assertLess(took, 3.0)
        generation = int(p.states("n1")["n5"]["generation"])
        p.agents["n5"].kill()
        p.agents["n5"].wait()
        survivors = names[:-1]
        wait(lambda: all(p.states(n)["n5"]["state"] == "dead" for n in survivors), 15)
        for n in survivors:
            others = [m["state"] for name, m in p.states(n).items() if name != "n5"]
            self.assertEqual(others, ["alive"] * 4)
        self.explained(survivors, "n5")
        p.start("n5", join=["n1"])
        self.assertLess(wait(lambda: p.all_alive(names), 10), 3.0)
        self.assertGreater(int(p.states("n1")["n5"]["generation"]), generation)

    def explained(self, survivors, victim):
        """Every survivor can say why it holds the victim for dead."""
        p = self.place
        for n in survivors:
            why = json.loads(p.run("why", victim, "--dir", p.path(n), "--json"))
            self.assertEqual((why["name"], why["state"], why["missing"]), (victim, "dead", []))
            accusers = {a["name"] for a in why["accusers"] if a["counts"]}
            self.assertGreaterEqual(len(accusers), why["tally"]["needed"])
            self.assertLessEqual(accusers, set(survivors))
            self.assertEqual(why["last_look"]["result"], "failed")
            self.assertGreaterEqual(why["last_look"]["ended_ms"], why["since_ms"])
            text = p.run("why", victim, "--dir", p.path(n))
            self.assertRegex(text, rf"^{victim} is dead for .*, last look unanswered\n")
            self.assertRegex(text, r"(?m)^last look +not answered, ")
            for name in accusers:
                self.assertRegex(text, rf"(?m)^{name}\*? +\d.* ago +\d")

    def test_members_status_and_events_have_what_they_promise(self):
        p = self.place
        p.cluster(3)
        for m in json.loads(p.run("members", "--dir", p.path("n2"), "--json")):
            for key in ("id", "name", "state", "generation", "incarnation", "endpoints", "zone"):
                self.assertIn(key, m)
            self.assertIsInstance(m["generation"], str)
            self.assertIsInstance(m["phi"], (int, float))
            self.assertIsInstance(m["round_trip_us"], (int, type(None)))
        status = json.loads(p.run("status", "--dir", p.path("n2"), "--json"))
        for key in ("cluster", "label", "id", "name", "epoch", "health", "counts", "observers", "counters"):
            self.assertIn(key, status)
        metrics = p.run("metrics", "--dir", p.path("n2"))
        self.assertRegex(metrics, r'(?m)^quorumor_members\{state="alive"\} 3$')
        self.assertRegex(metrics, r"quorumor_credential_expiry_seconds \d+\n")
        self.assertEqual(set(status["observers"]), {"n", "m", "k", "tolerated", "quorum"})
        self.assertEqual(status["name"], "n2")
        events = p.run("events", "--dir", p.path("n2"), "--since", "0", "--count", "3", "--json").splitlines()
        self.assertEqual(len(events), 3)
        for line in events:
            for key in ("time", "event", "member", "reason"):
                self.assertIn(key, json.loads(line))

    def test_an_agent_runs_by_its_file_alone(self):
        p = self.place
        p.authority()
        p.node("n1", roles=["keymaster"])
        p.ports["n1"] = free_port()
        file = p.path("agent.toml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(f"dir = '{p.path('n1')}'\nbind = '{p.address('n1')}'\npreset = 'local'\nlog = 'json'\n"
                      "leave_linger = '200ms'\n[bootstrap]\nbeta = 0.2\n")
        with open(p.path("n1") + ".log", "wb") as log:
            p.agents["n1"] = subprocess.Popen([PROGRAM, "agent", "--config", file, "--bootstrap"], stderr=log)
        wait(lambda: p.ask("n1", "status"), 10)
        self.assertEqual(p.ask("n1", "status")["listening"], [p.address("n1")])
        p.agents["n1"].terminate()
        self.assertEqual(p.agents["n1"].wait(timeout=10), 0)
        self.assertTrue(all(json.loads(line) for line in p.log("n1").splitlines()))

    def test_an_event_sent_at_one_agent_appears_at_all_once(self):
        p = self.place
        names, _ = p.cluster(4)
        p.run("event", "deploy", "v1.2 ready", "--dir", p.path("n3"), "--ttl", "30")
        done = subprocess.run([PROGRAM, "event", "raw", "-", "--dir", p.path("n2")], input=b"\x00\xff",
                              capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        wait(lambda: all(p.ask(n, "status")["counters"]["events_delivered"] == "2" for n in names), 10)
        time.sleep(2)  # enough for every retransmission
        for n in names:
            users = {}
            with subprocess.Popen([PROGRAM, "events", "--dir", p.path(n), "--since", "0", "--json"],
                                  stdout=subprocess.PIPE, text=True) as reader:
                while len(users) < 2:  # whatever else has happened before
                    user = json.loads(reader.stdout.readline())
                    if user["user_event"]:
                        users[user["user_event"]["name"]] = user
                reader.kill()
            self.assertEqual(p.ask(n, "status")["counters"]["events_delivered"], "2")
            self.assertEqual(users["deploy"]["member"], "n3")
            self.assertEqual(users["deploy"]["user_event"]["payload"], "v1.2 ready")
            self.assertEqual(users["raw"]["user_event"]["payload"], "AP8=")
            self.assertEqual(users["raw"]["user_event"]["payload_encoding"], "base64")

    def test_leave_is_not_a_failure_and_ends_the_agent(self):
        p = self.place
        p.cluster(3)
        p.run("leave", "--dir", p.path("n3"))
        self.assertEqual(p.agents["n3"].wait(timeout=10), 0)
        wait(lambda: all(p.states(n)["n3"]["state"] == "left" for n in ("n1", "n2")), 5)

    def test_sigterm_leaves(self):
        p = self.place
        p.cluster(3)
        p.agents["n2"].send_signal(signal.SIGTERM)
        self.assertEqual(p.agents["n2"].wait(timeout=10), 0)
        wait(lambda: all(p.states(n)["n2"]["state"] == "left" for n in ("n1", "n3")), 5)

    def test_join_by_command(self):
        p = self.place
        p.cluster(2)
        p.node("late")
        p.ports["nowhere"] = 9  # discard: nobody listens
        p.start("late", join=["nowhere"])
        wait(lambda: p.ask("late", "status"), 10)
        p.run("join", "--dir", p.path("late"), p.address("n2"))
        wait(lambda: p.all_alive(["n1", "n2", "late"]), 5)

    def test_a_stopped_process_refutes_when_it_wakes(self):
        p = self.place
        names, _ = p.cluster(4, more=["--preset", "local"])
        p.agents["n3"].send_signal(signal.SIGSTOP)
        wait(lambda: p.states("n1")["n3"]["state"] in ("suspect", "dead"), 10)
        p.agents["n3"].send_signal(signal.SIGCONT)
        wait(lambda: p.all_alive(names), 15)

    def test_garbage_and_replays_change_nothing_but_counters(self):
        p = self.place
        names, _ = p.cluster(3)
        before = p.states("n1")
        draw = random.Random(3)
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            for i in range(3000):
                udp.sendto(b"\x51" + draw.randbytes(draw.randrange(0, 1400)), ("127.0.0.1", p.ports["n1"]))
                if i % 20 == 0:
                    time.sleep(0.002)
        with socket.create_connection(("127.0.0.1", p.ports["n1"])) as tcp:
            tcp.sendall(draw.randbytes(5000))
        time.sleep(1)
        self.assertTrue(p.all_alive(names))
        after = p.states("n1")
        for name, m in before.items():
            self.assertEqual(m["incarnation"], after[name]["incarnation"])
        dropped = p.ask("n1", "status")["counters"]["dropped"]
        self.assertGreater(sum(int(v) for v in dropped.values()), 2500)


class ClusterV6(WithPlace):
    host = "::1"

    def test_a_cluster_on_ipv6(self):
        _, took = self.place.cluster(3)
        self.assertLess(took, 3.0)


class Refusals(WithPlace):
    def refused(self, name, words):
        p = self.place
        agent = p.start(name, join=["n1"])
        self.assertEqual(agent.wait(timeout=15), 1)
        self.assertIn(words, p.log(name))
        self.assertEqual(len(p.states("n1")), 1)

    def test_strangers(self):
        p = self.place
        p.authority()
        p.node("n1", roles=["keymaster"])
        p.start("n1", bootstrap=True)
        wait(lambda: p.ask("n1", "status"), 10)
        p.authority("foreign")
        p.node("stranger", authority="foreign")
        self.refused("stranger", "another cluster")
        p.authority("other-label", label="other", source="authority")
        p.node("cousin", authority="other-label")
        self.refused("cousin", "another cluster")
        p.node("bygone", not_after=int(time.time()) - 3 * 3600)
        self.refused("bygone", "expired")
        p.run("node", "init", "--dir", p.path("nobody"))
        self.refused("nobody", "no credential")


class BadInput(WithPlace):
    def setUp(self):
        super().setUp()
        self.place.authority()
        self.place.node("n1", roles=["keymaster"])

    def fails(self, words, code, *needles, preexec=None):
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, preexec_fn=preexec, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        for needle in needles:
            self.assertIn(needle, lines[0])

    def test_unknown_subcommand_is_named(self):
        self.fails([PROGRAM, "mebers"], 2, "mebers", "members")
        self.fails([PROGRAM, "members", "--dirr", "x"], 2, "--dirr")

    def test_an_event_that_cannot_be_sent(self):
        p = self.place
        event = [PROGRAM, "event", "--dir", p.path("n1")]
        self.fails([*event, "deploy", "x" * 600], 2, "600", "512")
        self.fails([*event, "Deploy"], 2, "Deploy")
        self.fails([*event, "deploy", "--ttl", "4000"], 2, "--ttl", "3600")
        self.fails([*event, "deploy", "--tl", "3"], 2, "--tl", "--ttl")
        self.fails([*event, "deploy"], 1, p.path("n1"), "no agent runs")

    def test_why_about_nobody(self):
        p = self.place
        self.fails([PROGRAM, "why", "n1"], 2, "--dir")
        self.fails([PROGRAM, "why", "--dir", p.path("n1")], 2, "NAME")
        self.fails([PROGRAM, "why", "N 1", "--dir", p.path("n1")], 2, "N 1")
        self.fails([PROGRAM, "why", "n1", "--dir", p.path("n1")], 1, p.path("n1"), "no agent runs")
        p.start("n1", bootstrap=True)
        wait(lambda: p.ask("n1", "status"), 10)
        self.fails([PROGRAM, "why", "n2", "--dir", p.path("n1")], 1, "n2", "did you mean 'n1'")

    def test_port_in_use(self):
        p = self.place
        words = p.agent_words("n1", bootstrap=True)
        with socket.socket(type=socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", p.ports["n1"]))
            self.fails(words, 1, str(p.ports["n1"]), "in use")

    def test_a_second_agent_on_one_directory(self):
        p = self.place
        p.start("n1", bootstrap=True)
        wait(lambda: p.ask("n1", "status"), 10)
        del p.ports["n1"]
        self.fails(p.agent_words("n1", bootstrap=True), 1, p.path("n1"))

    def test_key_files_missing_readable_by_others_or_damaged(self):
        p = self.place
        words = p.agent_words("n1", bootstrap=True)
        identity = os.path.join(p.path("n1"), "identity")
        with open(identity, "rb") as f:
            whole = f.read()
        os.chmod(identity, 0o644)
        self.fails(words, 1, identity, "chmod")
        os.chmod(identity, 0o600)
        with open(identity, "r+b") as f:
            f.seek(20)
            f.write(b"\xff\x00\xff")
        self.fails(words, 1, identity, "damaged")
        with open(identity, "wb") as f:
            f.write(whole)
        os.rename(identity, identity + ".away")
        self.fails(words, 1, identity)

    def test_a_full_disk_while_persisting_the_generation(self):
        p = self.place

        def tiny_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))

        self.fails(p.agent_words("n1", bootstrap=True), 1, "generation", preexec=tiny_files)
        p.start("n1", bootstrap=True)  # nothing was lost
        wait(lambda: p.ask("n1", "status"), 10)

    def test_no_ring_and_no_way_to_get_one(self):
        self.fails(self.place.agent_words("n1"), 2, "--join", "--bootstrap")

    def test_no_agent_to_talk_to(self):
        p = self.place
        self.fails([PROGRAM, "members", "--dir", p.path("n1")], 1, p.path("n1"))
        self.fails([PROGRAM, "members", "--dir", p.path("nothing")], 1, p.path("nothing"))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
