#include "common/receipt/access_entry.h"

#include <array>
#include <limits>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/receipt/permit.h"

namespace limpid::receipt {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ByteWriter;

constexpr std::string_view kEntryLabel = "limpid/access-entry/1";
constexpr std::string_view kCommitKey = "mim4.commit.v1";
constexpr std::string_view kAccessContext = "access";

// By number; the format page has the list.
constexpr std::array<std::string_view, 14> kReasonNames = {
    "RELEASED",  "NO_CONSENT", "PURPOSE",         "EXPIRED",       "PAUSED",
    "WITHDRAWN", "REVOKED",    "INVALIDATED",     "LIMIT",         "POLICY",
    "FORM",      "CALLER",     "NOTICE_OUTDATED", "REPRESENTATIVE"};
// Empty for the numbers that this version does not know.
constexpr std::array<std::string_view, 36> kKindNames = {
    "", "release", "granted", "refused", "deferred", "paused", "resumed",
    "withdrawn", "revoked", "expired", "exhausted", "invalidated", "superseded",
    "terminated", "requested", "lapsed", "restored", "narrowed",
    "standing permission made", "standing permission ended", "delegation made",
    "delegation ended", "deletion acknowledged", "deletion refused",
    "denials counted",
    // Empty: kept for what is not built yet.
    "", "", "reconsent asked", "entry erased", "", "service changed",
    "counted in a statistic", "", "processing notified", "access completed",
    "embargo ended"};
constexpr std::array<std::string_view, 5> kOutcomeNames = {
    "", "released", "nothing sent", "failed", "partial"};

// Reads one number of a closed list [low, high].
template <typename Enum>
Enum ReadEnum(ByteReader& reader, Enum low, Enum high, bool& known) {
  const std::uint8_t number = reader.U8();
  if (number < static_cast<std::uint8_t>(low) ||
      number > static_cast<std::uint8_t>(high)) {
    known = false;
  }
  return static_cast<Enum>(number);
}

bool IsKnown(AccessKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kKindNames.size() && !kKindNames.at(index).empty();
}

AccessLine ReadLine(ByteReader& reader, bool& known) {
  AccessLine line;
  line.attribute = reader.LpText();
  line.form = reader.U8();
  if (line.form > static_cast<std::uint8_t>(Form::kAttested)) known = false;
  line.derivation = reader.LpText();
  line.parameters = reader.LpText();
  line.reason =
      ReadEnum(reader, Reason::kReleased, Reason::kRepresentative, known);
  return line;
}

// In order, each once, none of them the entry itself or a later one.
std::vector<Completion> ReadCompletions(ByteReader& reader,
                                        std::uint64_t sequence, bool& known) {
  std::vector<Completion> out;
  const std::uint16_t count = reader.U16();
  if (count == 0 || count > kMaxCompletions) known = false;
  std::uint64_t before = 0;
  for (std::uint16_t i = 0; i < count && known && !reader.failed(); ++i) {
    Completion one;
    one.sequence = reader.U64();
    one.outcome = ReadEnum(reader, AccessOutcome::kReleased,
                           AccessOutcome::kPartial, known);
    if (one.sequence <= before || one.sequence >= sequence) known = false;
    before = one.sequence;
    out.push_back(one);
  }
  return out;
}

}  // namespace

std::string_view OutcomeName(AccessOutcome outcome) {
  const auto index = static_cast<std::size_t>(outcome);
  return index < kOutcomeNames.size() ? kOutcomeNames.at(index) : "";
}

std::string_view ReasonName(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kReasonNames.size() ? kReasonNames.at(index) : "UNKNOWN";
}

std::string_view AccessKindName(AccessKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return IsKnown(kind) ? kKindNames.at(index) : "unknown";
}

base::Bytes AccessEntry::Encode() const {
  ByteWriter writer(kEntryLabel);
  writer.U8(static_cast<std::uint8_t>(kind))
      .U8(static_cast<std::uint8_t>(actor))
      .Raw(access)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)))
      .U64(sequence)
      .Raw(previous)
      .Raw(service)
      .Raw(record)
      .U64(revision)
      .U8(static_cast<std::uint8_t>(basis))
      .Lp(purpose)
      .Raw(system)
      .Raw(snapshot)
      .U16(static_cast<std::uint16_t>(lines.size()));
  for (const AccessLine& line : lines) {
    writer.Lp(line.attribute)
        .U8(line.form)
        .Lp(line.derivation)
        .Lp(line.parameters)
        .U8(static_cast<std::uint8_t>(line.reason));
  }
  writer.Raw(embargo);
  if (kind != AccessKind::kAccessCompleted) return writer.Take();
  writer.U16(static_cast<std::uint16_t>(completions.size()));
  for (const Completion& one : completions) {
    writer.U64(one.sequence).U8(static_cast<std::uint8_t>(one.outcome));
  }
  return writer.Take();
}

absl::StatusOr<AccessEntry> AccessEntry::Decode(ByteView bytes) {
  ByteReader reader(bytes);
  reader.Label(kEntryLabel);
  AccessEntry entry;
  bool known = true;
  entry.kind = static_cast<AccessKind>(reader.U8());
  if (!IsKnown(entry.kind)) known = false;
  entry.actor = ReadEnum(reader, Actor::kService, Actor::kSystem, known);
  entry.access = reader.Array<16>();
  const std::uint64_t millis = reader.U64();
  entry.sequence = reader.U64();
  entry.previous = reader.Array<32>();
  entry.service = reader.Array<16>();
  entry.record = reader.Array<16>();
  entry.revision = reader.U64();
  entry.basis = ReadEnum(reader, LegalBasis::kConsent,
                         LegalBasis::kLegitimateInterests, known);
  entry.purpose = reader.LpText();
  entry.system = reader.Array<16>();
  entry.snapshot = reader.Array<16>();
  const std::uint16_t count = reader.U16();
  if (count > kMaxLines) known = false;
  for (std::uint16_t i = 0; i < count && known && !reader.failed(); ++i) {
    entry.lines.push_back(ReadLine(reader, known));
  }
  entry.embargo = reader.Array<32>();
  if (entry.kind == AccessKind::kAccessCompleted) {
    entry.completions = ReadCompletions(reader, entry.sequence, known);
  }
  if (!reader.Finish().ok() || !known ||
      millis > static_cast<std::uint64_t>(
                   std::numeric_limits<std::int64_t>::max())) {
    return absl::InvalidArgumentError("not an access entry");
  }
  entry.time = absl::FromUnixMillis(static_cast<std::int64_t>(millis));
  return entry;
}

base::Digest32 Commit(const base::ByteArray<32>& opening,
                      std::string_view context, ByteView message) {
  LIMPID_CHECK(context.size() <= std::numeric_limits<std::uint8_t>::max());
  ByteWriter header;
  header.Raw(opening)
      .U8(static_cast<std::uint8_t>(context.size()))
      .Raw(base::AsBytes(context))
      .U32(static_cast<std::uint32_t>(message.size()));
  return crypto::HmacSha256(base::AsBytes(kCommitKey),
                            {header.bytes(), message});
}

base::Digest32 CommitAccessEntry(const base::ByteArray<32>& opening,
                                 ByteView encoded_entry) {
  return Commit(opening, kAccessContext, encoded_entry);
}

}  // namespace limpid::receipt
