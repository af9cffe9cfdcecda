// Takes a list that is too large for one request apart on the boundaries of its
// rows, reading it from disk piece by piece. Looks at brackets and quotes only:
// what rows say is the server's business.

#ifndef LIMPID_CLIENTS_CPP_FILE_PARTS_H_
#define LIMPID_CLIENTS_CPP_FILE_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace limpid::client {

// Rows of one part: half of what the server takes, so that their remarks fit
// too.
inline constexpr std::size_t kMaxPartRows = 10'000;
// Brackets inside each other: twice what the server takes.
inline constexpr std::size_t kMaxPartDepth = 128;

struct FileShape {
  bool csv = false;
  // The list inside the file's object; ignored where the file is the list.
  std::string list_member;
};

// Some rows of a file, one after the other.
struct FilePart {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  // Line of the first row, from 1, and its place in the file, from 0.
  std::uint64_t first_line = 1;
  std::uint64_t first_row = 0;
};

struct FileOutline {
  std::filesystem::path file;
  // Text before and behind the rows of every part.
  std::string head;
  std::string tail;
  std::vector<FilePart> parts;
  std::uint64_t row_count = 0;
};

// Reads the file once, to its end, and answers where its parts are, of at most
// `max_bytes` each with head and tail.
//
// Errors:
//   kInvalidArgument  not such a list to its end ("line L: reason"), or a row
//                     that is larger than a part.
//   kNotFound and others  the file cannot be read.
absl::StatusOr<FileOutline> OutlineFile(const std::filesystem::path& file,
                                        const FileShape& shape,
                                        std::size_t max_bytes);

// One part as a file of its own.
//
// Errors:
//   kAborted  the file is shorter than it was.
absl::StatusOr<std::string> ReadPart(const FileOutline& outline,
                                     const FilePart& part);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_FILE_PARTS_H_
