#include "common/tlog/checkpoint.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"

namespace limpid::tlog {
namespace {

absl::Status BadCheckpoint() {
  return absl::InvalidArgumentError("malformed checkpoint");
}

// Takes one line without its newline; false when there is none.
bool TakeLine(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

// Non-empty lines, each with its newline.
bool IsExtension(std::string_view text) {
  return text.empty() || (text.front() != '\n' && text.back() == '\n' &&
                          text.find("\n\n") == std::string_view::npos);
}

}  // namespace

absl::StatusOr<std::uint64_t> ParseDecimal(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return absl::InvalidArgumentError("not a number");
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) {
      return absl::InvalidArgumentError("a number over 64 bits");
    }
    value = value * 10 + digit;
  }
  if (text.empty() || (text.size() > 1 && text.front() == '0')) {
    return absl::InvalidArgumentError("not a number");
  }
  return value;
}

std::string CheckpointText(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                      base::Base64Encode(checkpoint.root), "\n",
                      checkpoint.extension);
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  std::string_view origin;
  std::string_view size;
  std::string_view root;
  if (!TakeLine(text, origin) || !TakeLine(text, size) ||
      !TakeLine(text, root) || origin.empty() || !IsExtension(text)) {
    return BadCheckpoint();
  }
  const auto number = ParseDecimal(size);
  const auto bytes = base::Base64Decode(root);
  if (!number.ok() || !bytes.ok()) return BadCheckpoint();
  const auto digest = base::ToArray<sizeof(Digest32)>(*bytes);
  if (!digest.ok()) return BadCheckpoint();
  if (*number == 0 && *digest != EmptyRoot()) return BadCheckpoint();
  return Checkpoint{std::string(origin), *number, *digest, std::string(text)};
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note,
                                          const NoteVerifier& verifier) {
  LIMPID_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  LIMPID_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(parsed.text));
  LIMPID_RETURN_IF_ERROR(VerifyNote(parsed, {&verifier, 1}).status());
  if (checkpoint.origin != verifier.name()) {
    return absl::DataLossError("the checkpoint is of another log");
  }
  return checkpoint;
}

}  // namespace limpid::tlog
