// What the index says of one registration, and a picture of all of them that
// stays as it is while the index goes on.

#ifndef LIMPID_ALGOREGISTER_SEARCH_ENTRY_H_
#define LIMPID_ALGOREGISTER_SEARCH_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "algoregister/search/completeness.h"
#include "algoregister/version/version.h"

namespace limpid::algoregister::search {

// Place of a registration in the index, from 0, by its first version's place in
// the log. Never reused.
using Place = std::uint32_t;

// The newest version of one registration.
struct Entry {
  RegistrationId registration;
  std::uint32_t number = 0;
  RegistrationState state = RegistrationState::kActive;
  absl::Time draft_time;
  std::string title;
  std::optional<RegistrationId> organisation;
  std::optional<RegistrationId> system;
  std::optional<RegistrationId> provider;
  std::vector<AskedField> fields;
};

// By Place.
using Entries = std::vector<std::shared_ptr<const Entry>>;

// All entries of one moment. Immutable: any thread.
class EntrySnapshot {
 public:
  explicit EntrySnapshot(Entries entries) : entries_(std::move(entries)) {
    for (const auto& entry : entries_) {
      if (entry->registration.kind != RegistrationKind::kOrganisation) continue;
      organisations_.emplace(entry->registration, entry.get());
    }
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& entry(Place place) const {
    return *entries_[place];
  }
  // Title of an organisation; empty for none.
  [[nodiscard]] std::string TitleOf(
      const std::optional<RegistrationId>& organisation) const {
    if (!organisation) return {};
    const auto found = organisations_.find(*organisation);
    return found == organisations_.end() ? std::string() : found->second->title;
  }

 private:
  Entries entries_;
  std::map<RegistrationId, const Entry*> organisations_;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_ENTRY_H_
