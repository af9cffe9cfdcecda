// Fills the store of a stopped consent server with granted records, many to a
// commit: what growth is measured on.

#ifndef LIMPID_TESTS_BENCH_RECORD_GENERATOR_H_
#define LIMPID_TESTS_BENCH_RECORD_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "consent/ids.h"
#include "consent/record/revision.h"

namespace limpid::bench {

// Of one person. Each has its row and that of one revision; the person has an
// account and a key.
inline constexpr std::size_t kRecordsOfPerson = 10;

struct GeneratedRecords {
  std::vector<consent::RecordId> ids;
  // Growth of the role's databases for one record, its share of person, key and
  // account included.
  double bytes_per_record = 0;
};

// What every record says.
struct RecordPattern {
  // Service, agreement, lines, validity; the rest is made.
  consent::Revision granted;
  std::string purpose;
  // Where the persons are linked.
  consent::SourceId source;
};

// `config_file` is that of the server, which must not run. Aborts on failure.
GeneratedRecords GenerateRecords(const std::filesystem::path& config_file,
                                 const RecordPattern& pattern,
                                 std::size_t count);

}  // namespace limpid::bench

#endif  // LIMPID_TESTS_BENCH_RECORD_GENERATOR_H_
