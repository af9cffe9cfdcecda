#include "algoregister/registration/register.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/bridge/snapshots.h"
#include "algoregister/evidence/registration_evidence.h"
#include "algoregister/mim5/stated.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/import_names.h"
#include "algoregister/service_key/service_key_store.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

absl::Status CheckDraftTime(absl::Time draft_time, absl::Time now) {
  // Clocks of two machines differ.
  constexpr absl::Duration kSkew = absl::Minutes(5);
  if (draft_time > now + kSkew || draft_time < now - kMaxDraftAge) {
    return absl::InvalidArgumentError(
        "the draft is too old or from the future; prepare again");
  }
  return absl::OkStatus();
}

absl::Status CheckEvidence(const json::Value& content) {
  return KindOf(content) == RegistrationKind::kEvaluation
             ? evidence::CheckRegistrationEvidence(content)
             : absl::OkStatus();
}

// That each snapshot of the dataset is its own, and has no id under which a
// service's keys are. Snapshots and services are named by 16 bytes alike, and
// whoever publishes chooses those of a snapshot: what came first keeps them.
absl::Status CheckSnapshots(const Register::Parts& parts,
                            const RegistrationId& dataset,
                            const json::Value& content) {
  std::size_t index = 0;
  for (const Snapshot& snapshot : SnapshotsOf(content)) {
    const std::string pointer =
        absl::StrCat("/fields/snapshots/value/", index++, "/id");
    LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> owner,
                            parts.store.FindSnapshot(snapshot.id));
    if (owner == dataset) continue;
    if (owner) {
      return absl::AlreadyExistsError(
          absl::StrCat(pointer, ": belongs to another dataset"));
    }
    LIMPID_ASSIGN_OR_RETURN(
        const std::vector<StoredServiceKey> keys,
        parts.service_keys.List(snapshot.id.bytes(), /*after=*/0, /*limit=*/1));
    if (keys.empty()) continue;
    return absl::AlreadyExistsError(absl::StrCat(
        pointer, ": a service has this id; let the register choose one"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Draft> Register::DraftNext(const Author& author,
                                          const RegistrationId& registration,
                                          const std::optional<Version>& newest,
                                          RegistrationState state,
                                          json::Value content, absl::Time now) {
  LIMPID_RETURN_IF_ERROR(
      CheckMaySign(author.publisher, author.key, author.role));
  LIMPID_ASSIGN_OR_RETURN(json::Value reason,
                          json::Value::FromText(author.reason));
  content.Set("reason", std::move(reason));
  LIMPID_ASSIGN_OR_RETURN(
      const CheckedDraft draft,
      MakeDraft(registration, newest ? &*newest : nullptr, state, content,
                {.key = author.key, .role = author.role, .now = now},
                parts_.random));
  // Again when it is published; earlier here, before anybody signs.
  if (newest) {
    LIMPID_RETURN_IF_ERROR(CheckSealedStay(ContentOf(*newest), content));
  }
  Batch nothing;
  LIMPID_RETURN_IF_ERROR(
      CheckAliases(registration, content, author.publisher.importer, nothing));
  LIMPID_RETURN_IF_ERROR(CheckReferences(content, nothing));
  LIMPID_RETURN_IF_ERROR(CheckSnapshots(parts_, registration, content));
  // Retiring ends the use, and carries on what was published under earlier
  // rules.
  if (state == RegistrationState::kActive) {
    LIMPID_RETURN_IF_ERROR(CheckEvidence(content));
    LIMPID_RETURN_IF_ERROR(CheckValidation(content, nothing));
  }
  return draft.draft();
}

absl::StatusOr<Version> Register::Own(
    const Author& author, const RegistrationId& registration) const {
  LIMPID_ASSIGN_OR_RETURN(Version newest, parts_.store.Get(registration, 0));
  if (newest.publisher != author.publisher.id) {
    return absl::PermissionDeniedError(
        "another publisher keeps this registration");
  }
  if (newest.state == RegistrationState::kRetired) {
    return absl::FailedPreconditionError("the registration is retired");
  }
  return newest;
}

namespace {

// A request's {"aliases", "fields", "restricted"} as content of `kind`.
absl::StatusOr<json::Value> FromRequest(RegistrationKind kind,
                                        const json::Value& request) {
  LIMPID_RETURN_IF_ERROR(
      request.CheckOnlyKeys({"aliases", "fields", "restricted"}));
  json::Value content = NewContent(kind);
  for (const json::Member& member : request.members()) {
    content.Set(member.key, member.value);
  }
  return content;
}

// Gives `content` the parts of `newest` that it has a field with an audience
// for and no part. An erased one is not there: that field has to be said anew.
void KeepRestricted(const Version& newest, json::Value& content) {
  const json::Value whole = WholeContentOf(newest);
  const json::Value* const parts = whole.Find("restricted");
  const json::Value* const fields = content.Find("fields");
  if (parts == nullptr || fields == nullptr || !fields->is_object()) return;
  const json::Value* const own = content.Find("restricted");
  if (own != nullptr && !own->is_object()) return;
  json::Value all = own == nullptr ? json::Value::Object() : *own;
  for (const json::Member& part : parts->members()) {
    const json::Value* const field = fields->Find(part.key);
    const bool wants = field != nullptr && field->is_object() &&
                       field->Find("audience") != nullptr;
    if (wants && all.Find(part.key) == nullptr) all.Set(part.key, part.value);
  }
  if (own != nullptr || all.size() > 0) {
    content.Set("restricted", std::move(all));
  }
}

}  // namespace

absl::StatusOr<Draft> Register::PrepareNew(const Author& author,
                                           RegistrationKind kind,
                                           const json::Value& content) {
  LIMPID_ASSIGN_OR_RETURN(json::Value full, FromRequest(kind, content));
  return DraftNext(author, RegistrationId::Random(kind), std::nullopt,
                   RegistrationState::kActive, std::move(full),
                   parts_.clock.Now());
}

absl::StatusOr<Draft> Register::PrepareUpdate(
    const Author& author, const RegistrationId& registration,
    const json::Value& content, bool keep_restricted) {
  // Before the version is read: an erasure in between must be the later one.
  const absl::Time now = parts_.clock.Now();
  LIMPID_ASSIGN_OR_RETURN(Version newest, Own(author, registration));
  LIMPID_ASSIGN_OR_RETURN(json::Value full,
                          FromRequest(registration.kind, content));
  if (keep_restricted) KeepRestricted(newest, full);
  return DraftNext(author, registration, std::move(newest),
                   RegistrationState::kActive, std::move(full), now);
}

absl::StatusOr<Draft> Register::PrepareRetirement(
    const Author& author, const RegistrationId& registration) {
  const absl::Time now = parts_.clock.Now();
  LIMPID_ASSIGN_OR_RETURN(Version newest, Own(author, registration));
  json::Value content = CarriedContentOf(newest);
  return DraftNext(author, registration, std::move(newest),
                   RegistrationState::kRetired, std::move(content), now);
}

absl::StatusOr<Draft> Register::PrepareSnapshot(const Author& author,
                                                const RegistrationId& dataset,
                                                const SnapshotId& snapshot,
                                                std::string_view name) {
  const absl::Time now = parts_.clock.Now();
  LIMPID_ASSIGN_OR_RETURN(Version newest, Own(author, dataset));
  LIMPID_ASSIGN_OR_RETURN(json::Value content,
                          WithSnapshot(CarriedContentOf(newest), snapshot, name,
                                       parts_.clock.Now()));
  return DraftNext(author, dataset, std::move(newest),
                   RegistrationState::kActive, std::move(content), now);
}

absl::StatusOr<Draft> Register::PrepareSeal(const Author& author,
                                            const RegistrationId& dataset,
                                            const SnapshotId& snapshot) {
  const absl::Time now = parts_.clock.Now();
  LIMPID_ASSIGN_OR_RETURN(Version newest, Own(author, dataset));
  LIMPID_ASSIGN_OR_RETURN(json::Value content,
                          WithSealedSnapshot(CarriedContentOf(newest), snapshot,
                                             parts_.clock.Now()));
  return DraftNext(author, dataset, std::move(newest),
                   RegistrationState::kActive, std::move(content), now);
}

absl::StatusOr<std::optional<Version>> Register::Newest(
    const RegistrationId& registration, const Batch& batch) const {
  const auto staged = batch.newest.find(registration);
  if (staged != batch.newest.end()) {
    return std::optional(batch.added[staged->second].version());
  }
  auto stored = parts_.store.Get(registration, 0);
  if (stored.ok()) return std::optional(*std::move(stored));
  if (absl::IsNotFound(stored.status())) return std::optional<Version>();
  return stored.status();
}

absl::Status Register::CheckAliases(const RegistrationId& registration,
                                    const json::Value& content, bool may_import,
                                    const Batch& batch) const {
  std::size_t index = 0;
  for (const Alias& alias : AliasesOf(content)) {
    LIMPID_ASSIGN_OR_RETURN(std::optional<RegistrationId> owner,
                            parts_.store.FindAlias(alias));
    const auto staged = batch.aliases.find(alias);
    if (staged != batch.aliases.end()) owner = staged->second;
    if (owner && *owner != registration) {
      return absl::AlreadyExistsError(absl::StrCat(
          "/aliases/", index, ": belongs to another registration"));
    }
    // Imports find what they are about by these: whoever took one first would
    // be what somebody else's list means, or keep its row out for ever.
    if (!owner && !may_import && parts_.import_names.IsScheme(alias.scheme)) {
      return absl::PermissionDeniedError(
          absl::StrCat("/aliases/", index,
                       "/scheme: only a publisher that may import gives names "
                       "of this register"));
    }
    ++index;
  }
  return absl::OkStatus();
}

absl::Status Register::CheckReferences(const json::Value& content,
                                       Batch& batch) const {
  for (const ReferenceAt& reference : ReferencesOf(content)) {
    if (batch.newest.contains(reference.target) ||
        batch.known.contains(reference.target)) {
      continue;
    }
    const auto head = parts_.store.GetHead(reference.target);
    if (head.ok()) {
      batch.known.insert(reference.target);
      continue;
    }
    if (!absl::IsNotFound(head.status())) return head.status();
    return absl::InvalidArgumentError(
        absl::StrCat(reference.pointer, ": names nothing in this register"));
  }
  return absl::OkStatus();
}

absl::Status Register::CheckValidation(const json::Value& content,
                                       const Batch& batch) const {
  if (KindOf(content) != RegistrationKind::kDeployment) return absl::OkStatus();
  const json::Value* const named = GivenValue(content, "system");
  if (named == nullptr) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(const RegistrationId id,
                          RegistrationId::Parse(named->string()));
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Version> system,
                          Newest(id, batch));
  if (!system) return absl::OkStatus();
  return CheckValidationAllowsUse(content, ContentOf(*system));
}

absl::Status Register::Stage(const SealedDraft& draft, Batch& batch) const {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<Version> newest,
                          Newest(draft.registration(), batch));
  if (IsPublished(draft, newest)) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(
      CheckDraftTime(draft.leaf().draft_time, parts_.clock.Now()));
  NewVersion next(draft);
  LIMPID_RETURN_IF_ERROR(
      CheckFollows(draft, next, newest ? &*newest : nullptr));
  const json::Value& content = next.content();
  LIMPID_RETURN_IF_ERROR(CheckAliases(draft.registration(), content,
                                      draft.publisher_may_import(), batch));
  LIMPID_RETURN_IF_ERROR(CheckReferences(content, batch));
  LIMPID_RETURN_IF_ERROR(CheckSnapshots(parts_, draft.registration(), content));
  if (draft.leaf().state == RegistrationState::kActive) {
    LIMPID_RETURN_IF_ERROR(CheckEvidence(content));
    LIMPID_RETURN_IF_ERROR(CheckValidation(content, batch));
  }
  Record(std::move(next), batch);
  return absl::OkStatus();
}

bool Register::IsPublished(const SealedDraft& draft,
                           const std::optional<Version>& newest) const {
  const std::uint32_t number = draft.leaf().version;
  if (!newest || newest->number < number) return false;
  const auto published = parts_.store.Get(draft.registration(), number);
  return published.ok() && published->leaf == draft.entry();
}

absl::Status Register::CheckFollows(const SealedDraft& draft,
                                    const NewVersion& next,
                                    const Version* newest) const {
  if (newest != nullptr && newest->publisher != draft.publisher()) {
    return absl::PermissionDeniedError(
        "another publisher keeps this registration");
  }
  LIMPID_RETURN_IF_ERROR(CheckSuccession(draft.draft(), newest));
  if (newest == nullptr) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(CheckSealedStay(ContentOf(*newest), next.content()));
  return CheckNotErasedSince(draft.leaf().draft_time, *newest);
}

// A draft from before an erasure carries on what was erased, and so does one
// that was read while it was written. Both times are whole milliseconds: of two
// that are equal, the draft may be the earlier.
absl::Status Register::CheckNotErasedSince(absl::Time draft_time,
                                           const Version& newest) const {
  // Longer than an erasure is written. Of one by an earlier process no more is
  // known than when it began.
  constexpr absl::Duration kWritten = absl::Minutes(1);
  LIMPID_ASSIGN_OR_RETURN(const std::vector<FieldErasure> erasures,
                          parts_.store.Erasures(newest.registration));
  const absl::Duration unknown =
      draft_time < started_ ? kWritten : absl::ZeroDuration();
  const bool begun = std::any_of(erasures.begin(), erasures.end(),
                                 [&](const FieldErasure& one) {
                                   return one.time + unknown >= draft_time;
                                 });
  const auto ended = erased_.find(newest.registration);
  if (!begun && (ended == erased_.end() || ended->second < draft_time)) {
    return absl::OkStatus();
  }
  return absl::AbortedError(
      "a field of the registration was erased since; prepare again");
}

void Register::Record(NewVersion version, Batch& batch) {
  const RegistrationId id = version.version().registration;
  for (const Alias& alias : AliasesOf(version.content())) {
    batch.aliases[alias] = id;
  }
  batch.newest[id] = batch.added.size();
  batch.added.push_back(std::move(version));
}

void Register::Truncate(std::size_t size, Batch& batch) {
  if (batch.added.size() == size) return;
  Batch kept;
  kept.known = std::move(batch.known);
  for (std::size_t i = 0; i < size; ++i) {
    Record(std::move(batch.added[i]), kept);
  }
  batch = std::move(kept);
}

absl::StatusOr<Version> Register::Publish(const Publisher& publisher,
                                          const SignedDraft& draft) {
  LIMPID_ASSIGN_OR_RETURN(CheckedDraft checked,
                          CheckedDraft::Check(draft.draft));
  LIMPID_ASSIGN_OR_RETURN(
      const SealedDraft sealed,
      SealedDraft::Seal(std::move(checked), draft.signature, publisher));
  const std::vector<Group> groups = {{sealed}};
  LIMPID_RETURN_IF_ERROR(PublishGroups(groups).front());
  return parts_.store.Get(sealed.registration(), sealed.leaf().version);
}

std::vector<absl::Status> Register::PublishGroups(
    std::span<const Group> groups) {
  const base::MutexLock lock(mutex_);
  std::vector<absl::Status> out(groups.size());
  if (const absl::Status recovered = RecoverLocked(); !recovered.ok()) {
    std::fill(out.begin(), out.end(), recovered);
    return out;
  }
  Batch batch;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::size_t before = batch.added.size();
    for (const SealedDraft& draft : groups[i]) {
      if (out[i].ok()) out[i] = Stage(draft, batch);
    }
    if (!out[i].ok()) Truncate(before, batch);
  }
  if (batch.added.empty()) return out;
  if (const absl::Status committed = Commit(std::move(batch.added));
      !committed.ok()) {
    for (absl::Status& status : out) {
      if (status.ok()) status = committed;
    }
  }
  return out;
}

