#include "algoregister/upload/evidence_desk.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/evidence/merge.h"
#include "algoregister/evidence/registration_evidence.h"
#include "algoregister/version/version.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"

namespace limpid::algoregister {
namespace {

using evidence::Evidence;
using evidence::Group;
using evidence::Grouping;
using evidence::RegistrationEvidence;

bool Has(const Evidence& in, const Grouping& grouping, const Group& group) {
  const Grouping* const found = in.Find(grouping.attribute);
  if (found == nullptr) return false;
  const Group* const same = found->Find(group.name);
  if (same == nullptr) return false;
  const evidence::Counts& ours = same->counts;
  const evidence::Counts& theirs = group.counts;
  // A registration need not repeat what was overridden.
  return ours.tp == theirs.tp && ours.fp == theirs.fp && ours.fn == theirs.fn &&
         ours.tn == theirs.tn &&
         (!theirs.overridden || ours.overridden == theirs.overridden);
}

// Whether every count of the registration is in its bundle, as it is or after
// small groups were merged.
bool SameCounts(const Evidence& registration, const Evidence& bundle) {
  const Evidence merged = evidence::Published(bundle);
  for (const Grouping& grouping : registration.groupings) {
    for (const Group& group : grouping.groups) {
      if (!Has(bundle, grouping, group) && !Has(merged, grouping, group)) {
        return false;
      }
    }
  }
  return true;
}

Recomputation FromBundle(const evidence::Bundle& bundle,
                         const RegistrationEvidence& own) {
  Recomputation out;
  out.source = EvidenceSource::kBundle;
  out.bundle = own.bundle;
  out.disclosure = bundle.disclosure;
  out.evidence = bundle.evidence;
  evidence::Bundle judged = bundle;
  if (!own.claims.empty()) judged.claims = own.claims;
  out.claims = evidence::CheckBundle(judged);
  out.counts_differ = bundle.disclosure != evidence::Disclosure::kSealed &&
                      !SameCounts(own.evidence, bundle.evidence);
  if (bundle.disclosure == evidence::Disclosure::kSealed) {
    out.remark = "the evidence is sealed";
  }
  return out;
}

Recomputation FromCounts(RegistrationEvidence own) {
  Recomputation out;
  out.bundle = own.bundle;
  if (own.unusable.empty()) {
    out.source = EvidenceSource::kCounts;
    out.claims = evidence::CheckClaims(own.evidence, own.claims);
  } else {
    out.claims = evidence::Uncheckable(own.claims, own.unusable);
    out.remark = own.unusable;
  }
  out.evidence = std::move(own.evidence);
  return out;
}

}  // namespace

void EvidenceDesk::Keep(const base::Digest32& digest, Parsed bundle) {
  const base::MutexLock lock(mutex_);
  at_hand_.emplace_back(digest, std::move(bundle));
  if (at_hand_.size() > kBundlesAtHand) at_hand_.pop_front();
}

absl::StatusOr<EvidenceDesk::Parsed> EvidenceDesk::Read(
    const base::Digest32& digest) {
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [known, bundle] : at_hand_) {
      if (known == digest) return bundle;
    }
  }
  LIMPID_ASSIGN_OR_RETURN(const StoredBundle stored,
                          parts_.bundles.Get(digest));
  if (crypto::Sha256(stored.bytes) != digest) {
    return absl::DataLossError("a stored bundle is not what its digest says");
  }
  auto parsed = evidence::ParseBundle(base::AsText(stored.bytes));
  // It was read when it came in.
  if (!parsed.ok()) {
    return absl::DataLossError("a stored bundle cannot be read any more");
  }
  auto out = std::make_shared<const evidence::Bundle>(*std::move(parsed));
  Keep(digest, out);
  return out;
}

absl::StatusOr<UploadedBundle> EvidenceDesk::Upload(const Publisher& publisher,
                                                    std::string_view bytes) {
  LIMPID_ASSIGN_OR_RETURN(evidence::Bundle bundle,
                          evidence::ParseBundle(bytes));
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(parts_.clock.Now()));
  StoredBundle stored{.digest = crypto::Sha256(base::AsBytes(bytes)),
                      .publisher = publisher.id,
                      .added = now,
                      .bytes = base::ToBytes(bytes)};
  LIMPID_RETURN_IF_ERROR(parts_.bundles.Add(stored, kMaxEvidenceBytes));
  return UploadedBundle{.digest = stored.digest,
                        .disclosure = bundle.disclosure,
                        .claims = evidence::CheckBundle(bundle)};
}

absl::StatusOr<StoredBundle> EvidenceDesk::Get(
    const base::Digest32& digest) const {
  return parts_.bundles.Get(digest);
}

absl::StatusOr<Recomputation> EvidenceDesk::Recompute(
    const RegistrationId& registration, std::uint32_t number) {
  LIMPID_ASSIGN_OR_RETURN(const Version version,
                          parts_.versions.Get(registration, number));
  if (registration.kind != RegistrationKind::kEvaluation) {
    return absl::FailedPreconditionError(
        "only an evaluation has evidence of its own");
  }
  return RecomputeContent(ContentOf(version));
}

absl::StatusOr<Recomputation> EvidenceDesk::RecomputeContent(
    const json::Value& content) {
  RegistrationEvidence own = evidence::ReadRegistrationEvidence(content);
  if (!own.bundle) return FromCounts(std::move(own));
  const auto bundle = Read(*own.bundle);
  if (bundle.ok()) return FromBundle(**bundle, own);
  if (!absl::IsNotFound(bundle.status())) return bundle.status();
  Recomputation out = FromCounts(std::move(own));
  if (out.source == EvidenceSource::kNone) {
    out.remark = "the bundle that is named was not uploaded";
  }
  return out;
}

}  // namespace limpid::algoregister
