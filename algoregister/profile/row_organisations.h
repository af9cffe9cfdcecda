// Which organisations the rows of one file are of: those that the register has
// under their names, or new ones. For import_planner.cc alone. Refuses to be
// moved by what other publishers call themselves: what a registration is of
// stays, and of several organisations of one name the importer's own counts.
// docs/adr/2026-12-01-names-that-imports-go-by.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_ORGANISATIONS_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_ORGANISATIONS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/register.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"

namespace limpid::algoregister {

// An organisation that a row names. The draft is its first version, or one that
// gives it the profile's name for it; it counts only when its row is taken.
struct RowOrganisation {
  const NamedOrganisation* named = nullptr;
  RegistrationId id;
  std::optional<CheckedDraft> draft;
  bool is_new = false;
};

// Thread-compatible.
class RowOrganisations {
 public:
  // All must outlive it.
  RowOrganisations(const Profile& profile, const Register::Parts& parts,
                   const Publisher& publisher, const Authorship& author,
                   std::string_view reason)
      : profile_(profile),
        parts_(parts),
        publisher_(publisher),
        author_(author),
        reason_(reason) {}

  // Whom the row names, in its order. `newest` is the newest version of its
  // registration, null for a new one. What cannot be an organisation's name is
  // a finding that rejects the row.
  absl::StatusOr<std::vector<RowOrganisation>> Of(
      const RowReading& reading, const Version* newest,
      std::vector<Finding>& findings);
  // The row was taken: its drafts are known from here on.
  void Take(const RowOrganisation& one);

 private:
  // The organisation that the registration is of already, as long as the name
  // is one of its names.
  absl::StatusOr<std::optional<RegistrationId>> Present(
      const NamedOrganisation& named, const Version* newest);
  absl::StatusOr<bool> HasName(const RegistrationId& organisation,
                               const std::string& name);
  // Sets the id, and a draft if there is something to publish.
  absl::Status Find(RowOrganisation& one);
  // Drafts the profile's alias for an organisation of this importer's own.
  absl::Status NameByAlias(RowOrganisation& one);
  // False if the name breaks the rules.
  bool DraftNew(RowOrganisation& one, bool with_alias);
  [[nodiscard]] Alias AliasOf(const std::string& name) const;

  const Profile& profile_;
  const Register::Parts& parts_;
  const Publisher& publisher_;
  const Authorship& author_;
  std::string_view reason_;
  // Of the register, and those that a row before this one drafted.
  std::map<std::string, RegistrationId> known_;
  // What HasName found.
  std::map<std::pair<RegistrationId, std::string>, bool> names_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_ORGANISATIONS_H_
