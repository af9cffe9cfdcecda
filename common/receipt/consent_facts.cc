#include "common/receipt/consent_facts.h"

#include <set>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/tlog/leaf.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kFactsLabel = "limpid/consent-facts/1";
constexpr std::string_view kEntryLabel = "limpid/consent-facts-entry/1";
constexpr std::string_view kSignatureLabel = "limpid/consent-facts-signature/1";
constexpr absl::CivilMonth kFirstMonth(1970, 1);
// To the year 11969: a clock gone mad is no month.
constexpr std::uint32_t kMonthEnd = 120'000;
// Year 9999, far below what absl::Time and JSON integers hold.
constexpr std::uint64_t kLastMillisecond = 253'402'300'799'999;

absl::Status Damaged() {
  return absl::DataLossError("not the consent facts of a month");
}

bool IsSound(const SnapshotFacts& facts,
             const std::set<base::ByteArray<16>>& before) {
  const std::uint64_t withdrawn = facts.withdrawn.value_or(0);
  return facts.persons % kFactsUnit == 0 && withdrawn % kFactsUnit == 0 &&
         withdrawn <= facts.persons && !before.contains(facts.snapshot) &&
         (facts.figures_of == facts.snapshot ||
          before.contains(facts.figures_of));
}

base::Bytes SignedBytes(base::ByteView body) {
  return base::ByteWriter(kSignatureLabel).Raw(crypto::Sha256(body)).Take();
}

constexpr auto kEntryKind =
    static_cast<std::uint8_t>(tlog::LeafKind::kConsentFacts);

absl::StatusOr<ConsentFactsEntry> ParseBody(base::ByteView body) {
  base::ByteReader reader(body);
  ConsentFactsEntry out;
  const std::uint8_t type = reader.U8();
  reader.Label(kEntryLabel);
  out.operator_key.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
  const std::uint64_t time = reader.U64();
  const base::ByteView facts = reader.Lp();
  if (!reader.Finish().ok() || type != kEntryKind || time == 0 ||
      time > kLastMillisecond) {
    return Damaged();
  }
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(time));
  LIMPID_ASSIGN_OR_RETURN(out.facts, ConsentFacts::Decode(facts));
  return out;
}

}  // namespace

base::Bytes ConsentFacts::Encode() const {
  base::ByteWriter out(kFactsLabel);
  out.U32(static_cast<std::uint32_t>(month - kFirstMonth))
      .U32(static_cast<std::uint32_t>(snapshots.size()));
  for (const SnapshotFacts& one : snapshots) {
    out.Raw(one.dataset)
        .Raw(one.snapshot)
        .Raw(one.figures_of)
        .U64(one.persons)
        .U8(one.withdrawn ? 1 : 0)
        .U64(one.withdrawn.value_or(0));
  }
  return out.Take();
}

absl::StatusOr<ConsentFacts> ConsentFacts::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kFactsLabel);
  ConsentFacts out;
  const std::uint32_t month = reader.U32();
  const std::uint32_t count = reader.U32();
  std::set<base::ByteArray<16>> before;
  bool sound = month < kMonthEnd && count <= kMaxFactsSnapshots;
  for (std::uint32_t i = 0; i < count && sound && !reader.failed(); ++i) {
    SnapshotFacts one;
    one.dataset = reader.Array<16>();
    one.snapshot = reader.Array<16>();
    one.figures_of = reader.Array<16>();
    one.persons = reader.U64();
    const std::uint8_t shown = reader.U8();
    const std::uint64_t withdrawn = reader.U64();
    if (shown == 1) one.withdrawn = withdrawn;
    sound =
        (shown == 1 || (shown == 0 && withdrawn == 0)) && IsSound(one, before);
    before.insert(one.snapshot);
    out.snapshots.push_back(one);
  }
  if (!sound || !reader.Finish().ok()) return Damaged();
  out.month = kFirstMonth + static_cast<absl::civil_diff_t>(month);
  return out;
}

absl::CivilMonth FactsMonth(absl::Time time) {
  return absl::ToCivilMonth(time, absl::UTCTimeZone());
}

base::Bytes SignConsentFacts(ConsentFactsEntry entry,
                             const crypto::Ed25519PrivateKey& operator_key) {
  LIMPID_CHECK(entry.facts.snapshots.size() <= kMaxFactsSnapshots);
  base::ByteWriter body;
  body.U8(kEntryKind)
      .Raw(base::ByteWriter(kEntryLabel).bytes())
      .Raw(operator_key.PublicKey().bytes)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(entry.time)))
      .Lp(entry.facts.Encode());
  base::Bytes out = body.Take();
  const crypto::Ed25519Signature signature =
      operator_key.Sign(SignedBytes(out));
  out.insert(out.end(), signature.begin(), signature.end());
  return out;
}

bool IsConsentFacts(base::ByteView entry) {
  return !entry.empty() && entry.front() == kEntryKind;
}

absl::StatusOr<ConsentFactsEntry> ParseConsentFacts(base::ByteView entry) {
  if (entry.size() <= crypto::kEd25519SignatureBytes) return Damaged();
  const base::ByteView body =
      entry.first(entry.size() - crypto::kEd25519SignatureBytes);
  LIMPID_ASSIGN_OR_RETURN(ConsentFactsEntry out, ParseBody(body));
  LIMPID_ASSIGN_OR_RETURN(const auto signature,
                          base::ToArray<crypto::kEd25519SignatureBytes>(
                              entry.subspan(body.size())));
  if (!out.operator_key.Verify(SignedBytes(body), signature)) return Damaged();
  return out;
}

absl::Status ConsentFactsMonths::Take(base::ByteView entry) {
  LIMPID_ASSIGN_OR_RETURN(const ConsentFactsEntry one,
                          ParseConsentFacts(entry));
  const auto [at, is_first] =
      newest_.emplace(one.operator_key.bytes, one.facts.month);
  if (is_first) return absl::OkStatus();
  if (one.facts.month <= at->second) {
    return absl::DataLossError(
        "an operator published the consent facts of a month twice, or of an "
        "earlier one");
  }
  at->second = one.facts.month;
  return absl::OkStatus();
}

}  // namespace limpid::receipt
