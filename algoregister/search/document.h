// What search takes from one version: which one it is, words with weights,
// facet values, the state of each field asked. Only what is given and public; a
// pure function of the version.

#ifndef LIMPID_ALGOREGISTER_SEARCH_DOCUMENT_H_
#define LIMPID_ALGOREGISTER_SEARCH_DOCUMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "algoregister/search/completeness.h"
#include "algoregister/search/facets.h"
#include "algoregister/version/published_version.h"
#include "algoregister/version/version.h"

namespace limpid::algoregister::search {

// How much a word counts, by where it stands.
inline constexpr std::uint32_t kTitleWeight = 8;
inline constexpr std::uint32_t kOrganisationWeight = 4;
inline constexpr std::uint32_t kShortTextWeight = 2;
inline constexpr std::uint32_t kRestWeight = 1;
// Of one document; what stands further back is left out. A registration has at
// most 256 KiB.
inline constexpr std::size_t kMaxDocumentWords = 20'000;

struct Document {
  RegistrationId registration;
  std::uint32_t number = 0;
  RegistrationState state = RegistrationState::kActive;
  absl::Time draft_time;
  // Place in the register log.
  std::uint64_t leaf_index = 0;
  std::string title;
  // Folded words and the sum of their weights, without stop words.
  std::map<std::string, std::uint32_t> words;
  // Ascending, each once.
  std::vector<FacetValue> values;
  std::vector<AskedField> fields;
  std::optional<RegistrationId> organisation;
  // Product and maker, where the registration names them.
  std::optional<RegistrationId> system;
  std::optional<RegistrationId> provider;
  // What an evaluation evaluates.
  std::vector<RegistrationId> evaluated;
};

Document MakeDocument(PublishedVersion version);
Document MakeDocument(const Version& version);

// Adds the words of `text`, each with `weight` for every time it stands there.
void AddWords(std::string_view text, std::uint32_t weight,
              std::map<std::string, std::uint32_t>& words);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_DOCUMENT_H_
