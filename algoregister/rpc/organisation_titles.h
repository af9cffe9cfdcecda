// Titles of organisations beside what names them, each asked for once.

#ifndef LIMPID_ALGOREGISTER_RPC_ORGANISATION_TITLES_H_
#define LIMPID_ALGOREGISTER_RPC_ORGANISATION_TITLES_H_

#include <string>
#include <utility>

#include "algoregister/profile/export.h"
#include "algoregister/registration/registration_store.h"

namespace limpid::algoregister {

// Thread-compatible. `store` must outlive it.
class OrganisationTitles {
 public:
  explicit OrganisationTitles(const RegistrationStore& store) : store_(store) {}

  // Empty for an unknown one. Valid until the object goes.
  const std::string& Of(const RegistrationId& organisation) {
    const auto [at, is_new] = titles_.try_emplace(organisation);
    if (is_new) {
      auto head = store_.GetHead(organisation);
      if (head.ok()) at->second = std::move(head->title);
    }
    return at->second;
  }
  [[nodiscard]] const OrganisationNames& all() const { return titles_; }

 private:
  const RegistrationStore& store_;
  OrganisationNames titles_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_ORGANISATION_TITLES_H_
