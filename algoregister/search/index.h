// The register's search index: everything the store's newest versions say in
// public, in memory. It is derived from the versions in the order of the log,
// and from nothing else: built anew it answers the same.

#ifndef LIMPID_ALGOREGISTER_SEARCH_INDEX_H_
#define LIMPID_ALGOREGISTER_SEARCH_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/ids.h"
#include "algoregister/search/document.h"
#include "algoregister/search/entry.h"
#include "algoregister/search/facets.h"
#include "algoregister/search/filter.h"
#include "algoregister/search/place_set.h"
#include "algoregister/search/query.h"
#include "algoregister/search/value_table.h"
#include "algoregister/search/vocabulary.h"
#include "algoregister/version/version.h"

namespace limpid::algoregister::search {

struct Hit {
  Place place = 0;
  // Comparable within one answer only; 0 without a query.
  double score = 0;
};

// The most frequent values of each facet are counted, no more than these.
inline constexpr std::size_t kMaxFacetValues = 100;

struct FacetCount {
  FacetValue value;
  // For people: an organisation's name, a code's label.
  std::string label;
  std::uint64_t count = 0;
};

// A word that the index does not have, and what was looked for instead.
struct Correction {
  std::string typed;
  std::vector<std::string> used;
};

struct SearchAnswer {
  // Best first, equals by id; without a query the last changed first.
  std::vector<Hit> hits;
  // Over all pages.
  std::uint64_t total_count = 0;
  // In the order of Facets(), then the most frequent first, then by value; over
  // all that match.
  std::vector<FacetCount> facets;
  // False when nothing has all the words: then any of them was enough.
  bool all_words = true;
  std::vector<Correction> corrections;
};

struct SimilarHit {
  Place place = 0;
  // Cosine of the words, 0 to 1, and a quarter more for the same product, a
  // tenth for the same maker.
  double score = 0;
  bool same_system = false;
  bool same_provider = false;
};

// One version in the log.
struct Change {
  RegistrationId registration;
  std::uint32_t number = 0;
  std::uint64_t leaf_index = 0;
  absl::Time draft_time;
};

// Thread-compatible.
class SearchIndex {
 public:
  // Takes a version in: the next one in the order of the log, or one that it
  // has already and that lost fields since.
  void Apply(const Version& version);
  // The same, with what MakeDocument made of the version: most of the work, for
  // which no index is needed.
  void Apply(Document document);

  // `limit` hits from `offset` on.
  [[nodiscard]] SearchAnswer Search(const Filter& filter, std::size_t offset,
                                    std::size_t limit) const;
  // At most `limit` active registrations of the same kind, without itself, the
  // most similar first, equals by id.
  //
  // Errors:
  //   kNotFound  no such registration.
  absl::StatusOr<std::vector<SimilarHit>> Similar(
      const RegistrationId& registration, std::size_t limit) const;
  // At most `limit` versions before place `before` of the log, the last first,
  // of registrations that match. A version belongs to a facet's value when it
  // or the one before it has it, so that leaving is seen as well as entering;
  // evidence, text and title are those of today. Retired ones belong to it.
  [[nodiscard]] std::vector<Change> Changes(const Filter& filter,
                                            std::uint64_t before,
                                            std::size_t limit) const;

  [[nodiscard]] const Entry& entry(Place place) const {
    return *entries_[place];
  }
  // All of them, to be looked at without the index.
  [[nodiscard]] const Entries& entries() const { return entries_; }
  [[nodiscard]] std::size_t size() const { return documents_.size(); }
  // The entry of a registration, or nullptr.
  [[nodiscard]] const Entry* Find(const RegistrationId& registration) const;
  // Title of an organisation; empty for none.
  [[nodiscard]] std::string TitleOf(
      const std::optional<RegistrationId>& organisation) const;
  // Different words in it.
  [[nodiscard]] std::size_t word_count() const { return vocabulary_.size(); }

