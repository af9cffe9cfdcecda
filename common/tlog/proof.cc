#include "common/tlog/proof.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::tlog {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

absl::Status BadProof() {
  return absl::InvalidArgumentError("malformed proof file");
}

bool Take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes one line without its newline.
bool TakeLine(std::string_view& text, std::string_view& line) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

// Takes hashes, one a line, up to and with the empty line.
bool TakeHashes(std::string_view& text, std::vector<Digest32>& hashes) {
  for (std::string_view line; TakeLine(text, line);) {
    if (line.empty()) return true;
    const auto bytes = base::Base64Decode(line);
    if (!bytes.ok() || hashes.size() == kMaxProofHashes) return false;
    const auto hash = base::ToArray<sizeof(Digest32)>(*bytes);
    if (!hash.ok()) return false;
    hashes.push_back(*hash);
  }
  return false;
}

}  // namespace

std::string FormatProof(const LogProof& proof) {
  std::string text(kHeader);
  if (proof.extra) {
    absl::StrAppend(&text, base::ToAbsl(kExtra),
                    base::Base64Encode(*proof.extra), "\n");
  }
  absl::StrAppend(&text, base::ToAbsl(kIndex), proof.index, "\n");
  for (const Digest32& hash : proof.hashes) {
    absl::StrAppend(&text, base::Base64Encode(hash), "\n");
  }
  absl::StrAppend(&text, "\n", proof.checkpoint);
  return text;
}

absl::StatusOr<LogProof> ParseProof(std::string_view text) {
  LogProof proof;
  std::string_view line;
  if (text.size() > 2 * kMaxNoteBytes || !Take(text, kHeader)) {
    return BadProof();
  }
  if (Take(text, kExtra)) {
    if (!TakeLine(text, line)) return BadProof();
    auto extra = base::Base64Decode(line);
    if (!extra.ok()) return BadProof();
    proof.extra = *std::move(extra);
  }
  if (!Take(text, kIndex) || !TakeLine(text, line)) return BadProof();
  const auto index = ParseDecimal(line);
  if (!index.ok() || !TakeHashes(text, proof.hashes)) return BadProof();
  proof.index = *index;
  proof.checkpoint = std::string(text);
  // A checkpoint that cannot be one is refused here, its signatures later.
  LIMPID_ASSIGN_OR_RETURN(const Note note, ParseNote(proof.checkpoint));
  LIMPID_RETURN_IF_ERROR(ParseCheckpoint(note.text).status());
  return proof;
}

absl::StatusOr<Checkpoint> VerifyProof(const LogProof& proof,
                                       base::ByteView entry,
                                       const Policy& policy) {
  LIMPID_ASSIGN_OR_RETURN(Checkpoint checkpoint, policy.Open(proof.checkpoint));
  LIMPID_RETURN_IF_ERROR(VerifyInclusion(proof.index, checkpoint.size,
                                         LeafHash(entry), proof.hashes,
                                         checkpoint.root));
  return checkpoint;
}

}  // namespace limpid::tlog
