"""python3 -m limpid_verify.evidence BUNDLE

Recomputes an evidence bundle (docs/formats/evidence-bundle.md) with nothing of
the register's own: metrics from their formulas with exact fractions, intervals
from their papers. Prints JSON; exit code 4 if the value or the interval of a
claim differs, 5 if the file is no bundle, 1 if it says that the bundle was
erased: neither verified nor forged. Strictness of the format is the C++
reader's; this one recomputes.
"""

import csv
import hashlib
import io
import json
import math
import re
import statistics
import sys
from decimal import Decimal
from fractions import Fraction

JOIN = " & "
ERASURE = "limpid-evidence-erasure/1"
# Ends of intervals need a quantile of the normal distribution.
VALUE_TOLERANCE = 1e-12
INTERVAL_TOLERANCE = 1e-9
RATES = {
    "base_rate": lambda c, t: (c["tp"] + c["fn"], n_of(c)),
    "selection_rate": lambda c, t: (c["tp"] + c["fp"], n_of(c)),
    "ppr": lambda c, t: (c["tp"] + c["fp"], t["tp"] + t["fp"]),
    "tpr": lambda c, t: (c["tp"], c["tp"] + c["fn"]),
    "fpr": lambda c, t: (c["fp"], c["fp"] + c["tn"]),
    "fnr": lambda c, t: (c["fn"], c["tp"] + c["fn"]),
    "tnr": lambda c, t: (c["tn"], c["fp"] + c["tn"]),
    "ppv": lambda c, t: (c["tp"], c["tp"] + c["fp"]),
    "npv": lambda c, t: (c["tn"], c["tn"] + c["fn"]),
    "fdr": lambda c, t: (c["fp"], c["tp"] + c["fp"]),
    "for": lambda c, t: (c["fn"], c["tn"] + c["fn"]),
    "accuracy": lambda c, t: (c["tp"] + c["tn"], n_of(c)),
}
SAME = {
    "pprev": "selection_rate",
    "prevalence": "base_rate",
    "prev": "base_rate",
    "precision": "ppv",
    "pprev_disparity": "selection_rate_disparity",
    "precision_disparity": "ppv_disparity",
}


class Undefined(Exception):
    """0/0 or x/0."""


class Unknown(Exception):
    """Not computed here, or the evidence lacks it."""


def n_of(counts):
    return counts["tp"] + counts["fp"] + counts["fn"] + counts["tn"]


def quotient(pair):
    if pair[1] == 0:
        raise Undefined
    return Fraction(pair[0], pair[1])


def wilson(pair, level):
    """Wilson 1927: the roots p of (x/n - p)^2 = z^2 p (1 - p) / n."""
    count, size = pair
    z = statistics.NormalDist().inv_cdf(0.5 + level / 2)
    a = size + z * z
    b = 2 * count + z * z
    root = math.sqrt(max(0.0, z * z * (z * z + 4 * count * (size - count) / size)))
    return (b - root) / (2 * a), (b + root) / (2 * a)


def newcombe(left, right, level):
    """Newcombe 1998, method 10."""
    p, q = left[0] / left[1], right[0] / right[1]
    l1, u1 = wilson(left, level)
    l2, u2 = wilson(right, level)
    return (p - q - math.sqrt((p - l1) ** 2 + (u2 - q) ** 2),
            p - q + math.sqrt((u1 - p) ** 2 + (q - l2) ** 2))


def katz(left, right, level):
    """Katz and others 1978."""
    if left[0] == 0 or right[0] == 0:
        return None
    z = statistics.NormalDist().inv_cdf(0.5 + level / 2)
    error = math.sqrt(1 / left[0] - 1 / left[1] + 1 / right[0] - 1 / right[1])
    middle = math.log((left[0] / left[1]) / (right[0] / right[1]))
    return math.exp(middle - z * error), math.exp(middle + z * error)


