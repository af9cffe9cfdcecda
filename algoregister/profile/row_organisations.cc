#include "algoregister/profile/row_organisations.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::algoregister {

using json::Value;

namespace {

// What a field of the version names, found without putting its content
// together: a list has thousands of rows.
std::optional<RegistrationId> GivenId(const Version& version,
                                      std::string_view name) {
  const std::string pointer = absl::StrCat("/fields/", base::ToAbsl(name));
  const auto found = std::find_if(version.fields.begin(), version.fields.end(),
                                  [&pointer](const FieldDisclosure& field) {
                                    return field.pointer == pointer;
                                  });
  if (found == version.fields.end()) return std::nullopt;
  const Value* const state = found->value.Find("state");
  const Value* const value = found->value.Find("value");
  const bool given = state != nullptr && *state == Value("given") &&
                     value != nullptr && value->is_string();
  if (!given) return std::nullopt;
  const auto id = RegistrationId::Parse(value->string());
  return id.ok() ? std::optional(*id) : std::nullopt;
}

}  // namespace

Alias RowOrganisations::AliasOf(const std::string& name) const {
  return {std::string(profile_.organisation_scheme), name};
}

absl::StatusOr<std::vector<RowOrganisation>> RowOrganisations::Of(
    const RowReading& reading, const Version* newest,
    std::vector<Finding>& findings) {
  std::vector<RowOrganisation> out;
  for (const NamedOrganisation& named : reading.organisations) {
    RowOrganisation one{.named = &named};
    LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> present,
                            Present(named, newest));
    const auto twin = std::find_if(out.begin(), out.end(),
                                   [&named](const RowOrganisation& other) {
                                     return other.named->name == named.name;
                                   });
    if (present) {
      one.id = *present;
    } else if (twin != out.end()) {
      one.id = twin->id;
    } else {
      const absl::Status found = Find(one);
      if (absl::IsInvalidArgument(found)) {
        findings.push_back(
            {.field = std::string(named.column->foreign),
             .repaired = false,
             .message = "not a name that an organisation can have"});
        return out;
      }
      LIMPID_RETURN_IF_ERROR(found);
    }
    out.push_back(std::move(one));
  }
  return out;
}

void RowOrganisations::Take(const RowOrganisation& one) {
  if (one.draft) known_[one.named->name] = one.id;
}

absl::StatusOr<std::optional<RegistrationId>> RowOrganisations::Present(
    const NamedOrganisation& named, const Version* newest) {
  if (newest == nullptr) return std::optional<RegistrationId>();
  const std::optional<RegistrationId> id = GivenId(*newest, named.field);
  if (!id) return id;
  LIMPID_ASSIGN_OR_RETURN(const bool has_name, HasName(*id, named.name));
  return has_name ? id : std::nullopt;
}

absl::StatusOr<bool> RowOrganisations::HasName(
    const RegistrationId& organisation, const std::string& name) {
  const auto key = std::make_pair(organisation, name);
  const auto known = names_.find(key);
  if (known != names_.end()) return known->second;
  const auto head = parts_.store.GetHead(organisation);
  if (!head.ok() && !absl::IsNotFound(head.status())) return head.status();
  bool has = head.ok() && head->state == RegistrationState::kActive &&
             head->title == name && name != kErasedTitle;
  if (head.ok() && !has) {
    LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> owner,
                            parts_.store.FindAlias(AliasOf(name)));
    has = owner == organisation;
  }
  names_[key] = has;
  return has;
}

absl::Status RowOrganisations::Find(RowOrganisation& one) {
  const std::string& name = one.named->name;
  const auto known = known_.find(name);
  if (known != known_.end()) {
    one.id = known->second;
    return absl::OkStatus();
  }
  LIMPID_ASSIGN_OR_RETURN(std::optional<RegistrationId> found,
                          parts_.store.FindAlias(AliasOf(name)));
  const bool has_alias = found.has_value();
  // A registration of another kind may have it from before that was refused.
  if (found && found->kind != RegistrationKind::kOrganisation) found.reset();
  if (!found) {
    LIMPID_ASSIGN_OR_RETURN(found,
                            parts_.store.FindOrganisation(name, publisher_.id));
  }
  if (!found) {
    one.id = RegistrationId::Random(RegistrationKind::kOrganisation);
    return DraftNew(one, /*with_alias=*/!has_alias)
               ? absl::OkStatus()
               : absl::InvalidArgumentError("no name of an organisation");
  }
  one.id = *found;
  if (!has_alias) {
    LIMPID_RETURN_IF_ERROR(NameByAlias(one));
  }
  if (!one.draft) known_[name] = one.id;
  return absl::OkStatus();
}

absl::Status RowOrganisations::NameByAlias(RowOrganisation& one) {
  auto newest = parts_.store.Get(one.id, 0);
  if (absl::IsNotFound(newest.status())) return absl::OkStatus();
  if (!newest.ok()) return newest.status();
  if (newest->publisher != publisher_.id) return absl::OkStatus();
  Value content = CarriedContentOf(*newest);
  AddAlias(content, AliasOf(one.named->name));
  content.Set("reason", reason_);
  auto draft = MakeDraft(one.id, &*newest, RegistrationState::kActive,
                         std::move(content), author_, parts_.random);
  // One that has too many names, or that today's rules refuse, is found by its
  // title all the same.
  if (draft.ok()) one.draft = *std::move(draft);
  return absl::OkStatus();
}

bool RowOrganisations::DraftNew(RowOrganisation& one, bool with_alias) {
  Value content = NewContent(RegistrationKind::kOrganisation);
  if (with_alias) AddAlias(content, AliasOf(one.named->name));
  SetField(content, "name", Given(Value(one.named->name)));
  content.Set("reason", reason_);
  auto made = MakeDraft(one.id, nullptr, RegistrationState::kActive,
                        std::move(content), author_, parts_.random);
  if (!made.ok()) return false;
  one.draft = *std::move(made);
  one.is_new = true;
  return true;
}

}  // namespace limpid::algoregister