 private:
  struct Posting {
    // Of a word: a document; of a document: a word. Ascending.
    std::uint32_t of = 0;
    std::uint32_t weight = 0;
  };
  struct Indexed {
    std::string title_key;
    std::vector<Posting> words;
    // Ascending; with evidence.
    std::vector<ValueId> values;
    std::vector<RegistrationId> evaluated;
    std::uint32_t evaluation_count = 0;
    // Places in changes_, by version number.
    std::vector<std::size_t> changes;
  };
  // What a search looks at of many registrations, side by side, by Place.
  struct Columns {
    std::vector<RegistrationId> registration;
    // Sum of the weights of its words.
    std::vector<std::uint32_t> length;
    std::vector<std::uint64_t> leaf_index;
    std::vector<absl::Time> draft_time;
    Bits active;
  };
  struct ChangeRecord {
    Place place = 0;
    std::uint32_t number = 0;
    std::uint64_t leaf_index = 0;
    absl::Time draft_time;
    // As Indexed::values, without evidence.
    std::vector<ValueId> values;
    // Place of the version before it.
    std::optional<std::size_t> previous;
  };
  // A filter with its facet values looked up: any of each.
  struct Compiled {
    std::vector<std::pair<std::size_t, std::vector<ValueId>>> facets;
    std::string title_key;
    absl::Time since = absl::InfinitePast();
    bool include_retired = false;
  };
  struct Scored;
  struct Shared;
  struct Candidate {
    SimilarHit hit;
    // Of its words with those that it is compared to.
    double product = 0;
    // For the same product and maker.
    double extra = 0;
  };

  Place PlaceOf(const RegistrationId& registration);
  void RecordChange(Place place, const Document& document);
  void Replace(Place place, Document document);
  void SetEntry(Place place, Document& document);
  void DropWords(Place place);
  void SetWords(Place place, const std::map<std::string, std::uint32_t>& words);
  void SetOrganisation(Place place, const std::optional<RegistrationId>& before,
                       const std::optional<RegistrationId>& after);
  void Retitle(const RegistrationId& organisation, std::string_view before,
               std::string_view after);
  void SetValues(const std::vector<FacetValue>& values,
                 std::vector<ValueId>& out);
  void SetOwnValues(Place place, const std::vector<FacetValue>& values);
  void AddToSet(ValueId value, Place place);
  void RemoveFromSet(ValueId value, Place place);
  void CountEvaluations(const std::vector<RegistrationId>& targets, int change);
  void SetEvidence(Place place);

  [[nodiscard]] Compiled Compile(const Filter& filter) const;
  // The places that match, whatever the words.
  [[nodiscard]] Bits Matching(const Compiled& filter) const;
  [[nodiscard]] bool Matches(const Compiled& filter,
                             const ChangeRecord& change) const;
  [[nodiscard]] double Idf(double document_count) const;
  [[nodiscard]] Scored Score(std::span<const WordGroup> groups,
                             const Bits& among) const;
  [[nodiscard]] std::vector<Hit> FindWords(std::span<const WordGroup> groups,
                                           const Bits& among,
                                           bool& all_words) const;
  void SortHits(std::vector<Hit>& hits, std::size_t kept, bool by_words) const;
  // By ValueId: how many of the hits have it.
  [[nodiscard]] std::vector<std::uint64_t> CountValues(
      std::span<const Hit> hits) const;
  [[nodiscard]] std::vector<FacetCount> Count(std::span<const Hit> hits) const;
  [[nodiscard]] std::vector<Correction> CorrectionsIn(
      std::span<const WordGroup> groups) const;
  [[nodiscard]] std::string LabelOf(const FacetValue& value) const;
  [[nodiscard]] std::vector<Candidate> SimilarCandidates(Place self,
                                                         double own_norm) const;
  [[nodiscard]] std::vector<Posting> KeyWords(const Indexed& document) const;
  [[nodiscard]] std::int64_t Component(std::uint32_t word,
                                       std::uint32_t weight) const;
  [[nodiscard]] double Norm(const Indexed& document) const;

  SynonymIndex synonyms_;
  Vocabulary vocabulary_;
  ValueTable values_;
  // By WordId.
  std::vector<std::vector<Posting>> postings_;
  // By ValueId: registrations whose newest version has it.
  std::vector<PlaceSet> having_;
  Entries entries_;
  Columns columns_;
  // By Place.
  std::vector<Indexed> documents_;
  std::map<RegistrationId, Place> places_;
  // Registrations that name an organisation.
  std::map<RegistrationId, std::vector<Place>> of_organisation_;
  // In the order of the log.
  std::vector<ChangeRecord> changes_;
  std::uint64_t total_length_ = 0;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_INDEX_H_
