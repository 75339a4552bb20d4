#!/usr/bin/env python3
"""The commands that need no running agent, as a person or a script calls them: `authority ...`, `node ...`, `config ...`.

    cli_offline.py PATH_TO_QUORUMOR

Checks exit codes (0 done, 1 it failed, 2 it was asked wrongly), one clear line for each error, --json on every
command, file modes, and what survives a full disk. Needs nothing but the standard library, and not root.
"""
import fcntl
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ""


class Answer:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


def limit_file_size(size):
    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # the program must cope by itself
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return apply


class Offline(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="quorumor-e2e-")
        self.addCleanup(self.folder.cleanup)
        self.at = pathlib.Path(self.folder.name)

    def run_program(self, *words, **options):
        return Answer(subprocess.run([PROGRAM, *map(str, words)], cwd=self.at, text=True, timeout=60,
                                     stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, **options))

    def ok(self, *words, **options):
        answer = self.run_program(*words, **options)
        self.assertEqual(answer.code, 0, answer)
        return answer

    def json(self, *words, **options):
        answer = self.ok(*words, "--json", **options)
        self.assertEqual(answer.out.count("\n"), 1, answer)
        return json.loads(answer.out)

    def fails(self, code, says, *words, **options):
        """One line on stderr with every part of `says`, nothing on stdout, the exit code."""
        answer = self.run_program(*words, **options)
        self.assertEqual(answer.code, code, answer)
        self.assertEqual(answer.err.count("\n"), 1, answer)
        self.assertTrue(answer.err.startswith("quorumor: "), answer)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, answer.err, answer)
        self.assertFalse(answer.out, answer)
        return answer

    def mode(self, name):
        return (self.at / name).lstat().st_mode & 0o7777

    def secret(self, name, text):
        (self.at / name).write_text(text)
        (self.at / name).chmod(0o600)

    def authority(self, name="auth", label="prod/dc1"):
        return self.json("authority", "init", "--label", label, "--out", name)

    def node(self, name):
        return self.json("node", "init", "--dir", name)

    def admit(self, name, *more, authority="auth"):
        return self.json("authority", "admit", "--authority", authority, "--name", name, *more)


