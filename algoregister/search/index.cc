// How versions get into the index. What is asked of it: index_search.cc.

#include "algoregister/search/index.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/registration/registration_store.h"
#include "algoregister/search/document.h"

namespace limpid::algoregister::search {
namespace {

bool CanBeEvaluated(RegistrationKind kind) {
  return kind == RegistrationKind::kDeployment ||
         kind == RegistrationKind::kSystem || kind == RegistrationKind::kModel;
}

template <typename Item>
void InsertByKey(std::vector<Item>& items, Item item) {
  const auto at = std::lower_bound(
      items.begin(), items.end(), item,
      [](const Item& left, const Item& right) { return left.of < right.of; });
  items.insert(at, item);
}

template <typename Item>
void EraseByKey(std::vector<Item>& items, std::uint32_t key) {
  const auto at = std::lower_bound(
      items.begin(), items.end(), key,
      [](const Item& item, std::uint32_t of) { return item.of < of; });
  if (at != items.end() && at->of == key) items.erase(at);
}

}  // namespace

const Entry* SearchIndex::Find(const RegistrationId& registration) const {
  const auto found = places_.find(registration);
  return found == places_.end() ? nullptr : entries_[found->second].get();
}

std::string SearchIndex::TitleOf(
    const std::optional<RegistrationId>& organisation) const {
  const Entry* const found = organisation ? Find(*organisation) : nullptr;
  return found == nullptr ? std::string() : found->title;
}

void SearchIndex::Apply(const Version& version) {
  Apply(MakeDocument(version));
}

void SearchIndex::Apply(Document document) {
  const Place place = PlaceOf(document.registration);
  const std::size_t known = documents_[place].changes.size();
  // A version behind a gap would be out of the order of the log.
  if (document.number == 0 || document.number > known + 1) return;
  RecordChange(place, document);
  if (document.number >= entries_[place]->number) {
    Replace(place, std::move(document));
  }
}

Place SearchIndex::PlaceOf(const RegistrationId& registration) {
  const auto [at, is_new] =
      places_.try_emplace(registration, static_cast<Place>(documents_.size()));
  if (is_new) {
    Entry entry;
    entry.registration = registration;
    entries_.push_back(std::make_shared<const Entry>(std::move(entry)));
    documents_.emplace_back();
    columns_.registration.push_back(registration);
    columns_.length.push_back(0);
    columns_.leaf_index.push_back(0);
    columns_.draft_time.emplace_back();
    columns_.active.Set(at->second);
  }
  return at->second;
}

void SearchIndex::RecordChange(Place place, const Document& document) {
  std::vector<std::size_t>& known = documents_[place].changes;
  if (document.number <= known.size()) {
    SetValues(document.values, changes_[known[document.number - 1]].values);
    return;
  }
  ChangeRecord record;
  record.place = place;
  record.number = document.number;
  record.leaf_index = document.leaf_index;
  record.draft_time = document.draft_time;
  if (!known.empty()) record.previous = known.back();
  SetValues(document.values, record.values);
  known.push_back(changes_.size());
  changes_.push_back(std::move(record));
}

void SearchIndex::Replace(Place place, Document document) {
  const std::shared_ptr<const Entry> old = entries_[place];
  SetOrganisation(place, old->organisation, document.organisation);
  CountEvaluations(documents_[place].evaluated, -1);
  CountEvaluations(document.evaluated, 1);
  SetEntry(place, document);
  const Entry& entry = *entries_[place];
  Indexed& indexed = documents_[place];
  indexed.title_key = FoldTitle(entry.title);
  indexed.evaluated = std::move(document.evaluated);
  AddWords(TitleOf(entry.organisation), kOrganisationWeight, document.words);
  SetWords(place, document.words);
  SetOwnValues(place, document.values);
  SetEvidence(place);
  if (entry.registration.kind == RegistrationKind::kOrganisation &&
      entry.title != old->title) {
    Retitle(entry.registration, old->title, entry.title);
  }
}

// A new entry: others may still look at the one before.
void SearchIndex::SetEntry(Place place, Document& document) {
  Entry entry;
  entry.registration = document.registration;
  entry.number = document.number;
  entry.state = document.state;
  entry.draft_time = document.draft_time;
  entry.title = std::move(document.title);
  entry.organisation = document.organisation;
  entry.system = document.system;
  entry.provider = document.provider;
  entry.fields = std::move(document.fields);
  columns_.leaf_index[place] = document.leaf_index;
  columns_.draft_time[place] = entry.draft_time;
  if (entry.state == RegistrationState::kRetired) {
    columns_.active.Reset(place);
  } else {
    columns_.active.Set(place);
  }
  entries_[place] = std::make_shared<const Entry>(std::move(entry));
}

void SearchIndex::SetOrganisation(Place place,
                                  const std::optional<RegistrationId>& before,
                                  const std::optional<RegistrationId>& after) {
  if (before == after) return;
  if (before) std::erase(of_organisation_[*before], place);
  if (after) of_organisation_[*after].push_back(place);
}

void SearchIndex::DropWords(Place place) {
  Indexed& document = documents_[place];
  for (const Posting& word : document.words) {
    EraseByKey(postings_[word.of], place);
    vocabulary_.Release(word.of);
  }
  total_length_ -= columns_.length[place];
  document.words.clear();
  columns_.length[place] = 0;
}

void SearchIndex::SetWords(Place place,
                           const std::map<std::string, std::uint32_t>& words) {
  DropWords(place);
  Indexed& document = documents_[place];
  document.words.reserve(words.size());
  for (const auto& [word, weight] : words) {
    const WordId id = vocabulary_.Take(word);
    if (postings_.size() < vocabulary_.id_end()) {
      postings_.resize(vocabulary_.id_end());
    }
    InsertByKey(postings_[id], {.of = place, .weight = weight});
    document.words.push_back({.of = id, .weight = weight});
    columns_.length[place] += weight;
  }
  std::sort(document.words.begin(), document.words.end(),
            [](const Posting& left, const Posting& right) {
              return left.of < right.of;
            });
  total_length_ += columns_.length[place];
}

// What names an organisation is found by its name, whatever it is now.
void SearchIndex::Retitle(const RegistrationId& organisation,
                          std::string_view before, std::string_view after) {
  const auto found = of_organisation_.find(organisation);
  if (found == of_organisation_.end()) return;
  std::map<std::string, std::uint32_t> old_words;
  AddWords(before, kOrganisationWeight, old_words);
  for (const Place place : found->second) {
    std::map<std::string, std::uint32_t> words;
    for (const Posting& word : documents_[place].words) {
      words[vocabulary_.Text(word.of)] = word.weight;
    }
    for (const auto& [word, weight] : old_words) {
      const auto at = words.find(word);
      if (at == words.end()) continue;
      at->second -= std::min(at->second, weight);
      if (at->second == 0) words.erase(at);
    }
    AddWords(after, kOrganisationWeight, words);
    SetWords(place, words);
  }
}

void SearchIndex::SetValues(const std::vector<FacetValue>& values,
                            std::vector<ValueId>& out) {
  const std::vector<ValueId> old = std::move(out);
  out.clear();
  for (const FacetValue& value : values) out.push_back(values_.Take(value));
  std::sort(out.begin(), out.end());
  for (const ValueId id : old) values_.Release(id);
}

void SearchIndex::SetOwnValues(Place place,
                               const std::vector<FacetValue>& values) {
  std::vector<ValueId>& own = documents_[place].values;
  for (const ValueId id : own) RemoveFromSet(id, place);
  SetValues(values, own);
  for (const ValueId id : own) AddToSet(id, place);
}

void SearchIndex::AddToSet(ValueId value, Place place) {
  if (having_.size() < values_.id_end()) having_.resize(values_.id_end());
  having_[value].Add(place, documents_.size());
}

void SearchIndex::RemoveFromSet(ValueId value, Place place) {
  having_[value].Remove(place, documents_.size());
}

void SearchIndex::CountEvaluations(const std::vector<RegistrationId>& targets,
                                   int change) {
  for (const RegistrationId& target : targets) {
    const auto found = places_.find(target);
    if (found == places_.end()) continue;
    documents_[found->second].evaluation_count +=
        static_cast<std::uint32_t>(change);
    SetEvidence(found->second);
  }
}

void SearchIndex::SetEvidence(Place place) {
  static const std::size_t facet = FindFacet("evidence").value();
  Indexed& document = documents_[place];
  if (!CanBeEvaluated(columns_.registration[place].kind)) return;
  std::erase_if(document.values, [this, place](ValueId id) {
    if (values_.Value(id).facet != facet) return false;
    RemoveFromSet(id, place);
    values_.Release(id);
    return true;
  });
  const bool has = document.evaluation_count > 0;
  const ValueId id =
      values_.Take({.facet = facet, .value = has ? "yes" : "no"});
  document.values.insert(
      std::upper_bound(document.values.begin(), document.values.end(), id), id);
  AddToSet(id, place);
}

}  // namespace limpid::algoregister::search
