#!/usr/bin/env python3
"""Makes the conformance report of a MIM, as JSON and as a page, from test results.

mim_report.py RESULTS_XML FOLDER NAME writes FOLDER/NAME.json and
FOLDER/NAME.html, "mim4" for NAME, and prints a line per row. A row that waits for another part is pending, never
passed. Exits with 1 when a row failed.
"""

import html
import json
import pathlib
import sys
import xml.etree.ElementTree as xml

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name} conformance</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 60rem;
  padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border-bottom: 1px solid #888; padding: .4rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere }}
</style>
<h1>{name} conformance</h1>
<p>{summary}</p>
<table><thead><tr><th>Row<th>Asks<th>Result<th>Case<th>Text</thead>
<tbody>
{rows}
</tbody></table>
</html>
"""


def read_rows(path):
    """One dictionary for each case that cites a row."""
    rows = []
    for case in xml.parse(path).getroot().iter("testcase"):
        told = {p.get("name"): p.get("value") for p in case.iter("property")}
        told.update(case.attrib)
        if "row" not in told:
            continue
        skipped = case.find("skipped")
        result, why = "passed", ""
        if case.find("failure") is not None:
            result = "failed"
        elif skipped is not None:
            result = "pending"
            text = skipped.get("message", "").splitlines()
            why = " ".join(text[1:]).removeprefix("pending: ")
        rows.append(
            {
                "row": told["row"],
                "source": told["source"],
                "asks": told["asks"],
                "result": result,
                "waits_for": why,
                "case": f"{case.get('classname')}.{case.get('name')}",
            }
        )
    return sorted(rows, key=lambda row: (row["source"], row["row"]))


def page_row(row):
    result = row["result"]
    if row["waits_for"]:
        result += ": " + row["waits_for"]
    cells = [row["row"], row["asks"], result, row["case"], row["source"]]
    return "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells)


def main():
    results, folder = map(pathlib.Path, sys.argv[1:3])
    stem = sys.argv[3]
    name = stem.upper()
    rows = read_rows(results)
    counts = {
        result: sum(row["result"] == result for row in rows)
        for result in ("passed", "failed", "pending")
    }
    summary = ", ".join(f"{count} {result}" for result, count in counts.items())
    report = {"standard": f"OASC {name}", "counts": counts, "rows": rows}
    (folder / f"{stem}.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    )
    (folder / f"{stem}.html").write_text(
        PAGE.format(name=name, summary=summary, rows="\n".join(map(page_row, rows)))
    )
    print(f"   {name}, row by row:")
    for row in rows:
        why = f" (waits for {row['waits_for']})" if row["waits_for"] else ""
        print(f"   {row['result']:8} {row['row']:14} {row['asks']}{why}")
    print(
        f"   {name}: {summary}; the report: {folder}/{stem}.json and {stem}.html"
    )
    return 1 if counts["failed"] or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
