#include "clients/cpp/draft_check.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/disclosures.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;
using receipt::AuthorRole;
using receipt::RegistrationKind;
using receipt::RegistrationState;

absl::Status Differs(std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the register drafted something else than was asked for: ",
                   base::ToAbsl(what), "; nothing was signed"));
}

std::string IdOf(const receipt::RegistrationLeaf& leaf) {
  return base::FormatIdText(receipt::RegistrationKindPrefix(leaf.kind),
                            leaf.registration);
}

bool SaysText(const json::Value& object, std::string_view key,
              std::string_view text) {
  const json::Value* const found = object.Find(key);
  return found != nullptr && found->is_string() && found->string() == text;
}

// What every draft must be, whoever asked for it.
struct Terms {
  AuthorRole role = AuthorRole::kPublisher;
  RegistrationState state = RegistrationState::kActive;
  std::string_view reason;
  absl::Time now;
};

absl::Status CheckTerms(const ReadDraft& draft, const Terms& terms) {
  if (draft.leaf.author_role != terms.role) {
    return Differs("the author's role");
  }
  if (draft.leaf.state != terms.state) return Differs("the state");
  const absl::Duration apart = draft.leaf.draft_time - terms.now;
  if (apart > kMaxDraftDistance || apart < -kMaxDraftDistance) {
    return Differs("its time is a day or more from this machine's");
  }
  if (!SaysText(draft.content, "reason", terms.reason)) {
    return Differs("the reason");
  }
  return absl::OkStatus();
}

// A new registration has version 1, every other change a later one.
absl::Status CheckVersionNumber(const ReadDraft& draft, bool is_new) {
  const bool first = draft.leaf.version == 1;
  return first == is_new ? absl::OkStatus() : Differs("the version");
}

absl::Status CheckNext(const ReadDraft& draft, std::string_view id) {
  if (IdOf(draft.leaf) != id) return Differs("the registration");
  return CheckVersionNumber(draft, /*is_new=*/false);
}

// Gives `expected` the kept parts of `draft`: those of its fields with an
// audience and no part of its own. What else is restricted in the draft is not
// expected, so that it differs.
absl::Status TakeKeptParts(const ReadDraft& draft, json::Value& expected) {
  const json::Value* const fields = expected.Find("fields");
  const json::Value* const own = expected.Find("restricted");
  if (!fields->is_object() || (own != nullptr && !own->is_object())) {
    return Differs("the content");
  }
  json::Value all = own == nullptr ? json::Value::Object() : *own;
  const json::Value* const drafted = draft.content.Find("restricted");
  for (const json::Member& field : fields->members()) {
    const bool wants = field.value.is_object() &&
                       field.value.Find("audience") != nullptr &&
                       all.Find(field.key) == nullptr;
    if (!wants) continue;
    const json::Value* const part =
        drafted == nullptr ? nullptr : drafted->Find(field.key);
    if (part == nullptr) return Differs("a part that was to be kept is gone");
    all.Set(field.key, *part);
  }
  if (all.size() > 0) expected.Set("restricted", std::move(all));
  return absl::OkStatus();
}

enum class Restricted { kAsSent, kKept };

// The content as the register makes it of a request's.
absl::Status CheckContent(const ReadDraft& draft, std::string_view reason,
                          std::string_view content_json,
                          Restricted restricted) {
  auto asked = json::ParseStrict(content_json);
  if (!asked.ok() || !asked->is_object()) return Differs("the content");
  json::Value expected = *std::move(asked);
  if (expected.Find("aliases") == nullptr) {
    expected.Set("aliases", json::Value::Array());
  }
  if (expected.Find("fields") == nullptr) {
    expected.Set("fields", json::Value::Object());
  }
  expected.Set("kind", receipt::RegistrationKindName(draft.leaf.kind));
  expected.Set("reason", reason);
  if (restricted == Restricted::kKept) {
    LIMPID_RETURN_IF_ERROR(TakeKeptParts(draft, expected));
  }
  if (json::Canonical(expected) != json::Canonical(draft.content)) {
    return Differs("the content");
  }
  return absl::OkStatus();
}

// Whether the dataset lists the snapshot once, in `state` and, if given, under
// `name`.
absl::Status CheckSnapshot(const ReadDraft& draft, std::string_view id,
                           std::string_view state, const std::string* name) {
  const json::Value* const list =
      draft.content.FindPointer("/fields/snapshots/value");
  if (id.empty() || list == nullptr || !list->is_array()) {
    return Differs("the snapshot");
  }
  std::size_t found = 0;
  for (const json::Value& one : list->elements()) {
    if (!SaysText(one, "id", id)) continue;
    ++found;
    if (!SaysText(one, "state", state) ||
        (name != nullptr && !SaysText(one, "name", *name))) {
      return Differs("the snapshot");
    }
  }
  return found == 1 ? absl::OkStatus() : Differs("the snapshot");
}

