// Writes registrations in the shape of another register, and says what that
// shape cannot carry. Reading the result back gives the same content hashes.

#ifndef LIMPID_ALGOREGISTER_PROFILE_EXPORT_H_
#define LIMPID_ALGOREGISTER_PROFILE_EXPORT_H_

#include <map>
#include <span>
#include <string>
#include <vector>

#include "algoregister/profile/profile.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// What an export left out.
struct Dropped {
  RegistrationId registration;
  // RFC 6901; empty for the whole registration.
  std::string pointer;
  std::string reason;
};

struct ExportItem {
  RegistrationId registration;
  // A valid content.
  json::Value content;
};

struct Export {
  // Pretty-printed JSON.
  std::string file;
  std::vector<Dropped> dropped;
};

// Names of the organisations that items refer to.
using OrganisationNames = std::map<RegistrationId, std::string>;

// Rows in the order of their foreign ids.
Export ExportItems(const Profile& profile, std::span<const ExportItem> items,
                   const OrganisationNames& names);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_EXPORT_H_
