"""limpid_verify.evidence by itself: what it says of claimed intervals, against
figures worked out by hand, and with which code it ends."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PYTHON = pathlib.Path(__file__).resolve().parents[4] / "clients" / "python"

MANIFEST = {
    "favourable": "positive", "groups": ["class"], "k": 0, "level": 0.95,
    "label": {"column": "label", "negative": "0", "positive": "1"},
    "prediction": {"column": "said", "negative": "0", "positive": "1"},
    "reference": {"class": "a"}, "tau": 0.8,
}
TABLE = [
    {"group": {"class": "a"}, "tp": 4, "fp": 1, "fn": 1, "tn": 4},
    {"group": {"class": "b"}, "tp": 1, "fp": 1, "fn": 4, "tn": 4},
]
# tpr of a is 4 of 5: Wilson's interval at 95 %, z = 1.959963984540054.
VALUE, LOW, HIGH = 0.8, 0.3755346297625, 0.9637758913676


def claim(**more):
    return {"metric": "tpr", "attribute": "class", "group": "a",
            "value": VALUE} | more


class Intervals(unittest.TestCase):
    def said_of(self, *claims, **bundle):
        file = {"claims": claims, "format": "limpid-evidence-bundle/1",
                "manifest": MANIFEST} | (bundle or {"table": TABLE})
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bundle.json"
            path.write_text(json.dumps(file))
            run = subprocess.run(
                [sys.executable, "-B", "-m", "limpid_verify.evidence", path],
                cwd=PYTHON, capture_output=True, check=False)
        said = json.loads(run.stdout)
        return run.returncode, said["marks"], said["interval_marks"]

    def test_the_interval_of_the_papers_is_ours(self):
        rounded = claim(ci_low=0.3755, ci_high=0.9638, decimals=4)
        exact = claim(ci_low=LOW, ci_high=HIGH)
        self.assertEqual(
            self.said_of(rounded, exact, claim()),
            (0, ["recomputed"] * 3, ["recomputed", "recomputed", None]))

    def test_a_planted_wrong_interval_fails_though_the_value_is_right(self):
        for wrong in (claim(ci_low=0.4, ci_high=HIGH),
                      claim(ci_high=0.9638),  # rounded, and does not say so
                      claim(ci_low=LOW + 1e-6),
                      claim(ci_low=0.3756, ci_high=0.9638, decimals=4)):
            with self.subTest(wrong):
                self.assertEqual(self.said_of(wrong),
                                 (4, ["recomputed"], ["differs"]))

    def test_one_end_alone_is_judged(self):
        self.assertEqual(self.said_of(claim(ci_low=0.3755, decimals=4))[2],
                         ["recomputed"])

    def test_where_there_is_no_method_nothing_is_judged(self):
        odds = {"metric": "eq_odds", "value": 0.6, "ci_low": 0, "ci_high": 1}
        self.assertEqual(self.said_of(odds),
                         (0, ["recomputed"], ["not_checkable"]))
        sealed = {"sealed": {"bytes": 1, "sha256": "sha256:" + "0" * 64}}
        self.assertEqual(self.said_of(claim(ci_low=0), **sealed),
                         (0, ["not_checkable"], ["not_checkable"]))


if __name__ == "__main__":
    unittest.main()
