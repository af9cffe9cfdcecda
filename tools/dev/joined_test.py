"""Joined sources: what clashes is compiled apart, what is wrong is still told."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import joined_plan  # noqa: E402


class JoinedTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def write(self, name, text):
        path = self.place / name
        path.write_text(text)
        return str(path)

    def compile(self, *parts):
        """Compiles the parts as one: (status, symbols, depfile, errors)."""
        source = self.write(
            "unity_g0_cxx.cxx", "".join(f'#include "{part}"\n' for part in parts)
        )
        target, depfile = self.place / "out.o", self.place / "out.d"
        command = ["c++", "-std=c++20", "-Wshadow", "-Werror", "-MD", "-MF",
                   str(depfile), "-o", str(target), "-c", source]
        done = subprocess.run(
            [sys.executable, str(HERE / "joined_compile.py"), *command],
            capture_output=True, check=False, text=True,
        )
        symbols = ""
        if done.returncode == 0:
            symbols = subprocess.run(
                ["nm", "-C", str(target)], capture_output=True, check=True, text=True
            ).stdout
        needed = depfile.read_text() if depfile.exists() else ""
        return done.returncode, symbols, needed, done.stderr

    def test_files_without_a_clash_are_one(self):
        one = self.write("one.cc", "int One() { return 1; }\n")
        two = self.write("two.cc", "int Two() { return 2; }\n")
        status, symbols, needed, _ = self.compile(one, two)
        self.assertEqual(status, 0)
        self.assertIn("One()", symbols)
        self.assertIn("Two()", symbols)
        self.assertIn("two.cc", needed)

    def test_a_clash_is_compiled_apart(self):
        header = self.write("shared.h", "#pragma once\ninline int kShared = 3;\n")
        text = '#include "%s"\nnamespace { int Help() { return %d; } }\n' \
               "int %s() { return Help() + kShared; }\n"
        one = self.write("one.cc", text % (header, 1, "One"))
        two = self.write("two.cc", text % (header, 2, "Two"))
        status, symbols, needed, errors = self.compile(one, two)
        self.assertEqual((status, errors), (0, ""))
        self.assertIn("One()", symbols)
        self.assertIn("Two()", symbols)
        for name in ("one.cc", "two.cc", "shared.h", "unity_g0_cxx.cxx"):
            self.assertIn(name, needed)
        self.assertEqual(needed.count("out.o:"), 1)

    def test_a_fault_is_told_with_its_file(self):
        one = self.write("one.cc", "int One() { return 1; }\n")
        two = self.write("two.cc", "int Two() { return missing; }\n")
        status, _, _, errors = self.compile(one, two)
        self.assertNotEqual(status, 0)
        self.assertIn("two.cc:1", errors)

    def test_names_are_once_in_a_group(self):
        one = self.write("one.cc", "using std::sort;\nint Help() {\n}\n")
        two = self.write("two.cc", "using std::sort;\nint Other() {\n}\n")
        three = self.write("three.cc", "int Help() {\n}\n")
        four = self.write("four.cc", "constexpr int sort = 3;\n")
        groups = joined_plan.plan([one, two, three, four])
        self.assertEqual(groups, [[one, two], [three, four]])

    def test_an_alias_is_of_one_namespace_in_a_group(self):
        one = self.write("one.cc", "namespace v1 = a::v1;\n")
        two = self.write("two.cc", "namespace v1 = b::v1;\n")
        three = self.write("three.cc", "namespace v1 = a::v1;\nstruct None {};\n")
        four = self.write("four.cc", "namespace v1 = b::v1;\nstruct None;\n")
        groups = joined_plan.plan([one, two, three, four])
        self.assertEqual(groups, [[one, three], [two, four]])


if __name__ == "__main__":
    unittest.main()