class Words(Offline):
    def test_mistakes_are_named(self):
        cases = [
            (["mebers"], ["unknown subcommand 'mebers'"]),
            (["authorty", "init"], ["unknown subcommand 'authorty'", "did you mean 'authority'?"]),
            (["authority", "amdit"], ["unknown subcommand 'amdit' of `quorumor authority`", "did you mean 'admit'?"]),
            (["node", "intall", "x"], ["'intall'", "did you mean 'install'?"]),
            (["node", "zzzzzz"], ["'zzzzzz'", "`quorumor node --help`"]),
            ([""], ["unknown subcommand ''"]),
            (["--verison"], ["unknown option '--verison'", "did you mean '--version'?"]),
            (["authority", "init", "--lable", "x"], ["unknown option '--lable'", "did you mean '--label'?"]),
            (["authority", "init", "--out", "x"], ["--label is required"]),
            (["authority", "init", "--label", "x"], ["--out is required"]),
            (["authority", "admit", "--name", "x"], ["--authority is required"]),
            (["node", "init"], ["--dir is required"]),
            (["node", "init", "--dir"], ["--dir needs a value"]),
            (["node", "init", "--dir", ""], ["--dir", "empty"]),
            (["node", "init", "--dir", "x", "y"], ["unexpected argument 'y'"]),
            (["node", "install", "--dir", "x"], ["FILE is required"]),
            (["authority", "admit", "--authority", "a", "--name", "n", "--days", "many"], ["--days = many"]),
            (["keys", "rotate", "--dir", ".", "--timeout", "30"], ["'30' is not a time from 1s to 24h", "90s"]),
            (["keys", "rotate", "--dir", ".", "--timeout", "25h"], ["'25h' is not a time from 1s to 24h"]),
        ]
        for words, says in cases:
            with self.subTest(words=words):
                self.fails(2, says, *words)
        self.assertEqual(list(self.at.iterdir()), [])

    def test_line_breaks_do_not_reach_the_terminal(self):
        self.fails(2, "a?b?[31m", "a\nb\x1b[31m")

    def test_help(self):
        for words in ([], ["authority"], ["node"]):
            answer = self.run_program(*words)
            self.assertEqual((answer.code, answer.out), (2, ""), answer)
            self.assertIn("Subcommands:", answer.err)
            answer = self.ok(*words, "--help")
            self.assertRegex(answer.out, "(?i)example|steps")
        for words in (["authority", "init"], ["authority", "admit"], ["authority", "show"], ["authority", "backup"],
                      ["authority", "restore"], ["authority", "endorse"], ["node", "init"], ["node", "install"], ["node", "show"]):
            self.assertIn("--json", self.ok(*words, "--help").out)
        self.assertRegex(self.ok("--version").out, r"^quorumor \d+\.\d+\.\d+\n$")

    def test_answers_that_cannot_be_written_are_failures(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            answer = self.run_program("node", "init", "--dir", "n1", stdout=full)
        self.assertEqual(answer.code, 1)
        self.assertIn("standard output", answer.err)
        self.ok("node", "show", "--dir", "n1")


class Authority(Offline):
    def test_init(self):
        made = self.authority()
        self.assertEqual(made["label"], "prod/dc1")
        self.assertEqual(len(made["cluster"]), 64)
        self.assertFalse(made["sealed"])
        self.assertEqual(self.mode("auth"), 0o700)
        for name in ("key", "ledger", "authority"):
            self.assertEqual(self.mode("auth/" + name), 0o600)
        key = (self.at / "auth/key").read_bytes()
        self.fails(1, "already holds an authority", "authority", "init", "--label", "x", "--out", "auth")
        self.assertEqual((self.at / "auth/key").read_bytes(), key)
        self.fails(2, "'A b'", "authority", "init", "--label", "A b", "--out", "other")

    def test_sealed_key(self):
        self.secret("pass", "correct horse battery staple\n")
        self.secret("wrong", "incorrect horse\n")
        made = self.json("authority", "init", "--label", "l", "--out", "auth", "--passphrase-file", "pass")
        self.assertTrue(made["sealed"])
        self.node("n1")
        admit = ["authority", "admit", "--authority", "auth", "--name", "n1", "--dir", "n1"]
        self.fails(1, "--passphrase-file", *admit)
        self.fails(1, "does not open", *admit, "--passphrase-file", "wrong")
        self.fails(1, "does not exist", *admit, "--passphrase-file", "absent")
        self.ok(*admit, "--passphrase-file", "pass")
        self.ok(*admit, "--passphrase-file", "-", input="correct horse battery staple\n")
        (self.at / "pass").chmod(0o644)
        self.fails(1, "chmod 600 pass", *admit, "--passphrase-file", "pass")
        self.assertTrue(self.json("authority", "show", "--authority", "auth")["sealed"])  # needs no passphrase

    def test_weak_passphrase_is_warned_about(self):
        self.secret("pass", "abc\n")
        answer = self.ok("authority", "init", "--label", "l", "--out", "auth", "--passphrase-file", "pass")
        self.assertIn("warning: the passphrase is weak", answer.err)

    def test_same_key_under_another_label(self):
        first = self.authority()
        second = self.json("authority", "init", "--from", "auth", "--label", "prod/dc2", "--out", "auth2")
        self.assertEqual(first["key"], second["key"])
        self.assertNotEqual(first["cluster"], second["cluster"])
        self.fails(2, "prod/dc1", "authority", "init", "--from", "auth", "--label", "prod/dc1", "--out", "auth3")
        self.fails(1, "does not exist", "authority", "init", "--from", "nothing", "--label", "x", "--out", "auth3")

    def test_standby(self):
        root = self.authority()
        self.node("n1")
        self.admit("n1", "--dir", "n1")
        self.secret("pass", "correct horse battery staple\n")
        endorse = ["authority", "endorse", "--authority", "auth", "--out", "standby"]
        self.fails(2, "--out is required", *endorse[:4])
        self.fails(1, "does not exist", "authority", "endorse", "--authority", "absent", "--out", "standby")
        self.fails(2, ["--passphrase-file", "standard input"], *endorse, "--passphrase-file", "-",
                   "--out-passphrase-file", "-", input="x\n")
        made = self.json(*endorse, "--out-passphrase-file", "pass")
        self.assertEqual((made["cluster"], made["standby_of"], made["members"], made["sealed"], made["refreshed"]),
                         (root["cluster"], root["key"], 1, True, False))
        self.assertNotEqual(made["key"], root["key"])
        self.assertEqual(self.mode("standby"), 0o700)
        for name in ("key", "ledger", "authority"):
            self.assertEqual(self.mode("standby/" + name), 0o600)
        self.assertIn("standby of  " + root["key"], self.ok("authority", "show", "--authority", "standby").out)
        self.assertNotIn("standby_of", self.json("authority", "show", "--authority", "auth"))

        self.node("n2")
        self.admit("n2", "--dir", "n2")
        self.fails(2, "--out-passphrase-file", *endorse, "--out-passphrase-file", "pass")
        again = self.json(*endorse)
        self.assertEqual((again["key"], again["members"], again["refreshed"]), (made["key"], 2, True))
        renewed = self.json("authority", "admit", "--authority", "standby", "--renew", "n2", "--dir", "n2",
                            "--passphrase-file", "pass")
        self.assertEqual(renewed["cluster"], root["cluster"])
        self.assertEqual(self.json("node", "show", "--dir", "n2")["serial"], renewed["serial"])
        self.fails(1, ["'n2'", "used since"], *endorse)
        self.fails(2, ["is a standby", "founds no cluster"], "authority", "init", "--from", "standby", "--label", "x",
                   "--out", "other")
        self.fails(1, "no standby of", "authority", "endorse", "--authority", "standby", "--out", "auth")
        (self.at / "standby/authority").chmod(0o644)
        self.fails(1, "chmod 600 standby/authority", "authority", "show", "--authority", "standby")

    def test_show(self):
        made = self.authority()
        self.node("n1")
        self.node("n2")
        self.admit("n1", "--dir", "n1", "--zone", "a", "--role", "keymaster", "--role", "web")
        self.admit("n2", "--dir", "n2", "--not-after", "2001-02-03T04:05:06Z")
        shown = self.json("authority", "show", "--authority", "auth")
        self.assertEqual(shown["cluster"], made["cluster"])
        self.assertEqual(shown["key"], made["key"])
        first, second = shown["members"]
        self.assertEqual((first["name"], first["zone"], first["roles"], first["validity"]),
                         ("n1", "a", ["keymaster", "web"], "valid"))
        self.assertEqual((second["name"], second["validity"], second["not_after"], second["not_before"]),
                         ("n2", "expired", "2001-02-03T04:05:06Z", "2001-02-03T03:05:06Z"))
        self.assertIsInstance(first["serial"], str)
        text = self.ok("authority", "show", "--authority", "auth").out
        self.assertRegex(text, r"(?m)^n1 +[0-9a-f]{32}  \S+Z  valid +zone a, keymaster, web$")
        self.assertRegex(text, r"(?m)^n2 +[0-9a-f]{32}  2001-02-03T04:05:06Z  expired$")

    def test_backup_and_restore(self):
        self.authority()
        self.node("n1")
        first = self.admit("n1", "--dir", "n1")
        self.ok("authority", "backup", "--authority", "auth", "--out", "b")
        self.assertEqual(self.mode("b"), 0o600)
        self.fails(1, "b exists", "authority", "backup", "--authority", "auth", "--out", "b")
        self.fails(1, "already holds", "authority", "restore", "--from", "b", "--out", "auth")
        restored = self.json("authority", "restore", "--from", "b", "--out", "again")
        self.assertEqual(restored["members"], 1)
        self.assertEqual(self.json("authority", "show", "--authority", "auth"),
                         self.json("authority", "show", "--authority", "again"))
        renewed = self.admit("n1", "--dir", "n1", authority="again")
        self.assertEqual(renewed["id"], first["id"])
        text = (self.at / "b").read_text().replace("n1", "n9")
        self.secret("b2", text)
        self.fails(1, "b2 is damaged", "authority", "restore", "--from", "b2", "--out", "third")
        (self.at / "b").chmod(0o644)
        self.fails(1, "chmod 600 b", "authority", "restore", "--from", "b", "--out", "third")
        self.fails(1, "does not exist", "authority", "restore", "--from", "nothing", "--out", "third")
        self.assertFalse((self.at / "third").exists())

    def test_damaged_ledger_names_file_and_line(self):
        self.authority()
        self.node("n1")
        self.admit("n1", "--dir", "n1")
        ledger = self.at / "auth/ledger"
        ledger.write_text(ledger.read_text().replace('"n1"', '"n9"'))
        for words in (["show"], ["backup", "--out", "b"], ["admit", "--name", "n1", "--dir", "n1"]):
            self.fails(1, ["auth/ledger line 2", "restore"], "authority", *words, "--authority", "auth")
        ledger.unlink()
        self.fails(1, ["auth/ledger is missing", "restore"], "authority", "show", "--authority", "auth")

    def test_loose_modes_are_refused(self):
        self.authority()
        self.node("n1")
        for name in ("key", "ledger", "authority"):
            (self.at / "auth" / name).chmod(0o640)
            self.fails(1, f"chmod 600 auth/{name}", "authority", "admit", "--authority", "auth", "--name", "n1",
                       "--dir", "n1")
            (self.at / "auth" / name).chmod(0o600)
        (self.at / "auth").chmod(0o750)
        self.fails(1, "chmod 700 auth", "authority", "show", "--authority", "auth")


class Admit(Offline):
    def setUp(self):
        super().setUp()
        self.authority()
        self.request = self.node("n1")["request"]

    def refused(self, code, says, *words):
        ledger = (self.at / "auth/ledger").read_bytes()
        self.fails(code, says, "authority", "admit", "--authority", "auth", *words)
        self.assertEqual((self.at / "auth/ledger").read_bytes(), ledger)

    def test_by_directory(self):
        before = int(time.time())
        done = self.admit("n1", "--dir", "n1")
        self.assertRegex(done["id"], "^[0-9a-f]{32}$")
        self.assertEqual(done["installed"], "n1")
        self.assertLessEqual(before, int(done["serial"]))
        self.assertEqual(done["warnings"], [])
        shown = self.json("node", "show", "--dir", "n1")
        self.assertEqual((shown["id"], shown["name"], shown["label"], shown["validity"], shown["serial"]),
                         (done["id"], "n1", "prod/dc1", "valid", done["serial"]))

    def test_by_request(self):
        done = self.admit("n1", "--request", self.request, "--out", "n1.bundle", "--days", 2)
        self.assertEqual(done["bundle"], "n1.bundle")
        installed = self.json("node", "install", "--dir", "n1", "n1.bundle")
        self.assertEqual(installed["id"], done["id"])
        self.assertEqual(self.mode("n1/credential"), 0o600)
        self.admit("n1", "--request", self.request, "--out", "n1.bundle")  # an older bundle may be replaced
        (self.at / "thesis").write_text("years of work")
        self.refused(1, "thesis exists", "--name", "n1", "--request", self.request, "--out", "thesis")
        self.assertEqual((self.at / "thesis").read_text(), "years of work")

    def test_requests_that_are_none(self):
        out = ["--name", "n1", "--out", "b", "--request"]
        self.refused(2, "qreq1-", *out, "hello")
        self.refused(1, "damaged", *out, self.request[:-1])
        self.refused(1, "damaged", *out, self.request[:50] + ("0" if self.request[50] != "0" else "1") + self.request[51:])
        self.assertFalse((self.at / "b").exists())

    def test_usage(self):
        self.refused(2, "either --dir", "--name", "n1")
        self.refused(2, "either --dir", "--name", "n1", "--dir", "n1", "--request", self.request)
        self.refused(2, "--out FILE", "--name", "n1", "--request", self.request)
        self.refused(2, "--out goes with", "--name", "n1", "--dir", "n1", "--out", "b")
        self.refused(2, "exclude each other", "--name", "n1", "--dir", "n1", "--days", 1, "--not-after", 5)
        self.refused(2, "exclude each other", "--name", "n1", "--dir", "n1", "--role", "a", "--no-roles")
        self.refused(2, "'N1'", "--name", "N1", "--dir", "n1")
        self.refused(2, "'a b'", "--name", "n1", "--dir", "n1", "--zone", "a b")
        self.refused(2, "'tomorrow'", "--name", "n1", "--dir", "n1", "--not-after", "tomorrow")
        self.refused(2, "--days", "--name", "n1", "--dir", "n1", "--days", 0)
        self.refused(1, "quorumor node init", "--name", "n1", "--dir", "absent")
        self.fails(1, "authority init", "authority", "admit", "--authority", "absent", "--name", "n1", "--dir", "n1")

    def test_names_and_keys_are_bound(self):
        first = self.admit("n1", "--dir", "n1", "--role", "keymaster", "--zone", "a")
        self.node("n2")
        self.refused(1, ["'n1' belongs to another key", "another --name"], "--name", "n1", "--dir", "n2")
        self.refused(1, ["admitted already, as 'n1'", "--name n1"], "--name", "n2", "--dir", "n1")
        again = self.admit("n1", "--dir", "n1")
        self.assertEqual(again["id"], first["id"])
        self.assertGreater(int(again["serial"]), int(first["serial"]))
        self.assertEqual((again["roles"], again["zone"]), (["keymaster"], "a"))
        last = self.admit("n1", "--dir", "n1", "--no-roles", "--zone", "")
        self.assertEqual((last["roles"], last["zone"]), ([], ""))
        self.assertNotEqual(self.admit("n2", "--dir", "n2")["id"], first["id"])

    def test_expiry_in_the_past_is_warned_about(self):
        for text in ("1000000000", "2001-09-09T01:46:40Z"):
            answer = self.ok("authority", "admit", "--authority", "auth", "--name", "n1", "--dir", "n1", "--not-after",
                             text, "--json")
            done = json.loads(answer.out)
            self.assertEqual((done["not_after"], done["not_before"]), ("2001-09-09T01:46:40Z", "2001-09-09T00:46:40Z"))
            self.assertIn("quorumor: warning: ", answer.err)
            self.assertEqual(len(done["warnings"]), 1)
        self.assertEqual(self.json("node", "show", "--dir", "n1")["validity"], "expired")

    def test_full_disk_admits_nobody(self):
        self.node("n2")
        self.admit("n1", "--dir", "n1")
        ledger = (self.at / "auth/ledger").read_bytes()
        self.fails(1, ["cannot write auth/ledger", "too large"], "authority", "admit", "--authority", "auth", "--name",
                   "n2", "--dir", "n2", preexec_fn=limit_file_size(len(ledger)))
        self.assertEqual((self.at / "auth/ledger").read_bytes(), ledger)
        self.assertEqual(sorted(p.name for p in (self.at / "auth").iterdir()), ["authority", "key", "ledger", "lock"])
        self.assertFalse((self.at / "n2/credential").exists())
        self.admit("n2", "--dir", "n2")

    def test_one_admission_at_a_time(self):
        self.admit("n1", "--dir", "n1")
        with open(self.at / "auth/lock", "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refused(1, "in use", "--name", "n1", "--dir", "n1")
        self.admit("n1", "--dir", "n1")


class Node(Offline):
    def test_init(self):
        made = self.node("deep/er/n1")
        self.assertRegex(made["request"], "^qreq1-[0-9a-f]{200}$")
        self.assertEqual((self.mode("deep"), self.mode("deep/er/n1")), (0o700, 0o700))
        self.assertEqual(self.mode("deep/er/n1/identity"), 0o600)
        self.fails(1, "already has an identity", "node", "init", "--dir", "deep/er/n1")
        self.assertEqual(self.json("node", "show", "--dir", "deep/er/n1")["request"], made["request"])
        self.assertIn(made["request"], self.ok("node", "show", "--dir", "deep/er/n1").out)
        self.fails(1, "does not exist", "node", "show", "--dir", "nothing")

    def test_hostile_umask(self):
        self.ok("node", "init", "--dir", "n1", preexec_fn=lambda: os.umask(0o777))
        self.assertEqual((self.mode("n1"), self.mode("n1/identity")), (0o700, 0o600))
        self.ok("node", "init", "--dir", "n2", preexec_fn=lambda: os.umask(0))
        self.assertEqual((self.mode("n2"), self.mode("n2/identity")), (0o700, 0o600))

    def test_show_tells_no_secret(self):
        self.authority()
        self.node("n1")
        self.admit("n1", "--dir", "n1")
        seed = (self.at / "n1/identity").read_bytes()[6:38].hex()
        for words in ([], ["--json"]):
            self.assertNotIn(seed, self.ok("node", "show", "--dir", "n1", *words).out)

    def test_damaged_or_loose_identity(self):
        self.node("n1")
        identity = self.at / "n1/identity"
        whole = identity.read_bytes()
        for damaged in (b"", whole[:40], whole[:-1], bytes([whole[0] ^ 1]) + whole[1:], whole[:20] + b"x" + whole[21:],
                        whole + b"x", whole * 100):
            identity.write_bytes(damaged)
            self.fails(1, "n1/identity", "node", "show", "--dir", "n1")
        identity.write_bytes(whole)
        identity.chmod(0o644)
        self.fails(1, "chmod 600 n1/identity", "node", "show", "--dir", "n1")
        identity.rename(self.at / "n1/moved")
        identity.symlink_to("moved")
        self.fails(1, "symbolic link", "node", "show", "--dir", "n1")
        identity.unlink()
        self.fails(1, ["n1/identity is missing", "backup"], "node", "show", "--dir", "n1")
        (self.at / "n1").chmod(0o755)
        self.fails(1, "chmod 700 n1", "node", "show", "--dir", "n1")

    def test_install_checks(self):
        self.authority()
        request = self.node("n1")["request"]
        self.node("n2")
        for name in ("old", "new"):
            self.admit("n1", "--request", request, "--out", name)
        self.fails(1, "another node ('n1')", "node", "install", "--dir", "n2", "old")
        self.ok("node", "install", "--dir", "n1", "new")
        self.ok("node", "install", "--dir", "n1", "new")
        self.fails(1, "no newer", "node", "install", "--dir", "n1", "old")
        self.fails(1, "does not exist", "node", "install", "--dir", "n1", "nothing")
        self.fails(1, "node init", "node", "install", "--dir", "nothing", "new")
        whole = (self.at / "new").read_bytes()
        for damaged in (whole[:-1], whole + b"x", b"", whole[:-1] + bytes([whole[-1] ^ 1])):
            (self.at / "bad").write_bytes(damaged)
            self.fails(1, "bad is", "node", "install", "--dir", "n1", "bad")
        self.assertEqual((self.at / "n1/credential").read_bytes(), whole)

    def test_install_warns_of_an_expired_credential(self):
        self.authority()
        request = self.node("n1")["request"]
        self.admit("n1", "--request", request, "--out", "b", "--not-after", "1000000000")
        answer = self.ok("node", "install", "--dir", "n1", "b")
        self.assertIn("warning: this credential expired", answer.err)

    def test_show_reports_damage_and_says_the_rest(self):
        self.authority()
        self.node("n1")
        self.admit("n1", "--dir", "n1")
        self.secret("n1/ring", "rubbish")
        answer = self.run_program("node", "show", "--dir", "n1", "--json")
        self.assertEqual(answer.code, 1, answer)
        self.assertEqual(json.loads(answer.out)["name"], "n1")
        self.assertIn("n1/ring is damaged", answer.err)

    def test_full_disk(self):
        self.fails(1, "cannot write n1/identity", "node", "init", "--dir", "n1", preexec_fn=limit_file_size(30))
        self.assertFalse((self.at / "n1/identity").exists())
        self.node("n1")


class Config(Offline):
    def config(self, text):
        (self.at / "f.toml").write_text(text)
        return "f.toml"

    def lines(self, *words):
        """What a wrong file gives: exit code 2, nothing on stdout, one line a problem."""
        answer = self.run_program(*words)
        self.assertEqual((answer.code, answer.out), (2, ""), answer)
        return answer.err.splitlines()

    def test_check(self):
        self.assertEqual(self.ok("config", "check", self.config("probe_interval = '2s'\n")).out, "f.toml is valid\n")
        self.config("prob_interval = 1\ngossip_fanout = 99\n\n[bootstrap]\nbeta = 0.5\n")
        wrong = ["quorumor: f.toml:1:1: unknown key 'prob_interval'; did you mean 'probe_interval'?",
                 "quorumor: f.toml:2:17: gossip_fanout: 99 is outside 1 to 16",
                 "quorumor: f.toml:5:8: bootstrap.beta '0.5': give a fraction from 0 to 0.333333, with at most 6 decimals"]
        self.assertEqual(self.lines("config", "check", "f.toml"), wrong)
        self.assertEqual(self.lines("config", "show", "--config", "f.toml"), wrong)
        self.assertEqual(self.lines("agent", "--dir", "n", "--bind", "127.0.0.1:0", "--config", "f.toml"), wrong)
        self.fails(2, "absent.toml does not exist", "config", "check", "absent.toml")
        self.fails(2, "not a regular file", "config", "check", ".")
        self.fails(2, "FILE is required", "config", "check")
        self.fails(2, "unknown subcommand 'chekc'", "config", "chekc")
        os.mkfifo(self.at / "pipe")
        self.fails(2, "not a regular file", "config", "check", "pipe")

    def test_control_characters_do_not_reach_the_terminal(self):
        self.config('"a\\u001b[31m" = 1\n')
        self.fails(2, "'a?[31m'", "config", "check", "f.toml")

    def test_example_and_show(self):
        example = self.ok("config", "example").out
        self.assertEqual(self.ok("config", "check", self.config(example)).out, "f.toml is valid\n")
        shown = self.ok("config", "show").out
        self.assertRegex(shown, r'(?m)^probe_interval = "1s" +# preset lan$')
        shown = self.ok("config", "show", "--preset", "wan", "--config", self.config("gossip_fanout = 5")).out
        self.assertRegex(shown, r'(?m)^probe_interval = "5s" +# preset wan$')
        self.assertRegex(shown, r"(?m)^gossip_fanout = 5 +# f.toml:1$")
        self.ok("config", "check", self.config(shown))
        self.fails(2, "did you mean \"lan\"?", "config", "show", "--preset", "lam")

    def test_agent_flags_and_file(self):
        self.fails(2, ["--bind is required", "`quorumor agent --help`"], "agent", "--dir", "n")
        self.config("bind = '127.0.0.1:0'\n")
        self.fails(2, "f.toml: dir is not set; set it there, or give --dir", "agent", "--config", "f.toml")
        self.config("dir = 'absent'\nbind = '127.0.0.1:0'\n")
        self.fails(1, "absent", "agent", "--config", "f.toml")  # the file is used: that directory is not there
        self.fails(1, "other", "agent", "--config", "f.toml", "--dir", "other")  # and the flag wins
        agent = ["agent", "--dir", "n", "--bind", "127.0.0.1:0"]
        self.fails(2, "with --bootstrap only", *agent, "--suite", "aes-256-gcm")
        for flag, value in (("--beta", "0.5"), ("--epsilon", "3e-4"), ("--suite", "aes"), ("--defense", "maybe")):
            self.fails(2, [flag, value], *agent, "--bootstrap", flag, value)
        for flag in ("--preset", "--log", "--log-level", "--beta", "--config", "--advertise"):
            self.fails(2, [flag, "empty"], *agent, flag, "")


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit("usage: cli_offline.py PATH_TO_QUORUMOR [unittest options]")
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
