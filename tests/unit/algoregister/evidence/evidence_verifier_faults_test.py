"""limpid_verify.evidence of files that are no bundles: it ends with 5 and writes
nothing, whatever they make of its functions. Ending with 1 says that a bundle
was erased, and so does Python when nobody catches."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PYTHON = pathlib.Path(__file__).resolve().parents[4] / "clients" / "python"
sys.path.insert(0, str(PYTHON))

from limpid_verify import evidence  # noqa: E402

MANIFEST = {
    "favourable": "positive", "groups": ["class"], "k": 0, "level": 0.95,
    "label": {"column": "label", "negative": "0", "positive": "1"},
    "prediction": {"column": "said", "negative": "0", "positive": "1"},
    "reference": {"class": "a"}, "tau": 0.8,
}
TABLE = [{"group": {"class": "a"}, "tp": 4, "fp": 1, "fn": 1, "tn": 4}]
CLAIM = {"metric": "tpr", "attribute": "class", "group": "a", "value": 0.8}


def bundle(**changes):
    return {"claims": [CLAIM], "format": "limpid-evidence-bundle/1",
            "manifest": MANIFEST, "table": TABLE} | changes


def run_on(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "bundle.json"
        path.write_text(text)
        return subprocess.run(
            [sys.executable, "-B", "-m", "limpid_verify.evidence", path],
            cwd=PYTHON, capture_output=True, check=False, text=True)


class Faults(unittest.TestCase):
    def refused(self, text):
        run = run_on(text)
        self.assertEqual((run.returncode, run.stdout), (5, ""), run.stderr)
        self.assertIn("no bundle", run.stderr)
        self.assertNotIn("Traceback", run.stderr)

    def test_a_bundle_is_recomputed(self):
        run = run_on(json.dumps(bundle()))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(json.loads(run.stdout)["marks"], ["recomputed"])

    def test_what_breaks_a_claim_or_metric_is_no_bundle(self):
        without_metric = {key: CLAIM[key] for key in CLAIM if key != "metric"}
        for changes in (
                {"table": [], "claims": [{"metric": "theil_index", "value": 0}]},
                {"claims": [without_metric]},
                {"claims": [CLAIM | {"value": "0.8"}]},
                {"claims": [CLAIM | {"metric": ["tpr"]}]},
                {"claims": ["tpr"]}, {"claims": 1}, {"claims": None},
                {"claims": [CLAIM | {"decimals": 10**400}]},
                {"manifest": MANIFEST | {"level": 1}},
                {"manifest": MANIFEST | {"level": "0.95"}},
                {"manifest": MANIFEST | {"groups": ["other"]}},
                {"table": [TABLE[0] | {"tp": 10**400}]},
        ):
            with self.subTest(changes):
                self.refused(json.dumps(bundle(**changes)))

    def test_what_is_no_object_is_no_bundle(self):
        for text in ("", "1", "[]", "null", "{}", "[" * 100_000,
                     '{"format": "limpid-evidence-erasure/1"}'):
            with self.subTest(text[:40]):
                self.refused(text)

    def test_without_cases_the_theil_index_is_undefined(self):
        one = evidence.Grouping("class", {}, None, MANIFEST)
        with self.assertRaises(evidence.Undefined):
            one.compute("theil_index", "")

    def test_a_command_without_a_file_says_nothing_of_an_erasure(self):
        run = subprocess.run(
            [sys.executable, "-B", "-m", "limpid_verify.evidence"],
            cwd=PYTHON, capture_output=True, check=False, text=True)
        self.assertEqual((run.returncode, run.stdout), (5, ""))

    @unittest.skipUnless(pathlib.Path("/dev/full").exists(), "no /dev/full")
    def test_an_answer_that_cannot_be_written_is_none(self):
        with tempfile.TemporaryDirectory() as folder, \
                open("/dev/full", "w") as full:
            path = pathlib.Path(folder) / "bundle.json"
            path.write_text(json.dumps(bundle()))
            run = subprocess.run(
                [sys.executable, "-B", "-m", "limpid_verify.evidence", path],
                cwd=PYTHON, stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertNotIn(run.returncode, (0, 1))


if __name__ == "__main__":
    unittest.main()
