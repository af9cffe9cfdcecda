// A whole export at once, and whether a row was taken.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_EXPORTED_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_EXPORTED_H_

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "algoregister/profile/export.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"

namespace limpid::algoregister {

struct Export {
  std::string file;
  std::vector<Dropped> dropped;
};

// In the order of `items`.
inline Export ExportItems(const Profile& profile,
                          std::span<const ExportItem> items,
                          const OrganisationNames& names) {
  Export out;
  Exporter exporter(profile);
  out.file = exporter.Begin();
  for (const ExportItem& item : items) {
    out.file += exporter.Add(item, names, out.dropped);
  }
  out.file += exporter.End();
  return out;
}

inline bool IsRejected(const RowReading& reading) {
  return std::any_of(reading.findings.begin(), reading.findings.end(),
                     [](const Finding& finding) { return !finding.repaired; });
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_EXPORTED_H_