absl::StatusOr<bool> Register::SystemExists(
    const RegistrationId& system) const {
  if (system.kind != RegistrationKind::kSystem) return false;
  const auto head = parts_.store.GetHead(system);
  if (absl::IsNotFound(head.status())) return false;
  if (!head.ok()) return head.status();
  return head->state == RegistrationState::kActive;
}

absl::StatusOr<bool> Register::MayTrain(const RegistrationId& system,
                                        const SnapshotId& snapshot) const {
  LIMPID_ASSIGN_OR_RETURN(const bool exists, SystemExists(system));
  if (!exists) return false;
  const auto state = StateOfSnapshot(snapshot);
  if (absl::IsNotFound(state.status())) return false;
  LIMPID_RETURN_IF_ERROR(state.status());
  if (*state != SnapshotState::kOpen) return false;
  LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> dataset,
                          parts_.store.FindSnapshot(snapshot));
  if (!dataset) return false;
  LIMPID_ASSIGN_OR_RETURN(const Head head, parts_.store.GetHead(*dataset));
  if (head.state != RegistrationState::kActive) return false;
  LIMPID_ASSIGN_OR_RETURN(const Version newest, parts_.store.Get(system, 0));
  return TrainsOn(ContentOf(newest), *dataset, snapshot);
}

absl::StatusOr<SnapshotState> Register::StateOfSnapshot(
    const SnapshotId& snapshot) const {
  LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> dataset,
                          parts_.store.FindSnapshot(snapshot));
  if (!dataset) return absl::NotFoundError("no such snapshot");
  LIMPID_ASSIGN_OR_RETURN(const Version newest, parts_.store.Get(*dataset, 0));
  const std::vector<Snapshot> all = SnapshotsOf(ContentOf(newest));
  const auto found = std::find_if(
      all.begin(), all.end(),
      [&snapshot](const Snapshot& one) { return one.id == snapshot; });
  if (found == all.end()) return absl::NotFoundError("no such snapshot");
  return found->state;
}

}  // namespace limpid::algoregister
