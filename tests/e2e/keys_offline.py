#!/usr/bin/env python3
"""Keys at rest, identities from other tools, and an authority's orders: what needs no running agent.

    keys_offline.py PATH_TO_QUORUMOR

Needs `openssl` beside the standard library, and not root.
"""
import os
import subprocess
import sys
import unittest

import cli_offline
from cli_offline import Offline

PASSPHRASE = "tundra-ANVIL-7731-mosaic-plinth-quorum"


class Sealed(Offline):
    def setUp(self):
        super().setUp()
        self.secret("pw", PASSPHRASE + "\n")
        self.secret("bad", "not " + PASSPHRASE + "\n")

    def test_init_sealed(self):
        made = self.json("node", "init", "--dir", "n1", "--passphrase-file", "pw")
        self.assertTrue(made["sealed"])
        self.assertEqual(self.mode("n1/identity"), 0o600)
        self.assertNotIn("request", self.json("node", "show", "--dir", "n1"))
        opened = self.json("node", "show", "--dir", "n1", "--passphrase-file", "pw")
        self.assertEqual((opened["request"], opened["sealed"]), (made["request"], True))
        self.fails(1, ["does not open n1/identity", "right one"], "node", "show", "--dir", "n1", "--passphrase-file", "bad")
        # Admission needs the public half only.
        self.authority()
        self.admit("n1", "--dir", "n1")
        self.assertEqual(self.json("node", "show", "--dir", "n1")["name"], "n1")

    def test_seal_and_unseal(self):
        made = self.node("n1")
        plain = (self.at / "n1/identity").read_bytes()
        self.assertTrue(self.json("node", "seal", "--dir", "n1", "--passphrase-file", "pw")["sealed"])
        sealed = (self.at / "n1/identity").read_bytes()
        self.assertNotIn(plain[6:38], sealed)
        self.fails(1, "sealed already", "node", "seal", "--dir", "n1", "--passphrase-file", "pw")
        self.fails(1, ["n1/identity is sealed", "--passphrase-file"], "node", "unseal", "--dir", "n1")
        self.fails(1, "does not open", "node", "unseal", "--dir", "n1", "--passphrase-file", "bad")
        self.assertEqual((self.at / "n1/identity").read_bytes(), sealed)
        self.fails(2, "give --passphrase-file", "node", "seal", "--dir", "n1")
        self.assertFalse(self.json("node", "unseal", "--dir", "n1", "--passphrase-file", "pw")["sealed"])
        self.assertEqual((self.at / "n1/identity").read_bytes(), plain)
        self.assertEqual(self.json("node", "show", "--dir", "n1")["request"], made["request"])
        self.fails(1, "not sealed", "node", "unseal", "--dir", "n1", "--passphrase-file", "pw")
        self.fails(1, ["not sealed", "quorumor node seal"], "node", "show", "--dir", "n1", "--passphrase-file", "pw")

    def test_systemd_credential(self):
        (self.at / "creds").mkdir()
        (self.at / "creds/ring").write_text(PASSPHRASE)
        with_credentials = dict(os.environ, CREDENTIALS_DIRECTORY=str(self.at / "creds"))
        self.node("n1")
        self.ok("node", "seal", "--dir", "n1", "--passphrase-credential", "ring", env=with_credentials)
        self.json("node", "show", "--dir", "n1", "--passphrase-file", "pw")  # the same words
        self.fails(1, "no systemd credentials here", "node", "show", "--dir", "n1", "--passphrase-credential", "ring")
        self.fails(1, "nosuch does not exist", "node", "show", "--dir", "n1", "--passphrase-credential", "nosuch",
                   env=with_credentials)

    def test_agent_says_what_is_missing(self):
        self.authority()
        self.node("n1")
        self.admit("n1", "--dir", "n1", "--role", "keymaster")
        self.ok("node", "seal", "--dir", "n1", "--passphrase-file", "pw")
        agent = ["agent", "--dir", "n1", "--bind", "127.0.0.1:0", "--bootstrap"]
        self.fails(1, ["n1/identity is sealed", "--passphrase-credential"], *agent)
        self.fails(1, "does not open", *agent, "--passphrase-file", "bad")
        self.fails(1, "nowhere does not exist", *agent, "--passphrase-file", "nowhere")
        (self.at / "pw").chmod(0o644)
        self.fails(1, "chmod 600", *agent, "--passphrase-file", "pw")
        (self.at / "agent.toml").write_text("dir = 'n1'\nbind = '127.0.0.1:0'\n[keys]\npassphrase_file = 'bad'\n")
        self.fails(1, "does not open", "agent", "--config", "agent.toml", "--bootstrap")

    def test_damage(self):
        self.json("node", "init", "--dir", "n1", "--passphrase-file", "pw")
        whole = (self.at / "n1/identity").read_bytes()
        for damaged in (whole[:-1], whole[:100], whole[:60] + b"?" + whole[61:], whole + b"x", whole[:-1] + b"?"):
            (self.at / "n1/identity").write_bytes(damaged)
            self.fails(1, ["n1/identity is damaged", "backup"], "node", "show", "--dir", "n1", "--passphrase-file", "pw")


