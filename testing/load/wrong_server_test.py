"""Verification finds what is wrong: a server that lies, and a client that overwrites."""

import socketserver
import threading
import unittest

import driver
from driver import Connection, clusters


class WrongServer(socketserver.ThreadingTCPServer):
    """GET and SET over a dictionary, with one fault in a hundred replies."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, fault):
        super().__init__(("127.0.0.1", 0), WrongConnection)
        self.fault = fault
        self.values = {}
        self.count = 0
        self.faults = 0

    @property
    def port(self):
        return self.server_address[1]


class WrongConnection(socketserver.StreamRequestHandler):

    disable_nagle_algorithm = True

    def handle(self):
        while line := self.rfile.readline():
            words = []
            for _ in range(int(line[1:])):
                words.append(self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2])
            self.wfile.write(self.reply(words))

    def reply(self, words):
        server = self.server
        server.count += 1
        is_wrong = server.count % 100 == 0
        if words[0] == b"SET":
            server.values[words[1]] = words[2]
            if is_wrong and server.fault == "not OK":
                server.faults += 1
                return b":1\r\n"
            return b"+OK\r\n"
        value = server.values.get(words[1])
        if value is not None and is_wrong:
            if server.fault == "lost":
                value = None
            elif server.fault == "cut":
                value = value[:-1]
            elif server.fault == "mixed up":
                value = server.values[next(key for key in server.values if key != words[1])]
            server.faults += server.fault != "not OK"
        return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)


class Verification(driver.DriverCase):

    def load(self, fault):
        server = WrongServer(fault)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            run = driver.run(server.port, "--verify", "--keys=200", "--requests=4000", "--connections=2", "--pipeline=10",
                             "--reads=1", "--fill")
        finally:
            server.shutdown()
            server.server_close()
        return server, run

    def test_a_right_one_passes(self):
        _, run = self.load(None)
        self.assertEqual(run.code, 0, run.errors)
        self.assertEqual(run.results["verified"], 4000)

    def test_each_fault_is_found_and_shown(self):
        for fault, words in (("lost", "is missing"), ("cut", "has the value"), ("mixed up", "has the value"), ("not OK", "not OK")):
            server, run = self.load(fault)
            self.assertEqual(run.code, 1, fault)
            self.assertGreater(server.faults, 5)
            self.assertEqual(run.results["differences"], server.faults, fault)
            self.assertIn(words, run.errors)
            self.assertIn("replies differ", run.errors)

    def test_another_clients_values_are_found(self):
        _, port = self.start_server([clusters.server_path(), "--port={port}"])
        process = driver.start(port, "--verify", "--keys=100", "--requests=20000", "--reads=1", "--fill", "--pipeline=2")
        with Connection(port) as connection:
            while process.poll() is None:
                connection.call_all([("SET", f"key:{number:012}", "stranger") for number in range(100)])
        run = driver.finish(process)
        self.assertEqual(run.code, 1)
        self.assertGreater(run.results["differences"], 0)
        self.assertIn("stranger", run.errors)

    def test_what_is_no_resp_ends_the_run(self):
        class Babbler(socketserver.StreamRequestHandler):
            def handle(self):
                self.rfile.readline()
                self.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Babbler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            run = driver.run(server.server_address[1], "--requests=10")
            server.shutdown()
        self.assertEqual(run.code, 1)
        self.assertIn("no RESP: HTTP/1.1", run.errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
