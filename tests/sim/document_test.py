#!/usr/bin/env python3
"""Holds docs/SIMULATOR.md against the program: every key, behaviour, figure and option is in it; its scenarios run.

    document_test.py PATH_TO_QUORUMOR_SIM PATH_TO_SIMULATOR_MD
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = DOCUMENT = ""


def output(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=True).stdout


class Document(unittest.TestCase):
    def setUp(self):
        self.text = pathlib.Path(DOCUMENT).read_text()

    def expect_all(self, names, least):
        self.assertGreater(len(names), least)
        self.assertEqual([name for name in names if f"`{name}`" not in self.text], [])

    # By table, so that one table's `count` does not stand for another's.
    def test_every_key(self):
        count = 0
        for table in output("keys").split("\n\n")[0:]:
            title, *lines = table.strip().splitlines()
            if title.startswith("[expect]"):
                break
            heading = title if title.startswith("At") else f"`{title.split(':')[0]}`"
            self.assertIn(f"\n### {heading}\n", self.text)
            section = self.text.split(f"\n### {heading}\n", 1)[1].split("\n#", 1)[0]
            for line in lines:
                name = line.split()[0]
                count += 1
                self.assertIn(f"| `{name}` |", section, f"{title} {name}")
        self.assertGreater(count, 80)

    def test_every_action(self):
        row = lambda text: next(line for line in text.splitlines() if re.match(r"(\| `do` \|| +do ) *a word", line))
        words = re.findall(r'"([a-z-]+)"', row(output("keys")))
        self.assertGreater(len(words), 15)
        self.assertEqual(words, re.findall(r'"([a-z-]+)"', row(self.text)))

    def test_every_behaviour(self):
        self.expect_all(re.findall(r"(?m)^([a-z-]+)$", output("list", "--behaviours")), 30)

    def test_every_figure(self):
        lines = output("list", "--figures").splitlines()
        self.expect_all([line.split()[0].removesuffix(".*") for line in lines[1:] if line and line[0].isalpha()], 30)

    def test_every_option(self):
        for command in ("run", "sweep", "swarm"):
            for option in re.findall(r"(?m)^ +(?:-\w,)?(--[a-z-]+)", output(command, "--help")):
                if option not in ("--help", "--version"):
                    self.assertIn(option, self.text, command)

    def test_its_scenarios_run(self):
        found = [block for block in re.findall(r"(?s)```toml\n(.*?)```", self.text) if "description" in block]
        self.assertEqual(len(found), 2)
        with tempfile.TemporaryDirectory(prefix="quorumor-sim-") as folder:
            for number, block in enumerate(found):
                file = pathlib.Path(folder) / f"{number}.toml"
                file.write_text(block)
                arms = ["quorumor"] + ["swim+lifeguard"] * ("[expect_undefended]" in block)
                for arm in arms:
                    done = subprocess.run([PROGRAM, "run", file, "--quiet", "--set", f"cluster.protocol={arm}"],
                                          capture_output=True, text=True)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    PROGRAM, DOCUMENT = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main(verbosity=1)
