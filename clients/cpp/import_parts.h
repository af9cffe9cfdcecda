// Adds up what the imports of one file's parts reported, and sees what the
// server cannot in one part: a row that stands in two of them.

#ifndef LIMPID_CLIENTS_CPP_IMPORT_PARTS_H_
#define LIMPID_CLIENTS_CPP_IMPORT_PARTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "clients/cpp/register_client.h"

namespace limpid::client {

class ImportParts {
 public:
  // Errors:
  //   kInvalidArgument  a row of `part` goes by an id or other name that one of
  //                     an earlier part goes by, or is of the same
  //                     registration: "line L: ...".
  absl::Status CheckRows(const ImportReport& part);
  // Takes over what `part` says. Of rows only what people are told about stays:
  // a large file has many.
  void Add(ImportReport part, std::uint64_t first_row);
  ImportReport Take() && { return std::move(all_); }

 private:
  void AddSummary(const algoregister::v1::ImportSummary& from);

  ImportReport all_;
  // Line of each name that a row goes by.
  std::map<std::string, std::int64_t> lines_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_IMPORT_PARTS_H_
