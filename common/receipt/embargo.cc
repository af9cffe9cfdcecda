#include "common/receipt/embargo.h"

#include <limits>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/receipt/access_entry.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kTermsLabel = "limpid/embargo-terms/1";
constexpr std::string_view kContext = "embargo";
// First byte of a message.
constexpr std::uint8_t kEnd = 0;
constexpr std::uint8_t kItem = 1;

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

base::Bytes EndMessage() {
  base::ByteWriter out;
  out.U8(kEnd);
  return out.Take();
}

base::Bytes MessageOf(const EmbargoItem& item, const base::Digest32& next) {
  base::ByteWriter out;
  out.U8(kItem).U64(Millis(item.until)).Raw(item.commitment).Raw(next);
  return out.Take();
}

// The commitments from the outside in, the end's last.
std::vector<base::Digest32> Layers(std::span<const EmbargoItem> items,
                                   EmbargoOpenings openings) {
  std::vector<base::Digest32> out(items.size() + 1);
  out.back() = Commit(openings(static_cast<std::uint32_t>(items.size())),
                      kContext, EndMessage());
  for (std::size_t i = items.size(); i > 0; --i) {
    out[i - 1] = Commit(openings(static_cast<std::uint32_t>(i - 1)), kContext,
                        MessageOf(items[i - 1], out[i]));
  }
  return out;
}

absl::Status Wrong() {
  return absl::DataLossError(
      "an embargo does not open to what was committed to");
}

// Adds what an opened message says; the commitment of the next layer, zero for
// none.
absl::StatusOr<base::Digest32> Read(base::ByteView message,
                                    OpenedEmbargo& out) {
  base::ByteReader reader(message);
  const std::uint8_t kind = reader.U8();
  base::Digest32 next{};
  if (kind == kEnd) {
    out.complete = true;
  } else {
    const std::uint64_t until = reader.U64();
    if (until >
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return Wrong();
    }
    EmbargoItem item;
    item.until = absl::FromUnixMillis(static_cast<std::int64_t>(until));
    item.commitment = reader.Array<32>();
    next = reader.Array<32>();
    if (!out.items.empty() && item.until < out.items.back().until) {
      return Wrong();
    }
    out.items.push_back(item);
  }
  if (!reader.Finish().ok() || kind > kItem) return Wrong();
  return next;
}

}  // namespace

absl::Time EmbargoUntil(absl::Time time, std::uint16_t days) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time)) +
         absl::Hours(24) * std::int64_t{days};
}

base::Digest32 EmbargoTerms(const base::ByteArray<16>& log, std::uint16_t days,
                            absl::Time until) {
  base::ByteWriter out(kTermsLabel);
  out.Raw(log).U16(days).U64(Millis(until));
  return crypto::Sha256(out.bytes());
}

base::Digest32 CommitEmbargo(std::span<const EmbargoItem> items,
                             EmbargoOpenings openings) {
  return Layers(items, openings).front();
}

std::vector<EmbargoStep> OpenEmbargo(std::span<const EmbargoItem> items,
                                     EmbargoOpenings openings,
                                     std::size_t count, bool to_end) {
  // Invariant: the end lies behind every item.
  LIMPID_CHECK(count <= items.size() && (!to_end || count == items.size()));
  const std::vector<base::Digest32> layers = Layers(items, openings);
  std::vector<EmbargoStep> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({openings(static_cast<std::uint32_t>(i)),
                   MessageOf(items[i], layers[i + 1])});
  }
  if (to_end) {
    out.push_back({openings(static_cast<std::uint32_t>(count)), EndMessage()});
  }
  return out;
}

absl::StatusOr<OpenedEmbargo> VerifyEmbargo(
    const base::Digest32& embargo, std::span<const EmbargoStep> steps) {
  OpenedEmbargo out;
  base::Digest32 layer = embargo;
  for (const EmbargoStep& step : steps) {
    if (out.complete || Commit(step.opening, kContext, step.message) != layer) {
      return Wrong();
    }
    LIMPID_ASSIGN_OR_RETURN(layer, Read(step.message, out));
  }
  return out;
}

}  // namespace limpid::receipt