class Pem(Offline):
    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.at, check=True, capture_output=True, umask=0o077)

    def test_there_and_back(self):
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", "k.pem")
        self.openssl("pkey", "-in", "k.pem", "-pubout", "-out", "k.pub")
        made = self.json("node", "init", "--dir", "n1", "--identity-pem", "k.pem")
        self.assertEqual(self.ok("node", "public-key", "--dir", "n1", "--pem").out, (self.at / "k.pub").read_text())
        self.assertEqual(self.ok("node", "public-key", "--dir", "n1").out, made["key"] + "\n")
        self.assertEqual(self.json("node", "public-key", "--dir", "n1")["key"], made["key"])
        self.fails(2, "exclude each other", "node", "public-key", "--dir", "n1", "--pem", "--hex")

    def test_encrypted(self):
        self.secret("pw", PASSPHRASE)
        self.secret("bad", "another")
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", "k.pem")
        self.openssl("pkcs8", "-topk8", "-in", "k.pem", "-out", "e.pem", "-passout", "file:pw")
        init = ["node", "init", "--dir", "n1", "--identity-pem", "e.pem"]
        self.fails(1, ["e.pem is encrypted", "--pem-passphrase-file"], *init)
        self.fails(1, "does not open e.pem", *init, "--pem-passphrase-file", "bad")
        self.fails(2, "not encrypted", "node", "init", "--dir", "n1", "--identity-pem", "k.pem", "--pem-passphrase-file", "pw")
        self.fails(2, "goes with --identity-pem", "node", "init", "--dir", "n1", "--pem-passphrase-file", "pw")
        key = self.json(*init, "--pem-passphrase-file", "pw")["key"]
        self.assertEqual(key, self.json("node", "init", "--dir", "n2", "--identity-pem", "k.pem")["key"])

    def test_what_is_no_identity(self):
        self.openssl("genpkey", "-algorithm", "x25519", "-out", "x.pem")
        self.secret("junk.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        self.secret("empty.pem", "")
        self.fails(1, "another kind", "node", "init", "--dir", "n1", "--identity-pem", "x.pem")
        for name in ("junk.pem", "empty.pem"):
            self.fails(1, ["no private key in PEM", "openssl genpkey"], "node", "init", "--dir", "n1", "--identity-pem", name)
        (self.at / "x.pem").chmod(0o640)
        self.fails(1, "chmod 600", "node", "init", "--dir", "n1", "--identity-pem", "x.pem")
        self.assertFalse((self.at / "n1").exists())


class Orders(Offline):
    def setUp(self):
        super().setUp()
        self.authority()
        self.node("n1")
        self.first = self.admit("n1", "--dir", "n1", "--role", "keymaster", "--zone", "a")

    def test_renew_without_the_directory(self):
        renewed = self.json("authority", "admit", "--authority", "auth", "--renew", "n1", "--days", "30", "--out", "b")
        for same in ("id", "name", "zone", "roles"):
            self.assertEqual(renewed[same], self.first[same])
        self.assertGreater(int(renewed["serial"]), int(self.first["serial"]))
        self.ok("node", "install", "--dir", "n1", "b")
        self.assertEqual(self.json("node", "show", "--dir", "n1")["serial"], renewed["serial"])
        by_id = self.json("authority", "admit", "--authority", "auth", "--renew", self.first["id"], "--out", "b")
        self.assertEqual(by_id["name"], "n1")
        self.node("n2")
        admit = ["authority", "admit", "--authority", "auth"]
        self.fails(1, "another key", *admit, "--renew", "n1", "--dir", "n2")
        self.fails(1, ["nobody as 'nl'", "did you mean 'n1'?"], *admit, "--renew", "nl", "--out", "b")
        self.fails(2, "either --name", *admit, "--renew", "n1", "--name", "n1", "--out", "b")
        self.fails(2, "either --out", *admit, "--renew", "n1")
        self.fails(2, "--pardon goes with --renew", *admit, "--name", "n1", "--dir", "n1", "--pardon")

    def test_revoke(self):
        revoke = ["authority", "revoke", "n1", "--authority", "auth", "--out", "n1.order"]
        self.fails(2, "--reason is required", *revoke)
        self.fails(2, "printable ASCII", *revoke, "--reason", "gr\u00fcn")
        order = self.json(*revoke, "--reason", "stolen")
        content = (self.at / "n1.order").read_bytes()
        self.assertGreaterEqual(int(order["serial"]), int(self.first["serial"]))
        self.assertEqual(self.json(*revoke, "--reason", "again")["reason"], "stolen")  # the same order again
        self.assertEqual((self.at / "n1.order").read_bytes(), content)
        listed = self.json("authority", "list", "--authority", "auth")
        self.assertEqual(listed["members"][0]["validity"], "revoked")
        self.assertEqual(listed["revocations"][0]["pardoned"], False)
        self.assertRegex(self.ok("authority", "list", "--authority", "auth").out, r"(?m)^n1 .*Z \(stolen\)$")
        self.fails(1, ["'n1' was revoked", "--pardon"], "authority", "admit", "--authority", "auth", "--name", "n1",
                   "--dir", "n1")
        self.fails(1, "was revoked", "authority", "admit", "--authority", "auth", "--renew", "n1", "--out", "b")
        pardoned = self.json("authority", "admit", "--authority", "auth", "--renew", "n1", "--pardon", "--out", "b")
        self.assertGreater(int(pardoned["serial"]), int(order["serial"]))
        self.assertTrue(self.json("authority", "list", "--authority", "auth")["revocations"][0]["pardoned"])

    def test_revocations_survive_a_backup(self):
        self.ok("authority", "revoke", "n1", "--authority", "auth", "--out", "o", "--reason", "stolen")
        self.ok("authority", "backup", "--authority", "auth", "--out", "k.backup")
        self.ok("authority", "restore", "--from", "k.backup", "--out", "again")
        self.fails(1, "was revoked", "authority", "admit", "--authority", "again", "--renew", "n1", "--out", "b")

    def test_an_id_that_the_ledger_lost(self):
        order = self.json("authority", "revoke", "ab" * 16, "--authority", "auth", "--out", "o", "--reason", "lost")
        self.assertEqual(order["id"], "ab" * 16)
        self.assertIn("?", self.ok("authority", "list", "--authority", "auth").out)

    def test_force_leave(self):
        order = self.json("authority", "force-leave", "n1", "--generation", "18446744073709551615", "--authority", "auth",
                          "--out", "o")
        self.assertEqual(order["generation"], "18446744073709551615")
        self.fails(2, "--generation is required", "authority", "force-leave", "n1", "--authority", "auth", "--out", "o")
        (self.at / "thesis").write_text("precious")
        self.fails(1, "thesis exists", "authority", "force-leave", "n1", "--generation", "1", "--authority", "auth",
                   "--out", "thesis")

    def test_nothing_dumps_core(self):
        """Every command that holds a key runs undumpable: /proc/PID/mem and core files are closed to its own user."""
        read_end, write_end = os.pipe()
        process = subprocess.Popen([cli_offline.PROGRAM, "node", "init", "--dir", "n9", "--passphrase-file", "-"],
                                   cwd=self.at, stdin=read_end, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(read_end)
        try:
            cli_offline.time.sleep(0.3)  # it waits for the passphrase
            with open(f"/proc/{process.pid}/limits", encoding="ascii") as limits:
                core = next(line for line in limits if line.startswith("Max core file size"))
            self.assertEqual(core.split()[4:6], ["0", "0"])
            self.assertEqual(os.stat(f"/proc/{process.pid}/mem").st_uid, 0)  # root's, once not dumpable (if we are not)
        finally:
            os.close(write_end)
            process.communicate(timeout=10)


if __name__ == "__main__":
    cli_offline.PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
