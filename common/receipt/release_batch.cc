#include "common/receipt/release_batch.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kBatchLabel = "limpid/vault/releases/1";
constexpr std::string_view kLinesLabel = "limpid/permitted-lines/1";
// No lease is near it; the format counts milliseconds in 32 bits.
constexpr std::int64_t kMostMillis = 0xffff'ffff;

std::uint32_t Millis(absl::Duration duration) {
  const std::int64_t rounded =
      absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1)));
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(rounded, 0, kMostMillis));
}

base::Digest32 DigestOfLines(std::vector<base::Bytes> lines) {
  // Permit and entry need not name them in one order.
  std::sort(lines.begin(), lines.end());
  base::ByteWriter out(kLinesLabel);
  out.U16(static_cast<std::uint16_t>(lines.size()));
  for (const base::Bytes& line : lines) out.Lp(line);
  return crypto::Sha256(out.bytes());
}

base::Bytes Line(std::string_view attribute, std::uint8_t form,
                 std::string_view derivation, std::string_view parameters) {
  base::ByteWriter out;
  return out.Lp(attribute).U8(form).Lp(derivation).Lp(parameters).Take();
}

ReleaseNote ReadNote(base::ByteReader& reader) {
  ReleaseNote note;
  note.access = reader.Array<16>();
  note.handed_over =
      absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  note.elapsed = absl::Milliseconds(reader.U32());
  note.lease = absl::Milliseconds(reader.U32());
  note.permitted = reader.U16();
  note.released = reader.U16();
  note.lines = reader.Array<32>();
  return note;
}

}  // namespace

base::Bytes ReleaseBatch::Encode() const {
  base::ByteWriter out(kBatchLabel);
  out.Raw(source).U64(number).Raw(previous).U16(
      static_cast<std::uint16_t>(notes.size()));
  for (const ReleaseNote& note : notes) {
    out.Raw(note.access)
        .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(note.handed_over)))
        .U32(Millis(note.elapsed))
        .U32(Millis(note.lease))
        .U16(note.permitted)
        .U16(note.released)
        .Raw(note.lines);
  }
  return out.Take();
}

absl::StatusOr<ReleaseBatch> ReleaseBatch::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kBatchLabel);
  ReleaseBatch out;
  out.source = reader.Array<16>();
  out.number = reader.U64();
  out.previous = reader.Array<32>();
  const std::uint16_t count = reader.U16();
  if (reader.failed() || count == 0 || count > kMaxReleaseNotes ||
      out.number == 0) {
    return absl::InvalidArgumentError("not a batch of releases");
  }
  out.notes.reserve(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    out.notes.push_back(ReadNote(reader));
  }
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  return out;
}

base::Digest32 DigestOf(base::ByteView encoded_batch) {
  return crypto::Sha256(encoded_batch);
}

base::Digest32 PermittedLines(std::span<const PermitLine> lines) {
  std::vector<base::Bytes> out;
  out.reserve(lines.size());
  for (const PermitLine& line : lines) {
    out.push_back(Line(line.attribute, static_cast<std::uint8_t>(line.form),
                       line.derivation, line.parameters));
  }
  return DigestOfLines(std::move(out));
}

base::Digest32 PermittedLines(const AccessEntry& entry) {
  std::vector<base::Bytes> out;
  for (const AccessLine& line : entry.lines) {
    if (line.reason != Reason::kReleased) continue;
    out.push_back(
        Line(line.attribute, line.form, line.derivation, line.parameters));
  }
  return DigestOfLines(std::move(out));
}

std::uint16_t PermittedCount(const AccessEntry& entry) {
  return static_cast<std::uint16_t>(std::count_if(
      entry.lines.begin(), entry.lines.end(),
      [](const AccessLine& line) { return line.reason == Reason::kReleased; }));
}

}  // namespace limpid::receipt
