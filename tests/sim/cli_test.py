#!/usr/bin/env python3
"""quorumor-sim as a person or a script calls it: one clear line for each mistake, exit codes, JSON, page, traces.

    cli_test.py PATH_TO_QUORUMOR_SIM [unittest's own words]
"""
import html.parser
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
SMALL = """\
description = "Three members; one crashes."
duration = "12s"
warm_up = "1s"

[cluster]
nodes = 3

[[action]]
do = "crash"
at = "1s"
who = "n2"

[expect]
undetected = "= 0"
"""


class Loads(html.parser.HTMLParser):
    """What a browser would fetch for a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found += [f"<{tag} {k}={v}>" for k, v in attributes
                       if k in ("src", "href", "data", "poster", "srcset", "action")]


class Sim(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="quorumor-sim-")
        self.addCleanup(folder.cleanup)
        self.at = pathlib.Path(folder.name)
        (self.at / "small.toml").write_text(SMALL)

    def run_program(self, *words):
        return subprocess.run([PROGRAM, *map(str, words)], cwd=self.at, text=True, capture_output=True, timeout=240)

    def ok(self, *words):
        done = self.run_program(*words)
        self.assertEqual(done.returncode, 0, done)
        return done

    # One line on stderr that has all of `says`, and nothing on stdout: nothing was run.
    def refused(self, code, says, *words):
        done = self.run_program(*words)
        self.assertEqual(done.returncode, code, done)
        self.assertEqual(done.stdout, "", done)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done)
        self.assertTrue(lines[0].startswith("quorumor-sim: "), done)
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, lines[0])

    def scenario(self, text, name="bad.toml"):
        (self.at / name).write_text(text)
        return name


class Mistakes(Sim):
    def test_commands_and_options(self):
        self.refused(2, "run", "rnu", "crash")
        self.refused(2, "--runs", "run", "small.toml", "--rums", "2")
        self.refused(2, "SCENARIO", "run")
        self.refused(2, "--over", "sweep", "small.toml")
        self.refused(2, "--runs", "run", "small.toml", "--runs", "0")
        self.refused(2, "--seed", "run", "small.toml", "--seed", "-1")
        self.refused(2, "--seeds", "swarm", "--seeds", "many")
        self.refused(2, "--nodes-most", "swarm", "--nodes-most", "3")
        self.assertEqual(self.run_program().returncode, 2)
        self.assertIn("quorumor-sim list", self.ok("--help").stdout)

    def test_names(self):
        self.refused(2, "did you mean 'partition'?", "run", "partitoin")
        self.refused(2, "no file and no built-in scenario", "run", "absent.toml")
        self.refused(2, "no file and no built-in scenario", "show", "absent")

    def test_overrides(self):
        self.refused(2, "KEY=VALUE", "run", "small.toml", "--set", "cluster.nodes")
        self.refused(2, ["cluster.nodez", "nodes"], "run", "small.toml", "--set", "cluster.nodez=4")
        self.refused(2, "number 2", "run", "small.toml", "--set", "action.2.who=n1")
        self.refused(2, "KEY=A,B,C", "sweep", "small.toml", "--over", "cluster.nodes")
        self.refused(2, "empty", "sweep", "small.toml", "--over", "cluster.nodes=3,,4")
        self.refused(2, "combinations", "sweep", "small.toml", "--over", "seed=" + ",".join(map(str, range(1001))))

    # Each key names its line, what is allowed or was probably meant.
    def test_scenarios(self):
        for text, says in (
            ("duratoin = \"3s\"\n", ["bad.toml:1", "did you mean 'duration'?"]),
            ("duration = \"3\"\n", ["bad.toml:1", "duration"]),
            ("[cluster]\nnodes = 0\n", ["bad.toml:2", "cluster.nodes"]),
            ("[cluster]\nnodes = -5\n", ["bad.toml:2", "cluster.nodes"]),
            ("[network]\nloss = \"101%\"\n", ["bad.toml:2", "network.loss", "100%"]),
            ("[network]\nloss = 1.5\n", ["bad.toml:2", "network.loss"]),
            ("[cluster]\nbeta = \"40%\"\n", ["bad.toml:2", "33%"]),
            ("[clutser]\nnodes = 3\n", ["did you mean [cluster]?"]),
            ("[[action]]\ndo = \"crush\"\n", ["did you mean \"crash\"?"]),
            ("[[action]]\ndo = \"crash\"\nat = \"1s\"\n", ["`who` is missing"]),
            ("[[action]]\ndo = \"crash\"\nat = \"1s\"\nwho = \"150%\"\n", ["0%", "100%"]),
            ("[[action]]\ndo = \"crash\"\nat = \"2m\"\nwho = \"n1\"\n", ["not before the end"]),
            ("[[action]]\ndo = \"crash\"\nat = \"1s\"\nwho = \"n99\"\n", ["there is no n99"]),
            ("[[adversary]]\nbehaviour = \"silnet\"\nwho = \"n1\"\n", ["did you mean \"silent\"?"]),
            ("[[adversary]]\nbehaviour = \"silent\"\n", ["needs `who`"]),
            ("[[adversary]]\nbehaviour = \"garbage\"\nwho = \"n1\"\n", ["takes no `who`"]),
            ("[[adversary]]\nbehaviour = \"zombie\"\nwho = \"n1\"\n", ["needs `target`"]),
            ("[[adversary]]\nbehaviour = \"silent\"\nwho = \"60%\"\n" * 2, ["more than 100%"]),
            ("[expect]\nfalse_death = \"= 0\"\n", ["did you mean \"false_deaths\"?"]),
            ("[expect]\nfalse_deaths = 0\n", ["a bound in quotes"]),
            ("[config]\nprobe_intervall = \"1s\"\n", ["did you mean 'probe_interval'?"]),
            ("nodes = 3\n", ["it belongs to [cluster]"]),
            ("duration = \n", ["bad.toml:1"]),
        ):
            with self.subTest(text=text):
                self.refused(2, says, "run", self.scenario(text))

    def test_outputs_are_tried_before_anything_runs(self):
        for option in ("--json", "--html"):
            self.refused(2, "no folder", "run", "small.toml", option, "absent/out")
            self.refused(2, "is a folder", "run", "small.toml", option, ".")
            self.refused(2, "no folder", "sweep", "small.toml", "--over", "seed=1,2", option, "absent/out")
            self.refused(2, "no folder", "swarm", "--seeds", "1", option, "absent/out")
        self.refused(1, "cannot write the trace", "run", "small.toml", "--trace", "absent/out")


class Results(Sim):
    def test_exit_codes(self):
        self.assertIn("passed", self.ok("run", "small.toml").stdout)
        missed = self.run_program("run", "small.toml", "--set", "expect.undetected=> 5")
        self.assertEqual(missed.returncode, 1)
        self.assertIn("MISSED  undetected > 5, was 0", missed.stdout)
        self.assertEqual(missed.stderr, "")

    def test_json(self):
        self.ok("run", "small.toml", "--runs", "2", "--json", "out.json")
        data = json.loads((self.at / "out.json").read_text())
        self.assertEqual(sorted(data), ["command", "interrupted", "passed", "points", "quorumor_sim", "scenario", "set"])
        self.assertEqual(data["quorumor_sim"], 1)
        self.assertIs(data["passed"], True)
        self.assertEqual(data["scenario"], SMALL)
        self.assertEqual(data["set"], [{"key": "runs", "value": "2"}])
        point, = data["points"]
        self.assertEqual(sorted(point), ["at", "description", "duration_s", "name", "nodes", "protocol", "runs",
                                         "summary"])
        self.assertEqual(sorted(point["summary"]["false_deaths"]), ["count", "max", "mean", "min", "p50", "p90", "p99"])
        self.assertEqual([run["seed"] for run in point["runs"]], ["1", "2"])
        for run in point["runs"]:
            for key in ("counters", "cpu_seconds", "expectations", "figures", "heat_end", "heat_worst", "interrupted",
                        "marks", "nodes", "passed", "protocol", "samples", "seconds", "seed", "settled", "trace",
                        "violation_count", "violations", "virtual_seconds"):
                self.assertIn(key, run)
            self.assertRegex(run["trace"], "^[0-9a-f]{16}$")
            self.assertEqual(len(run["samples"]["full_detection_s"]), 1)
            self.assertEqual(run["expectations"],
                             [{"figure": "undetected", "expected": "= 0", "value": 0, "met": True}])
        self.assertNotEqual(point["runs"][0]["trace"], point["runs"][1]["trace"])

    def test_the_page_is_one_file(self):
        self.ok("run", "small.toml", "--html", "out.html")
        text = (self.at / "out.html").read_text()
        self.assertEqual(Loads(text).found, [])
        self.assertNotRegex(re.sub(r"http://www\.w3\.org/2000/svg", "", text), r"https?://|@import|url\(")
        self.assertNotIn("@DATA@", text)
        self.assertIn("Three members; one crashes.", text)

    def test_text_of_a_scenario_cannot_leave_its_place_in_the_page(self):
        name = self.scenario('description = "</script><img src=x>"\n' + SMALL.split("\n", 1)[1], "evil.toml")
        self.ok("run", name, "--html", "out.html")
        self.assertEqual(Loads((self.at / "out.html").read_text()).found, [])

    def test_a_sweep_over_two_axes(self):
        done = self.ok("sweep", "small.toml", "--over", "cluster.nodes=3,4", "--over", "network.loss=0%,1%",
                       "--show", "undetected,messages_sent", "--json", "out.json")
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 5, done)
        self.assertEqual(lines[0].split()[:2], ["cluster.nodes", "network.loss"])
        points = json.loads((self.at / "out.json").read_text())["points"]
        self.assertEqual([[o["value"] for o in p["at"]] for p in points],
                         [["3", "0%"], ["3", "1%"], ["4", "0%"], ["4", "1%"]])

    def test_lists(self):
        scenarios = self.ok("list").stdout
        for name in ("crash ", "partition ", "attacks/victim-accuser "):
            self.assertIn("\n" + name, scenarios)
        self.assertNotIn("(damaged)", scenarios)
        self.assertIn("victim-accuser", self.ok("list", "--behaviours").stdout)
        self.assertIn("full_detection_s", self.ok("list", "--figures").stdout)
        self.assertIn("latency_least", self.ok("keys").stdout)

    def test_what_show_prints_runs(self):
        name = self.scenario(self.ok("show", "crash").stdout, "mine.toml")
        self.ok("run", name, "--runs", "1")

    def test_every_behaviour_has_a_scenario(self):
        behaviours = re.findall(r"(?m)^([a-z-]+)$", self.ok("list", "--behaviours").stdout)
        self.assertGreater(len(behaviours), 30)
        texts = [self.ok("show", line.split()[0]).stdout for line in self.ok("list").stdout.splitlines()
                 if line.startswith("attacks/")]
        for behaviour in behaviours:
            self.assertTrue(any(f'behaviour = "{behaviour}"' in text for text in texts), behaviour)

    def test_an_interrupt_prints_what_was_measured(self):
        child = subprocess.Popen([PROGRAM, "run", "small.toml", "--runs", "100000", "--jobs", "1", "--json", "out.json"],
                                 cwd=self.at, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            with self.assertRaises(subprocess.TimeoutExpired):
                child.wait(timeout=2)
            os.kill(child.pid, signal.SIGINT)
            out, err = child.communicate(timeout=120)
        finally:
            if child.poll() is None:
                child.kill()
                child.communicate()
        self.assertEqual(child.returncode, 1)
        self.assertIn("interrupted", err)
        self.assertIn("false_deaths", out)
        data = json.loads((self.at / "out.json").read_text())
        self.assertIs(data["interrupted"], True)
        self.assertGreater(len(data["points"][0]["runs"]), 0)


class Traces(Sim):
    def trace(self, *words):
        self.ok(*words, "--trace", "t")
        return (self.at / "t").read_text()

    def test_a_replay_is_the_same(self):
        for words in (["run", "small.toml"], ["run", "small.toml", "--set", "cluster.nodes=5", "--seed", "9"],
                      ["run", "small.toml", "--set", "cluster.protocol=heartbeat"],
                      ["swarm", "--seeds", "1", "--first-seed", "3"]):
            with self.subTest(words=words):
                text = self.trace(*words)
                self.assertIn(" checkpoint - ", text)
                self.assertIn("the same as its trace", self.ok("replay", "t").stdout)

    def test_one_run_only(self):
        self.refused(2, "--runs 1", "run", "small.toml", "--runs", "2", "--trace", "t")
        self.refused(2, "--seeds 1", "swarm", "--seeds", "2", "--trace", "t")

    def replay_of(self, text):
        (self.at / "bad").write_text(text)
        done = self.run_program("replay", "bad")
        self.assertEqual(done.returncode, 1, done)
        lines = [line for line in done.stderr.splitlines() if line.startswith("quorumor-sim: ")]
        self.assertEqual(len(lines), 1, done)
        return done

    def test_damaged_traces(self):
        whole = self.trace("run", "small.toml")
        lines = whole.splitlines(keepends=True)
        self.assertIn("cut off", self.replay_of("".join(lines[:-1])).stderr)
        self.assertIn("cut off", self.replay_of(whole[:-9]).stderr)
        self.assertIn("not a trace", self.replay_of("hello\n").stderr)
        self.assertIn("not a trace", self.replay_of("").stderr)
        self.assertIn("as long as it says", self.replay_of("".join(lines[:6])).stderr)
        at = next(i for i, line in enumerate(lines) if " checkpoint - " in line)
        changed = lines[:at] + [re.sub(r"[0-9a-f]{16}", "0" * 16, lines[at])] + lines[at + 1:]
        done = self.replay_of("".join(changed))
        self.assertIn(f"bad:{at + 1}", done.stderr)
        self.assertIn("0" * 16, done.stderr)
        nonsense = lines[:at] + ["nonsense\n"] + lines[at + 1:]
        self.assertIn(f"bad:{at + 1}", self.replay_of("".join(nonsense)).stderr)
        self.refused(2, "there is no trace", "replay", "absent")


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
