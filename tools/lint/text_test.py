"""Plants faults and sees them found; what is allowed passes."""

import pathlib
import unittest

import text

MARK = "TO" + "DO"
MUTE = "NO" + "LINT"


def faults(path, body, own=None):
    return [fault for _, fault in text.file_faults(path, body, own)]


class Text(unittest.TestCase):
    def test_open_work_needs_a_number(self):
        for line in (f"// {MARK}: later\n", f"# {MARK}(me): later\n"):
            self.assertTrue(faults("a.py", line), line)
        self.assertFalse(faults("a.py", f"# {MARK}(12): page the answer.\n"))

    def test_a_suppression_says_what_and_why(self):
        for line in (f"x; // {MUTE}\n", f"x; // {MUTE}(google-runtime-int)\n"):
            self.assertTrue(faults("a.cc", line), line)
        self.assertFalse(
            faults("a.cc", f"x; // {MUTE}(google-runtime-int): the ABI's type\n")
        )
        self.assertFalse(
            faults("a.cc", f"// The ABI's type.\nx; // {MUTE}(google-runtime-int)\n")
        )
        self.assertFalse(faults("a.cc", f"// {MUTE}END(google-runtime-int)\n"))

    def test_paths_of_one_machine(self):
        self.assertTrue(faults("a.sh", "cd /home/" + "anna/limpid\n"))
        self.assertFalse(faults("a.sh", "cd /usr/include /var/lib/limpid\n"))
        own = text.own_root(pathlib.PurePosixPath("/projects/limpid"))
        self.assertTrue(faults("a.sh", "cd /projects/other\n", own))
        self.assertFalse(faults("a.sh", "cd ../projects/other\n", own))
        self.assertIsNone(text.own_root(pathlib.PurePosixPath("/tmp/limpid")))

    def test_headers_are_guarded_by_their_path(self):
        good = "#ifndef LIMPID_VAULT_X_H_\n#define LIMPID_VAULT_X_H_\n#endif\n"
        self.assertFalse(faults("vault/x.h", good))
        self.assertTrue(faults("consent/x.h", good))
        self.assertTrue(faults("vault/x.h", "#pragma once\n"))

    def test_lock_files_name_no_registry(self):
        good = '{"packages": {"": {}, "a": {"integrity": "sha512-x"}}}\n'
        self.assertFalse(faults("t/package-lock.json", good))
        resolved = good.replace('"integrity"', '"resolved": "u", "integrity"')
        self.assertTrue(faults("t/package-lock.json", resolved))
        self.assertTrue(faults("t/package-lock.json", good.replace("int", "x")))
        self.assertTrue(faults(".npmrc", "registry = somewhere\n"))

    def test_files_stay_readable(self):
        self.assertFalse(faults("a.cc", "x\n" * 500))
        self.assertTrue(faults("a.cc", "x\n" * 501))
        self.assertTrue(faults("a.cc", "x \n"))
        self.assertTrue(faults("a.cc", "x"))

    def test_named_pages_and_tests_exist(self):
        files = {
            "a.h": "// docs/" + "formats/ids.md\n",
            "docs/formats/ids.md": "x\n",
            "docs/threat-model.md": "| row | `Gate.Refuses` |\n",
            "tests/unit/gate_test.cc": "TEST(Gate, Refuses) {}\n",
        }
        self.assertFalse(list(text.reference_faults(files)))
        del files["docs/formats/ids.md"]
        self.assertEqual(len(list(text.reference_faults(files))), 1)
        files["tests/unit/gate_test.cc"] = "TEST(Gate, Admits) {}\n"
        self.assertEqual(len(list(text.reference_faults(files))), 2)


    def test_the_page_lists_the_prefixes_of_ids(self):
        tag = 'static constexpr std::string_view kPrefix = "%s";\n'
        files = {
            "consent/ids.h": tag % "per",
            "tests/unit/base/ids.h": tag % "xyz",
            "common/receipt/registration.cc": (
                '{RegistrationKind::kEvaluation, "evaluation", "evl"},\n'
            ),
            "docs/formats/ids.md": "| consent | `per` |\n| register | `evl` |\n",
        }
        self.assertFalse(list(text.id_faults(files)))
        page = files["docs/formats/ids.md"]
        files["docs/formats/ids.md"] = page.replace("`evl`", "evaluation")
        self.assertEqual(len(list(text.id_faults(files))), 1)
        files["docs/formats/ids.md"] = page + "| vault | `hld`, `slt` |\n"
        self.assertEqual(len(list(text.id_faults(files))), 1)


if __name__ == "__main__":
    unittest.main()
