#include "algoregister/mim5/scope.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/version.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

absl::Status AddAll(const RegistrationId& organisation, RegistrationKind kind,
                    std::size_t most, Reading& reading,
                    std::vector<const Known*>& out, bool& complete) {
  ListFilter filter;
  filter.kind = kind;
  filter.organisation = organisation;
  LIMPID_ASSIGN_OR_RETURN(const std::vector<Head> heads,
                          reading.store().List(filter, std::nullopt, most + 1));
  for (const Head& head : heads) {
    if (out.size() == most) {
      complete = false;
      break;
    }
    LIMPID_ASSIGN_OR_RETURN(const Known* const one,
                            reading.Of(head.registration));
    out.push_back(one);
  }
  return absl::OkStatus();
}

std::optional<RegistrationId> ReferredBy(const json::Value& content,
                                         std::string_view field) {
  const json::Value* const value = GivenValue(content, field);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto id = RegistrationId::Parse(value->string());
  return id.ok() ? std::optional(*id) : std::nullopt;
}

}  // namespace

absl::StatusOr<const Known*> Reading::Of(const RegistrationId& id) {
  const auto found = known_.find(id);
  if (found != known_.end()) return &found->second;
  LIMPID_ASSIGN_OR_RETURN(Known known, Once(id));
  return &known_.emplace(id, std::move(known)).first->second;
}

absl::StatusOr<Known> Reading::Once(const RegistrationId& id) const {
  LIMPID_ASSIGN_OR_RETURN(const Version version, store_.Get(id, 0));
  Known known;
  known.id = id;
  known.version = version.number;
  known.content = ContentOf(version);
  known.title = TitleOf(known.content);
  return known;
}

absl::StatusOr<std::string> Reading::ListedTitle(const RegistrationId& id) {
  const auto found = titles_.find(id);
  if (found != titles_.end()) return found->second;
  LIMPID_ASSIGN_OR_RETURN(Head head, store_.GetHead(id));
  return titles_.emplace(id, std::move(head.title)).first->second;
}

absl::StatusOr<std::optional<NamedOne>> Reading::NameOf(
    const json::Value& content, std::string_view field) {
  const auto id = ReferredBy(content, field);
  if (!id) return std::optional<NamedOne>();
  auto title = ListedTitle(*id);
  if (absl::IsNotFound(title.status())) return std::optional<NamedOne>();
  LIMPID_RETURN_IF_ERROR(title.status());
  return std::optional(NamedOne{.id = *id, .title = *std::move(title)});
}

absl::StatusOr<const Known*> Reading::Named(const json::Value& content,
                                            std::string_view field) {
  const auto id = ReferredBy(content, field);
  if (!id) return nullptr;
  auto known = Of(*id);
  if (absl::IsNotFound(known.status())) return nullptr;
  return known;
}

absl::StatusOr<Scope> ScopeOf(const RegistrationId& subject, std::size_t most,
                              Reading& reading) {
  Scope out;
  switch (subject.kind) {
    case RegistrationKind::kOrganisation:
    case RegistrationKind::kSystem:
    case RegistrationKind::kDeployment:
      break;
    case RegistrationKind::kModel:
    case RegistrationKind::kDataset:
    case RegistrationKind::kEvaluation:
    case RegistrationKind::kAssessment:
    case RegistrationKind::kCertification:
    case RegistrationKind::kIncident:
      return absl::InvalidArgumentError(
          "must be the id of an organisation, a system or a deployment");
  }
  LIMPID_ASSIGN_OR_RETURN(out.subject, reading.Of(subject));
  if (subject.kind == RegistrationKind::kSystem) {
    out.systems = {out.subject};
    return out;
  }
  if (subject.kind == RegistrationKind::kDeployment) {
    out.deployments = {out.subject};
  } else {
    LIMPID_RETURN_IF_ERROR(AddAll(subject, RegistrationKind::kDeployment, most,
                                  reading, out.deployments, out.complete));
    LIMPID_RETURN_IF_ERROR(AddAll(subject, RegistrationKind::kSystem, most,
                                  reading, out.systems, out.complete));
  }
  for (const Known* const deployment : out.deployments) {
    LIMPID_ASSIGN_OR_RETURN(const Known* const system,
                            reading.Named(deployment->content, "system"));
    if (system == nullptr) continue;
    if (std::find(out.systems.begin(), out.systems.end(), system) ==
        out.systems.end()) {
      out.systems.push_back(system);
    }
  }
  return out;
}

}  // namespace limpid::algoregister
