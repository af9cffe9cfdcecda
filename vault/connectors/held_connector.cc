#include "vault/connectors/held_connector.h"

#include <utility>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

// Reads need no key of a device.
absl::StatusOr<PersonCaller> CallerOf(std::string_view subject) {
  const auto holder = HolderId::Parse(subject);
  if (!holder.ok()) {
    return absl::DataLossError("a link to this vault names no holder");
  }
  return PersonCaller{*holder, {}};
}

}  // namespace

absl::StatusOr<SourceAnswer> HeldConnector::Fetch(
    const SourceQuestion& question, absl::Duration /*time_limit*/) {
  LIMPID_ASSIGN_OR_RETURN(const PersonCaller caller,
                          CallerOf(question.subject));
  auto own = persons_.Get(caller, question.attribute, 0);
  if (absl::IsNotFound(own.status())) return SourceAnswer();
  LIMPID_RETURN_IF_ERROR(own.status());
  if (own->sealed) {
    return absl::FailedPreconditionError(
        "the value is sealed: only the person's devices open it");
  }
  SourcedValue out;
  out.value_json = std::move(own->value.value_json);
  out.as_of = own->info.put_time;
  out.signed_by = base::Base64UrlEncode(own->value.provenance.key_thumbprint);
  return SourceAnswer(std::move(out));
}

absl::StatusOr<std::vector<Holding>> HeldConnector::Holdings(
    std::string_view subject, absl::Duration /*time_limit*/) {
  LIMPID_ASSIGN_OR_RETURN(const PersonCaller caller, CallerOf(subject));
  LIMPID_ASSIGN_OR_RETURN(const auto versions, persons_.List(caller));
  std::vector<Holding> out;
  out.reserve(versions.size());
  for (const VersionInfo& info : versions) {
    out.push_back({info.attribute, info.put_time});
  }
  return out;
}

absl::StatusOr<RectificationAnswer> HeldConnector::RequestRectification(
    const RectificationRequest& request, absl::Duration /*time_limit*/) {
  LIMPID_ASSIGN_OR_RETURN(const PersonCaller subject,
                          CallerOf(request.subject));
  if (subject.holder != request.person.holder) {
    return absl::DataLossError("a link to this vault names another holder");
  }
  NewValue value;
  value.attribute = request.attribute;
  value.value_json = request.value_json;
  value.request_id = request.request_id;
  LIMPID_RETURN_IF_ERROR(persons_.Put(request.person, value).status());
  return RectificationAnswer{RectificationOutcome::kDone,
                             RectificationGround::kNone};
}

absl::StatusOr<LinkedSubject> HeldConnector::CheckLink(
    const LinkProof& proof, absl::Duration /*time_limit*/) {
  if (!proof.proof.empty()) {
    return absl::PermissionDeniedError(
        "proof: this vault knows you by your token and takes none");
  }
  return LinkedSubject{.subject = proof.person.holder.Text()};
}

}  // namespace limpid::vault
