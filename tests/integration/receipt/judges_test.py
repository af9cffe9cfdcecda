#!/usr/bin/env python3
"""judges_test.py CORPUS_PROGRAM LIMPID: two verifiers, one verdict.

The C++ program writes receipts and says what it thinks of each; the Python
verifier must think the same, and refuse every flipped bit.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "clients" / "python"))

import limpid_verify  # noqa: E402
from limpid_verify import ed25519, note, wire  # noqa: E402

LIMPID = sys.argv.pop()
PROGRAM = sys.argv.pop()


class Judges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.place = pathlib.Path(folder.name)
        # Exits 1 when C++ contradicts the names of its own files.
        subprocess.run([PROGRAM, folder.name], check=True)
        cls.key = wire.from_base64url((cls.place / "evidence-key").read_text())
        cls.log = note.LogKey((cls.place / "vkey").read_text())

    def verdict(self, data, log):
        try:
            limpid_verify.verify_file(data, self.key, log)
        except limpid_verify.Refused:
            return "refused"
        return "verified"

    def test_both_say_the_same_of_every_file(self):
        lines = (self.place / "verdicts").read_text().splitlines()
        self.assertGreater(len(lines), 60)
        for line in lines:
            name, expected = line.split()
            data = (self.place / f"{name}.json").read_bytes()
            with self.subTest(name):
                self.assertEqual(self.verdict(data, self.log), expected)

    def test_python_says_which_member_the_entry_contradicts(self):
        for name, member in (
            ("kind-withdrawn", "type"), ("access", "access"),
            ("record-none", "record"), ("revision", "revision"),
            ("service", "service"), ("time", "time"), ("purpose", "purpose"),
            ("line-form", "lines"),
        ):
            data = (self.place / f"bad-entry-says-{name}.json").read_bytes()
            with self.subTest(name), self.assertRaisesRegex(
                    limpid_verify.Refused, f"do not say the same: {member}$"):
                limpid_verify.verify_file(data, self.key, self.log)

    def test_python_refuses_every_flipped_bit(self):
        for name in ("good-logged", "good-copy"):
            with self.subTest(name):
                self.flip_every_bit((self.place / f"{name}.json").read_bytes())

    def flip_every_bit(self, good):
        accepted = []
        for bit in range(len(good) * 8):
            damaged = bytearray(good)
            damaged[bit // 8] ^= 1 << bit % 8
            if self.verdict(bytes(damaged), self.log) == "verified":
                accepted.append(bit)
        self.assertEqual(accepted, [])

    def test_ed25519_answers_as_the_cpp_verifier_is_pinned_to(self):
        # As tests/vectors/cctv_ed25519_test.cc pins them.
        shared = pathlib.Path(os.environ.get("LIMPID_SHARED",
                                             ROOT.parent / "shared"))
        path = shared / "vectors" / "tlog" / "ed25519vectors.json"
        if not path.exists():
            self.skipTest("outside material is absent; set LIMPID_SHARED")
        answers = "".join(
            "1" if ed25519.verify(bytes.fromhex(one["key"]),
                                  one["msg"].encode(),
                                  bytes.fromhex(one["sig"])) else "0"
            for one in json.loads(path.read_text())
        )
        self.assertEqual(
            hashlib.sha256(answers.encode()).hexdigest(),
            "9111cd3acbe211e15031707588bc9d68cb7b0c2d8f500fad1ebfedfc4362ffab",
        )

    def test_a_number_of_any_length_is_refused_and_breaks_nothing(self):
        root = "A" * 43 + "="
        for number in ("1" * 21, "1" * 5_000, str(1 << 64), "01", "\u0661"):
            with self.subTest(len(number)):
                with self.assertRaises(limpid_verify.Refused):
                    note.verify_proof(
                        "c2sp.org/tlog-proof@v1\nindex " + number + "\n\n-",
                        b"", self.log)
                with self.assertRaises(limpid_verify.Refused):
                    note.open_checkpoint(
                        f"{self.log.name}\n{number}\n{root}\n\n-\n", self.log)

    def test_another_key_refuses(self):
        good = (self.place / "good-durable.json").read_bytes()
        with self.assertRaises(limpid_verify.Refused):
            limpid_verify.verify_receipt(good, self.log.key, self.log)

    def test_a_logged_receipt_needs_the_logs_key(self):
        good = (self.place / "good-logged.json").read_bytes()
        self.assertEqual(self.verdict(good, None), "refused")

    def command(self, name, *options):
        return subprocess.run(
            [sys.executable, "-B", "-m", "limpid_verify",
             str(self.place / f"{name}.json"), *options],
            cwd=ROOT / "clients" / "python", capture_output=True, text=True,
            check=False,
        )

    def test_the_command_line_answers_with_its_exit_code(self):
        key = "--evidence-key=" + (self.place / "evidence-key").read_text()
        vkey = "--vkey=" + (self.place / "vkey").read_text()
        good = self.command("good-logged", key, vkey)
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertIn("logged", good.stdout)
        self.assertEqual(self.command("bad-opening", key, vkey).returncode, 4)
        self.assertEqual(self.command("absent", key, vkey).returncode, 5)
        self.assertEqual(self.command("good-logged", "--evidence-key=A")
                         .returncode, 2)

    def limpid(self, name, *options):
        return subprocess.run(
            [LIMPID, "receipt", "verify", str(self.place / f"{name}.json"),
             *options],
            capture_output=True, text=True, check=False,
        )

    def test_both_command_lines_have_one_set_of_exit_codes(self):
        key = "--evidence-key=" + (self.place / "evidence-key").read_text()
        vkey = "--vkey=" + (self.place / "vkey").read_text()
        for name, options in (
            ("good-logged", [key, vkey]), ("good-logged", [key]),
            ("good-durable", [key]), ("good-copy", [key]),
            ("bad-opening", [key, vkey]), ("bad-array", [key, vkey]),
            ("bad-copy-salt", [key]), ("absent", [key]),
            ("good-durable", ["--evidence-key=A"]), ("good-durable", []),
        ):
            with self.subTest(name=name, options=len(options)):
                said = self.limpid(name, *options)
                self.assertEqual(said.returncode,
                                 self.command(name, *options).returncode,
                                 said.stderr)

    def test_imports_nothing_but_the_standard_library(self):
        code = ("import sys, limpid_verify; "
                "print(*{m.split('.')[0] for m in sys.modules})")
        out = subprocess.run([sys.executable, "-I", "-S", "-c",
                              "import sys; sys.path.insert(0, '.'); " + code],
                             cwd=ROOT / "clients" / "python", check=True,
                             capture_output=True, text=True).stdout.split()
        extra = set(out) - set(sys.stdlib_module_names) - {
            "limpid_verify", "__main__"}
        self.assertEqual(extra, set())


if __name__ == "__main__":
    unittest.main()
