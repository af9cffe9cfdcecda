#include "common/receipt/cohort_permit.h"

#include <limits>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::receipt {
namespace {

constexpr std::string_view kPermitLabel = "limpid/cohort-permit/1";
constexpr std::string_view kMembersLabel = "limpid/cohort-members/1";
constexpr std::string_view kStatisticLabel = "limpid/statistic-request/1";

}  // namespace

std::uint64_t CohortEpochAt(absl::Time time) {
  if (time < absl::UnixEpoch()) return 0;
  return static_cast<std::uint64_t>((time - absl::UnixEpoch()) / kCohortEpoch);
}

absl::Time CohortEpochBegin(std::uint64_t number) {
  return absl::UnixEpoch() + static_cast<std::int64_t>(number) * kCohortEpoch;
}

base::Bytes CohortPermit::Encode() const {
  return base::ByteWriter(kPermitLabel)
      .Raw(cohort)
      .Raw(source)
      .Raw(service_key)
      .Raw(agreement)
      .Lp(purpose)
      .Lp(attribute)
      .Raw(request_hash)
      .Raw(nonce)
      .U64(epoch)
      .U64(writer)
      .U32(static_cast<std::uint32_t>(absl::ToInt64Milliseconds(lease)))
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(not_after)))
      .U32(member_count)
      .Raw(members)
      .Take();
}

absl::StatusOr<CohortPermit> CohortPermit::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kPermitLabel);
  CohortPermit out;
  out.cohort = reader.Array<16>();
  out.source = reader.Array<16>();
  out.service_key = reader.Array<32>();
  out.agreement = reader.Array<16>();
  out.purpose = reader.LpText();
  out.attribute = reader.LpText();
  out.request_hash = reader.Array<32>();
  out.nonce = reader.Array<16>();
  out.epoch = reader.U64();
  out.writer = reader.U64();
  out.lease = absl::Milliseconds(reader.U32());
  const std::uint64_t not_after = reader.U64();
  out.member_count = reader.U32();
  out.members = reader.Array<32>();
  if (!reader.Finish().ok() || out.lease <= absl::ZeroDuration() ||
      out.lease > kMaxCohortLease || out.member_count > kMaxCohort ||
      not_after > static_cast<std::uint64_t>(
                      std::numeric_limits<std::int64_t>::max())) {
    return absl::InvalidArgumentError("not a cohort permit");
  }
  out.not_after = absl::FromUnixMillis(static_cast<std::int64_t>(not_after));
  return out;
}

base::Digest32 DigestOfMembers(std::span<const CohortMember> members) {
  crypto::Sha256Hasher hasher;
  hasher.Update(base::ByteWriter(kMembersLabel)
                    .U32(static_cast<std::uint32_t>(members.size()))
                    .bytes());
  for (const CohortMember& member : members) hasher.Update(member);
  return hasher.Finish();
}

base::Digest32 StatisticHash(const StatisticFields& statistic) {
  return crypto::Sha256(base::ByteWriter(kStatisticLabel)
                            .Lp(statistic.agreement)
                            .Lp(statistic.purpose)
                            .Lp(statistic.attribute)
                            .Lp(statistic.function)
                            .U64(statistic.epoch)
                            .bytes());
}

}  // namespace limpid::receipt
