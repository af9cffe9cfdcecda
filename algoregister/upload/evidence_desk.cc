#include "algoregister/upload/evidence_desk.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/evidence/merge.h"
#include "algoregister/evidence/registration_evidence.h"
#include "algoregister/registration/erasure_ground.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/version/version.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
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

void AddRemark(std::string_view remark, std::string& to) {
  absl::StrAppend(&to, to.empty() ? "" : "; ", base::ToAbsl(remark));
}

// What the registration itself says that nobody can read. Whether there is
// something.
bool AddFaults(const RegistrationEvidence& own, std::string& to) {
  const std::string counts = evidence::CountsFault(own);
  if (!counts.empty()) {
    AddRemark("the registration's counts cannot be read: " + counts, to);
  }
  const std::string claims = evidence::ClaimsFault(own);
  if (!claims.empty()) {
    AddRemark("claims of the registration cannot be read: " + claims, to);
  }
  return !counts.empty() || !claims.empty();
}

Recomputation FromBundle(const evidence::Bundle& bundle,
                         const RegistrationEvidence& own) {
  Recomputation out;
  out.source = EvidenceSource::kBundle;
  out.bundle = own.bundle;
  out.disclosure = bundle.disclosure;
  out.evidence = bundle.evidence;
  evidence::Bundle judged = bundle;
  // What the registration claims and nobody can read, the bundle does not claim
  // in its place.
  if (!own.claims.empty() || !own.claims_unusable.empty()) {
    judged.claims = own.claims;
  }
  out.claims = evidence::CheckBundle(judged);
  const bool sealed = bundle.disclosure == evidence::Disclosure::kSealed;
  // Counts that cannot be read are not the bundle's either.
  out.counts_differ = !sealed && (!evidence::CountsFault(own).empty() ||
                                  !SameCounts(own.evidence, bundle.evidence));
  if (sealed) out.remark = "the evidence is sealed";
  out.unreadable = AddFaults(own, out.remark);
  const std::string other = evidence::DifferingSettings(own.given, bundle);
  out.settings_differ = !other.empty();
  if (out.settings_differ) {
    AddRemark("other in the registration than in its bundle: " + other,
              out.remark);
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
    if (!own.gives_groups) out.remark = own.unusable;
  }
  out.unreadable = AddFaults(own, out.remark);
  out.evidence = std::move(own.evidence);
  return out;
}

// The registration's own counts take the place of what is gone.
Recomputation FromErased(const BundleErasure& erasure,
                         RegistrationEvidence own) {
  std::string text = ErasureText(erasure);
  std::string faults;
  const bool unreadable = AddFaults(own, faults);
  if (!own.unusable.empty()) own.unusable = text;
  Recomputation out = FromCounts(std::move(own));
  out.remark = std::move(text);
  if (unreadable) AddRemark(faults, out.remark);
  out.unreadable = unreadable;
  out.erasure = erasure;
  return out;
}

// What of a bundle could name somebody, and may not be in a ground: its groups
// and the texts for people. Names of columns and the codes of labels do not.
std::vector<std::string> TellingTexts(const evidence::Bundle& bundle) {
  std::vector<std::string> out = {bundle.manifest.title, bundle.manifest.noise};
  for (const Grouping& grouping : bundle.evidence.groupings) {
    for (const Group& group : grouping.groups) out.push_back(group.name);
  }
  return out;
}

absl::Status Erased(const BundleErasure& erasure) {
  return absl::FailedPreconditionError(ErasureText(erasure));
}

}  // namespace

std::string ErasureText(const BundleErasure& erasure) {
  return absl::StrCat("the bundle was erased by an administrator at ",
                      base::TimeText(erasure.time),
                      ", on this ground: ", erasure.ground);
}

void EvidenceDesk::Keep(const base::Digest32& digest, Parsed bundle,
                        std::uint64_t erasures) {
  const base::MutexLock lock(mutex_);
  if (erasures != erasures_) return;
  at_hand_.emplace_back(digest, std::move(bundle));
  if (at_hand_.size() > kBundlesAtHand) at_hand_.pop_front();
}