// That the row's own draft, its last, makes of it what the row says.
absl::Status CheckOutcome(const ReadDraft& draft, const v1::ImportRow& row) {
  if (IdOf(draft.leaf) != row.registration_id()) {
    return Differs("the registration of a row");
  }
  const json::Value* const listing =
      draft.content.FindPointer("/fields/listing/value");
  const bool vanished =
      listing != nullptr && *listing == json::Value("vanished");
  if (vanished != (row.outcome() == v1::IMPORT_OUTCOME_REMOVED)) {
    return Differs("whether the list still has a row");
  }
  return CheckVersionNumber(draft, row.outcome() == v1::IMPORT_OUTCOME_NEW);
}

}  // namespace

absl::StatusOr<ReadDraft> ReadDraft::From(const v1::VersionDraft& draft) {
  const auto leaf =
      receipt::ParseRegistrationLeafBody(base::AsBytes(draft.leaf_body()));
  if (!leaf.ok()) return Differs("it is no version of a registration");
  ReadDraft out;
  out.leaf = *leaf;
  if (IdOf(out.leaf) != draft.registration_id() ||
      out.leaf.version != draft.version()) {
    return Differs("the registration or version");
  }
  LIMPID_ASSIGN_OR_RETURN(out.fields, ReadDisclosures(draft.disclosures()));
  auto content = receipt::AssembleContent(out.fields);
  if (!content.ok()) return Differs("its fields make no content");
  out.content = *std::move(content);
  if (!SaysText(out.content, "kind",
                receipt::RegistrationKindName(out.leaf.kind))) {
    return Differs("the kind");
  }
  return out;
}

absl::Status CheckIsAskedFor(const ReadDraft& draft,
                             const v1::PrepareVersionRequest& request,
                             const v1::PrepareVersionResponse& answer,
                             absl::Time now) {
  const bool retires = request.has_retire();
  LIMPID_RETURN_IF_ERROR(
      CheckTerms(draft, {.role = AuthorRole::kPublisher,
                         .state = retires ? RegistrationState::kRetired
                                          : RegistrationState::kActive,
                         .reason = request.reason(),
                         .now = now}));
  switch (request.change_case()) {
    case v1::PrepareVersionRequest::kCreate:
      if (static_cast<int>(draft.leaf.kind) !=
          static_cast<int>(request.create().kind())) {
        return Differs("the kind");
      }
      LIMPID_RETURN_IF_ERROR(CheckVersionNumber(draft, /*is_new=*/true));
      return CheckContent(draft, request.reason(),
                          request.create().content_json(), Restricted::kAsSent);
    case v1::PrepareVersionRequest::kUpdate:
      LIMPID_RETURN_IF_ERROR(
          CheckNext(draft, request.update().registration_id()));
      return CheckContent(
          draft, request.reason(), request.update().content_json(),
          request.update().keep_restricted() ? Restricted::kKept
                                             : Restricted::kAsSent);
    case v1::PrepareVersionRequest::kRetire:
      return CheckNext(draft, request.retire().registration_id());
    case v1::PrepareVersionRequest::kAddSnapshot:
      LIMPID_RETURN_IF_ERROR(
          CheckNext(draft, request.add_snapshot().dataset_id()));
      return CheckSnapshot(draft, answer.snapshot_id(), "open",
                           &request.add_snapshot().name());
    case v1::PrepareVersionRequest::kSealSnapshot:
      LIMPID_RETURN_IF_ERROR(
          CheckNext(draft, request.seal_snapshot().dataset_id()));
      return CheckSnapshot(draft, request.seal_snapshot().snapshot_id(),
                           "sealed", nullptr);
    case v1::PrepareVersionRequest::CHANGE_NOT_SET:
      break;
  }
  return Differs("nothing was");
}

absl::Status CheckIsOfRow(const std::vector<ReadDraft>& drafts,
                          const v1::ImportRow& row, std::string_view reason,
                          absl::Time now) {
  const bool changes = row.outcome() == v1::IMPORT_OUTCOME_NEW ||
                       row.outcome() == v1::IMPORT_OUTCOME_CHANGED ||
                       row.outcome() == v1::IMPORT_OUTCOME_REMOVED;
  if (drafts.empty() == changes) return Differs("the versions of a row");
  for (const ReadDraft& draft : drafts) {
    LIMPID_RETURN_IF_ERROR(
        CheckTerms(draft, {.role = AuthorRole::kImporter,
                           .state = RegistrationState::kActive,
                           .reason = reason,
                           .now = now}));
    // Those before the row's own are of organisations it names.
    if (&draft != &drafts.back() &&
        draft.leaf.kind != RegistrationKind::kOrganisation) {
      return Differs("the organisation of a row");
    }
  }
  return drafts.empty() ? absl::OkStatus() : CheckOutcome(drafts.back(), row);
}

}  // namespace limpid::client
