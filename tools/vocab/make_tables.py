#!/usr/bin/env python3
"""Makes the taxonomy tables of common/vocab from DPV's CSV modules.

Takes over facts only: term IRIs, English labels, broader-than relations.
Usage: make_tables.py DPV_FOLDER OUTPUT_FOLDER
"""

import csv
import hashlib
import pathlib
import sys

RELEASE = "2.3"
SOURCE = "w3c/dpv f01a55c3c0983e35cdfdf80593ece3353faba7b8"
DPV = "https://w3id.org/dpv#"


def read_classes(folder, names):
    """Class rows of the CSV modules, by IRI; properties are left out."""
    rows = {}
    for name in names:
        with open(folder / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["type"] != "class":
                    continue
                if row["iri"] in rows:
                    sys.exit(f"{name}: a term appears twice")
                rows[row["iri"]] = row
    return rows


def split(cell):
    return [part for part in cell.split(";") if part]


def purposes(folder):
    """Everything typed as a purpose, and the root. Sectors are not purposes."""
    rows = read_classes(
        folder, ["purposes.csv", "sector-publicservices-purposes.csv"])
    return {
        iri: row
        for iri, row in rows.items()
        if iri == DPV + "Purpose" or DPV + "Purpose" in split(row["dpvtype"])
    }


def personal_data(folder):
    """Kinds of data: the core classes and the personal-data extension."""
    return read_classes(
        folder, ["personal_data.csv", "pd-core.csv", "pd-extended.csv"])


def literal(text):
    if any(ord(char) < 0x20 or ord(char) > 0x7E or char in '"\\'
           for char in text):
        sys.exit("a label needs escaping: teach literal() how")
    return f'"{text}"'


def taxonomy(rows):
    """(iri, label, parents inside the taxonomy), everything sorted."""
    terms = []
    for iri in sorted(rows):
        parents = sorted(
            {p for p in split(rows[iri]["hasbroader"]) if p in rows} - {iri})
        terms.append((iri, rows[iri]["label"].strip(), parents))
    return terms


def digest(name, terms):
    """docs/formats/taxonomy.md"""
    lines = [f"limpid-taxonomy\t{name}\t{RELEASE}\n"]
    lines += [f"{iri}\t{label}\t{' '.join(parents)}\n"
              for iri, label, parents in terms]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def render(name, terms):
    index = {iri: at for at, (iri, _, _) in enumerate(terms)}
    parents, rows = [], []
    for iri, label, broader in terms:
        rows.append(f"    {{{literal(iri)},\n     {literal(label)}, "
                    f"{len(parents)}, {len(broader)}}},\n")
        parents += [index[parent] for parent in broader]
    camel = "".join(part.capitalize() for part in name.split("-"))
    return (
        f"// Made by tools/vocab/make_tables.py; do not edit.\n"
        f"// Facts of DPV {RELEASE}: {SOURCE}.\n"
        f'constexpr std::string_view k{camel}Release = "{RELEASE}";\n'
        f"constexpr std::string_view k{camel}Sha256 =\n"
        f'    "{digest(name, terms)}";\n'
        f"constexpr auto k{camel}Parents = std::to_array<std::uint16_t>({{\n"
        f"    {', '.join(map(str, parents))}}});\n"
        f"constexpr auto k{camel}Terms = std::to_array<TermRow>({{\n"
        f"{''.join(rows)}}});\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for name, rows in [("purposes", purposes(folder)),
                       ("personal-data", personal_data(folder))]:
        path = out / f"{name.replace('-', '_')}_table.inc"
        path.write_text(render(name, taxonomy(rows)), encoding="utf-8")
        print(f"{path.name}: {len(rows)} terms")


if __name__ == "__main__":
    main()