class Grouping:
    """The cases divided by one attribute."""

    def __init__(self, attribute, groups, reference, manifest):
        self.attribute = attribute
        self.groups = dict(sorted(groups.items(), key=lambda kv: kv[0].encode()))
        self.reference = reference if reference in groups else None
        self.level = manifest["level"]
        self.flip = manifest["favourable"] == "negative"
        self.total = {key: sum(c[key] for c in groups.values())
                      for key in ("tp", "fp", "fn", "tn")}

    def _favoured(self, counts):
        if not self.flip:
            return counts
        return {"tp": counts["tn"], "fp": counts["fn"],
                "fn": counts["fp"], "tn": counts["tp"]}

    def pair(self, rate, group):
        if group and group not in self.groups:
            raise Unknown
        counts = self.groups[group] if group else self.total
        if rate.startswith("favourable_"):
            name = {"rate": "selection_rate"}.get(rate[11:], rate[11:])
            return RATES[name](self._favoured(counts), self.total)
        return RATES[rate](counts, self.total)

    def _beside(self, rate, group):
        if not group or self.reference is None:
            raise Unknown
        return self.pair(rate, group), self.pair(rate, self.reference)

    def _ends(self, rate):
        pairs = [self.pair(rate, group) for group in self.groups]
        values = [quotient(pair) for pair in pairs]
        return (pairs[values.index(min(values))],
                pairs[values.index(max(values))])

    def _gap(self, rate):
        low, high = self._ends(rate)
        return quotient(high) - quotient(low)

    def _across(self, metric):
        if metric == "eq_odds":
            return max(self._gap("tpr"), self._gap("fpr")), None
        rate = "favourable_tpr" if metric == "eo_opportunity" else "selection_rate"
        low, high = self._ends(rate)
        if metric == "dp_ratio":
            if high[0] == 0:
                raise Undefined
            return quotient(low) / quotient(high), katz(low, high, self.level)
        return (quotient(high) - quotient(low),
                newcombe(high, low, self.level))

    def _theil(self, group):
        counts = self._favoured(self.groups[group] if group else self.total)
        benefits = [1.0] * (counts["tp"] + counts["tn"]) + \
            [2.0] * counts["fp"] + [0.0] * counts["fn"]
        if not benefits:
            raise Undefined
        mean = math.fsum(benefits) / len(benefits)
        if mean == 0:
            raise Undefined
        return math.fsum(b / mean * math.log(b / mean)
                         for b in benefits if b) / len(benefits), None

    def compute(self, metric, group):
        """(value, interval or None)."""
        metric = SAME.get(metric, metric)
        if metric in ("eq_odds", "dp_difference", "dp_ratio", "eo_opportunity"):
            if group:
                raise Unknown
            return self._across(metric)
        if metric == "theil_index":
            return self._theil(group)
        if metric in RATES or metric == "favourable_rate":
            pair = self.pair(metric, group)
            return quotient(pair), wilson(pair, self.level)
        return self._against_reference(metric, group)

    def _against_reference(self, metric, group):
        own = group == self.reference
        if metric == "average_odds_difference":
            gaps = [self._beside(rate, group)
                    for rate in ("favourable_tpr", "favourable_fpr")]
            return sum(quotient(a) - quotient(b) for a, b in gaps) / 2, None
        signed = {"dp_difference_signed": "favourable_rate",
                  "eo_opportunity_signed": "favourable_tpr"}
        if metric in signed:
            one, other = self._beside(signed[metric], group)
            value = quotient(one) - quotient(other)
            return value, None if own else newcombe(one, other, self.level)
        rate = metric.removesuffix("_disparity")
        if metric == "disparate_impact":
            rate = "favourable_rate"
        elif rate == metric or rate not in RATES:
            raise Unknown
        one, other = self._beside(rate, group)
        if quotient(other) == 0:
            quotient(one)
            raise Undefined
        value = quotient(one) / quotient(other)
        if own or rate == "ppr":
            return value, None
        return value, katz(one, other, self.level)


def cells_of(bundle):
    """{values of the group columns: counts}."""
    manifest = bundle["manifest"]
    columns = manifest["groups"]
    cells = {}

    def add(key, kind, count):
        cell = cells.setdefault(key, {"tp": 0, "fp": 0, "fn": 0, "tn": 0})
        cell[kind] += count

    if "table" in bundle:
        for cell in bundle["table"]:
            for kind in ("tp", "fp", "fn", "tn"):
                add(tuple(cell["group"][c] for c in columns), kind, cell[kind])
    for row in csv.DictReader(io.StringIO(bundle.get("rows", ""), newline="")):
        prediction = manifest["prediction"]
        said = row[prediction["column"]]
        if "threshold" in prediction:
            predicted = float(said) >= prediction["threshold"]
        else:
            predicted = said == prediction["positive"]
        label = manifest["label"]
        truth = row[label["column"]] == label["positive"]
        kind = ("t" if predicted == truth else "f") + ("p" if predicted else "n")
        add(tuple(row[c] for c in columns), kind, 1)
    return cells


def groupings_of(bundle):
    manifest = bundle["manifest"]
    columns = manifest["groups"]
    cells = cells_of(bundle)
    reference = manifest.get("reference", {})

    def collect(attribute, name, chosen):
        groups = {}
        for key, counts in cells.items():
            into = groups.setdefault(name(key), dict.fromkeys(counts, 0))
            for kind, count in counts.items():
                into[kind] += count
        return Grouping(attribute, groups, chosen, manifest)

    out = [collect(column, lambda key, at=at: key[at], reference.get(column))
           for at, column in enumerate(columns)]
    if manifest.get("intersections") and len(columns) > 1:
        chosen = JOIN.join(reference[c] for c in columns) \
            if len(reference) == len(columns) else None
        out.append(collect(JOIN.join(columns), JOIN.join, chosen))
    return {grouping.attribute: grouping for grouping in out}


