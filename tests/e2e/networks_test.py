#!/usr/bin/env python3
"""The proxy that stands in for a bad network, by itself: a proxy that lets too much through tests nothing.

    networks_test.py
"""
import os
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from networks import Proxy  # noqa: E402


def split(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


class Peer:
    """Stands in for an agent: one UDP and one listening TCP socket on the inner port."""

    def __init__(self, proxy, name):
        self.outer = split(proxy.address(name))
        at = split(proxy.bind_words(name)[1])
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind(at)
        self.udp.settimeout(0.3)
        self.tcp = socket.create_server(at)
        self.tcp.settimeout(2)
        threading.Thread(target=self._echo, daemon=True).start()

    def _echo(self):
        try:
            while True:
                stream, _ = self.tcp.accept()
                threading.Thread(target=self._serve, args=(stream,), daemon=True).start()
        except OSError:
            pass

    @staticmethod
    def _serve(stream):
        with stream:
            while data := stream.recv(1000):
                stream.sendall(data)

    def received(self):
        got = []
        try:
            while True:
                got.append(self.udp.recvfrom(2000))
        except TimeoutError:
            return got

    def close(self):
        self.udp.close()
        self.tcp.close()


class TheProxy(unittest.TestCase):
    def setUp(self):
        self.proxy = Proxy(seed=1)
        self.a, self.b = Peer(self.proxy, "a"), Peer(self.proxy, "b")
        self.proxy.pids = lambda: {"a": os.getpid()}  # this test dials for a only
        for closable in (self.proxy, self.a, self.b):  # the last is closed first
            self.addCleanup(closable.close)

    def send(self, count):
        for i in range(count):
            self.a.udp.sendto(b"%d" % i, self.b.outer)
            if i % 50 == 0:
                time.sleep(0.005)
        return self.b.received()

    def dial_b(self):
        stream = socket.create_connection(self.b.outer, timeout=2)
        self.addCleanup(stream.close)
        return stream

    @staticmethod
    def echoes(stream):
        try:
            stream.sendall(b"hello")
            return stream.recv(1000) == b"hello"
        except OSError:
            return False

    def test_passes_everything_from_the_advertised_address(self):
        got = self.send(200)
        self.assertEqual([data for data, _ in got], [b"%d" % i for i in range(200)])
        self.assertEqual({source for _, source in got}, {self.a.outer})
        self.assertTrue(self.echoes(self.dial_b()))

    def test_loses_the_share_that_it_was_told_to_and_counts_it(self):
        self.proxy.lose(20, None)
        got = len(self.send(2000))
        self.assertEqual(self.proxy.counts(), (2000, 2000 - got))
        self.assertTrue(1510 < got < 1690, got)  # five standard deviations
        self.assertTrue(self.echoes(self.dial_b()))
        self.proxy.lose(100, None)
        self.assertEqual(self.send(200), [])

    def test_a_cut_stops_datagrams_and_streams_until_it_heals(self):
        before = self.dial_b()
        self.assertTrue(self.echoes(before))
        self.proxy.cut(["a"], ["b"])
        self.assertEqual(self.send(50), [])
        self.assertFalse(self.echoes(before))
        self.assertFalse(self.echoes(self.dial_b()))
        self.proxy.heal(None)
        self.assertEqual(len(self.send(50)), 50)
        self.assertTrue(self.echoes(self.dial_b()))

    def test_a_cut_elsewhere_stops_nothing(self):
        self.proxy.cut(["a", "b"], ["c"])
        self.assertEqual(len(self.send(50)), 50)
        self.assertTrue(self.echoes(self.dial_b()))


if __name__ == "__main__":
    unittest.main()
