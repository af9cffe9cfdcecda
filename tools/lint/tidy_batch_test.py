"""Batches: what may stand in one text, and with which command it is read."""

import pathlib
import tempfile
import unittest

import tidy
import tidy_batch

COMMAND = "c++ {0} -I/r -fPIC -o x/{1}.o -c /r/{1}"


class TidyBatchTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)
        self.commands = {}

    def file(self, path, text, more=""):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        if path.endswith(".cc"):
            self.commands[path] = COMMAND.format(more, path)
        return path

    def plan(self):
        sources = tidy.Sources(self.root)
        return tidy_batch.plan(sorted(self.commands), self.commands, sources)

    def test_files_of_several_folders_stand_together(self):
        self.file("a/one.cc", "namespace a {\nint One() { return 1; }\n}\n")
        self.file("b/two.cc", "namespace b {\nint Two() { return 2; }\n}\n")
        self.assertEqual(self.plan(), [["a/one.cc", "b/two.cc"]])

    def test_a_name_stands_once_in_a_namespace(self):
        for path, space in [("a.cc", "a"), ("b.cc", "b"), ("c.cc", "a")]:
            self.file(path, f"namespace {space} {{\nint Of() {{ return 1; }}\n}}\n")
        self.assertEqual(self.plan(), [["a.cc", "b.cc"], ["c.cc"]])

    def test_what_stands_behind_a_namespace_is_outside_of_it(self):
        for path, space in [("a.cc", "a"), ("b.cc", "b")]:
            self.file(
                path,
                f"namespace {space} {{\n}}  // namespace {space}\n"
                "int main() { return 0; }\n",
            )
        self.assertEqual(len(self.plan()), 2)

    def test_light_files_do_not_wait_for_heavy_headers(self):
        self.file("a.cc", '#include "a.h"\n')
        self.file("a.h", "#include <grpcpp/grpcpp.h>\n")
        self.file("b.cc", "int B();\n")
        self.assertEqual(sorted(self.plan()), [["a.cc"], ["b.cc"]])

    def test_rules_and_macros_that_differ_part_files(self):
        self.file("a.cc", "", '-DPLACE=\\"x\\"')
        self.file("b.cc", "", '-DPLACE=\\"y\\"')
        self.file("c.cc", "", "-DOTHER")
        self.file("tests/.clang-tidy", "")
        self.file("tests/d.cc", "")
        self.assertEqual(
            sorted(self.plan()), [["a.cc", "c.cc"], ["b.cc"], ["tests/d.cc"]]
        )

    def test_one_command_has_the_flags_of_all(self):
        self.file("a.cc", "", "-DA -isystem /x")
        self.file("b.cc", "", "-isystem /y -DB")
        command = tidy_batch.common_command(
            ["a.cc", "b.cc"], self.commands, "both.cc"
        )
        self.assertEqual(
            command, "c++ -DA -isystem/x -I/r -isystem/y -DB -Wno-shadow -c both.cc"
        )

    def test_a_fault_is_told_as_that_of_its_file(self):
        self.file("a.cc", "#include <vector>\nint A();\n")
        self.file("b.cc", "#include <vector>\nint B();\n")
        batch = tidy_batch.join(["a.cc", "b.cc"], tidy.Sources(self.root))
        self.assertEqual(batch.text.count("#include"), 1)
        self.assertEqual(
            tidy_batch.relocate("x.cc:4:1: error: e", batch, "x.cc"),
            "b.cc:2:1: error: e",
        )


if __name__ == "__main__":
    unittest.main()