def rounded_to(value, decimals):
    """Whether the shortest way to write the number has so many decimals."""
    return Decimal(repr(float(value))).normalize().as_tuple().exponent >= -decimals


def near(claim, said, ours, allowed):
    """Whether an end or a value is ours, as exactly as the claim gives it."""
    if "decimals" in claim and rounded_to(said, claim["decimals"]):
        allowed += 0.5 * 10.0 ** -claim["decimals"]
    return abs(said - ours) <= allowed + sys.float_info.epsilon * abs(ours)


def interval_mark_of(claim, interval):
    """None where the claim gives no interval; one end alone is judged alone."""
    ends = [(claim[name], at) for at, name in enumerate(("ci_low", "ci_high"))
            if name in claim]
    if not ends:
        return None
    if interval is None:
        return "not_checkable"
    same = all(near(claim, said, interval[at], INTERVAL_TOLERANCE)
               for said, at in ends)
    return "recomputed" if same else "differs"


def marks_of(claim, groupings):
    """(mark of the value, mark of the interval or None)."""
    attribute, group = claim.get("attribute"), claim.get("group", "")
    metric = SAME.get(claim["metric"], claim["metric"])
    whole = not group and (metric in RATES or metric in
                           ("favourable_rate", "theil_index"))
    if attribute is None and (len(groupings) == 1 or whole) and groupings:
        attribute = next(iter(groupings))
    unknown = "not_checkable", interval_mark_of(claim, None)
    if attribute not in groupings:
        return unknown
    try:
        value, interval = groupings[attribute].compute(metric, group)
    except Undefined:
        return "differs", interval_mark_of(claim, None)
    except Unknown:
        return unknown
    same = near(claim, claim["value"], float(value), VALUE_TOLERANCE)
    return "recomputed" if same else "differs", interval_mark_of(claim, interval)


def metrics_of(groupings, ids):
    for grouping in groupings.values():
        for metric in ids:
            for group in ["", *grouping.groups]:
                one = {"metric": metric, "attribute": grouping.attribute}
                if group:
                    one["group"] = group
                try:
                    value, interval = grouping.compute(metric, group)
                except Unknown:
                    continue
                except Undefined:
                    yield one | {"undefined": True}
                    continue
                one["value"] = float(value)
                if interval:
                    one["ci_low"], one["ci_high"] = interval
                yield one


def erasure_of(file):
    """What a file says of a bundle that was erased; None if it is none."""
    members = ("digest", "format", "ground", "role", "time")
    if not isinstance(file, dict) or file.get("format") != ERASURE:
        return None
    if sorted(file) != list(members) or not all(
            isinstance(file[member], str) and file[member] for member in members):
        raise ValueError("no whole note of an erasure")
    if not re.fullmatch("sha256:[0-9a-f]{64}", file["digest"]):
        raise ValueError("no digest")
    return {member: file[member] for member in members if member != "format"}


def answer_of(data):
    """(what to print, exit code) for the bytes of a file."""
    bundle = json.loads(data)
    erased = erasure_of(bundle)
    if erased is not None:
        return {"erased": erased}, 1
    groupings = {} if "sealed" in bundle else groupings_of(bundle)
    ids = [*RATES, "favourable_rate", "theil_index", "eq_odds", "dp_difference",
           "dp_ratio", "eo_opportunity", "dp_difference_signed",
           "eo_opportunity_signed", "average_odds_difference",
           "disparate_impact", "selection_rate_disparity",
           *(rate + "_disparity" for rate in
             ("ppr", "tpr", "fpr", "fnr", "tnr", "ppv", "npv", "fdr", "for"))]
    judged = [marks_of(claim, groupings) for claim in bundle["claims"]]
    answer = {"digest": "sha256:" + hashlib.sha256(data).hexdigest(),
              "marks": [mark for mark, _ in judged],
              "interval_marks": [mark for _, mark in judged],
              "metrics": list(metrics_of(groupings, ids))}
    return answer, 4 if any("differs" in marks for marks in judged) else 0


def refuse(why) -> int:
    print(f"limpid_verify.evidence: {why}", file=sys.stderr)
    return 5


def main() -> int:
    if len(sys.argv) != 2:
        return refuse("say the file: python3 -m limpid_verify.evidence BUNDLE")
    try:
        with open(sys.argv[1], "rb") as file:
            data = file.read()
    except OSError as error:
        return refuse(error.strerror)
    # Python ends with 1 when nobody catches, and 1 says that a bundle was
    # erased: whatever a file makes of these functions, it is no bundle.
    try:
        answer, code = answer_of(data)
        text = json.dumps(answer)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
            RecursionError, MemoryError, csv.Error,
            statistics.StatisticsError) as error:
        return refuse(f"no bundle: {error!r}")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        return refuse(f"the answer cannot be written: {error.strerror}")
    return code


if __name__ == "__main__":
    sys.exit(main())