void EvidenceDesk::Drop(const base::Digest32& digest) {
  const base::MutexLock lock(mutex_);
  ++erasures_;
  const auto gone = std::remove_if(
      at_hand_.begin(), at_hand_.end(),
      [&digest](const auto& entry) { return entry.first == digest; });
  at_hand_.erase(gone, at_hand_.end());
}

absl::StatusOr<EvidenceDesk::Found> EvidenceDesk::Read(
    const base::Digest32& digest) {
  std::uint64_t erasures = 0;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [known, bundle] : at_hand_) {
      if (known == digest) return Found{.bundle = bundle};
    }
    erasures = erasures_;
  }
  LIMPID_ASSIGN_OR_RETURN(const StoredBundle stored,
                          parts_.bundles.Get(digest));
  if (stored.erasure) return Found{.erasure = stored.erasure};
  if (crypto::Sha256(stored.bytes) != digest) {
    return absl::DataLossError("a stored bundle is not what its digest says");
  }
  auto parsed = evidence::ParseBundle(base::AsText(stored.bytes));
  // It was read when it came in.
  if (!parsed.ok()) {
    return absl::DataLossError("a stored bundle cannot be read any more");
  }
  auto out = std::make_shared<const evidence::Bundle>(*std::move(parsed));
  Keep(digest, out, erasures);
  return Found{.bundle = std::move(out)};
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
  const absl::Status added = parts_.bundles.Add(stored, kMaxEvidenceBytes);
  if (absl::IsFailedPrecondition(added)) {
    LIMPID_ASSIGN_OR_RETURN(const BundleErasure erasure,
                            GetErasure(stored.digest));
    return Erased(erasure);
  }
  LIMPID_RETURN_IF_ERROR(added);
  return UploadedBundle{.digest = stored.digest,
                        .disclosure = bundle.disclosure,
                        .claims = evidence::CheckBundle(bundle)};
}

absl::StatusOr<StoredBundle> EvidenceDesk::Get(
    const base::Digest32& digest) const {
  LIMPID_ASSIGN_OR_RETURN(StoredBundle out, parts_.bundles.Get(digest));
  if (out.erasure) return Erased(*out.erasure);
  return out;
}

absl::StatusOr<BundleErasure> EvidenceDesk::GetErasure(
    const base::Digest32& digest) const {
  LIMPID_ASSIGN_OR_RETURN(const StoredBundle stored,
                          parts_.bundles.Get(digest));
  if (stored.erasure) return *stored.erasure;
  return absl::NotFoundError("no such bundle was erased");
}

absl::StatusOr<ErasedBundle> EvidenceDesk::Erase(const base::Digest32& digest,
                                                 std::string_view ground,
                                                 bool check_only) {
  // First: it costs no reading of the bundle.
  LIMPID_RETURN_IF_ERROR(CheckGround(ground, {}));
  LIMPID_ASSIGN_OR_RETURN(const StoredBundle stored,
                          parts_.bundles.Get(digest));
  if (stored.erasure && check_only) return ErasedBundle{*stored.erasure};
  if (!stored.erasure) {
    const auto bundle = evidence::ParseBundle(base::AsText(stored.bytes));
    // What cannot be read any more is erased all the same.
    if (bundle.ok()) {
      LIMPID_RETURN_IF_ERROR(CheckGround(ground, TellingTexts(*bundle)));
    }
  }
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(parts_.clock.Now()));
  BundleErasure order{
      .digest = digest, .time = now, .ground = std::string(ground)};
  const std::size_t size = stored.bytes.size();
  if (check_only) return ErasedBundle{std::move(order), size};
  const auto erased = parts_.bundles.Erase(order);
  // Whatever came of it: it may have been written and not reached the disk.
  Drop(digest);
  LIMPID_RETURN_IF_ERROR(erased.status());
  return ErasedBundle{*erased, size};
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
  const auto found = Read(*own.bundle);
  if (found.ok() && found->erasure) {
    return FromErased(*found->erasure, std::move(own));
  }
  if (found.ok()) return FromBundle(*found->bundle, own);
  if (!absl::IsNotFound(found.status())) return found.status();
  Recomputation out = FromCounts(own);
  if (out.source == EvidenceSource::kNone) {
    out.remark = "the bundle that is named was not uploaded";
    AddFaults(own, out.remark);
  }
  return out;
}

}  // namespace limpid::algoregister
