#include "common/vocab/taxonomy.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/check.h"

namespace limpid::vocab {
namespace {

constexpr std::size_t kWordBits = 64;

constexpr std::uint64_t Bit(std::size_t index) {
  return std::uint64_t{1} << (index % kWordBits);
}

}  // namespace

Taxonomy::Taxonomy(std::span<const TermRow> rows,
                   std::span<const std::uint16_t> parents,
                   std::string_view sha256_hex)
    : rows_(rows),
      parents_(parents),
      sha256_hex_(sha256_hex),
      words_per_row_((rows.size() + kWordBits - 1) / kWordBits),
      ancestors_(rows.size() * words_per_row_) {
  LIMPID_CHECK(std::is_sorted(rows_.begin(), rows_.end(),
                              [](const TermRow& left, const TermRow& right) {
                                return left.iri < right.iri;
                              }));
  for (std::size_t at = 0; at < rows_.size(); ++at) AddAncestors(at);
}

void Taxonomy::AddAncestors(std::size_t from) {
  std::vector<std::size_t> pending = {from};
  while (!pending.empty()) {
    const std::size_t at = pending.back();
    pending.pop_back();
    if (Reaches(from, at)) continue;
    ancestors_[from * words_per_row_ + at / kWordBits] |= Bit(at);
    const TermRow& row = rows_[at];
    const auto broader = parents_.subspan(row.first_parent, row.parent_count);
    pending.insert(pending.end(), broader.begin(), broader.end());
  }
}

bool Taxonomy::Reaches(std::size_t from, std::size_t to) const {
  return (ancestors_[from * words_per_row_ + to / kWordBits] & Bit(to)) != 0;
}

std::optional<std::size_t> Taxonomy::IndexOf(std::string_view iri) const {
  const auto at = std::lower_bound(
      rows_.begin(), rows_.end(), iri,
      [](const TermRow& row, std::string_view key) { return row.iri < key; });
  if (at == rows_.end() || at->iri != iri) return std::nullopt;
  return static_cast<std::size_t>(at - rows_.begin());
}

Term Taxonomy::At(std::size_t index) const {
  LIMPID_CHECK(index < rows_.size());
  return {.iri = rows_[index].iri, .label = rows_[index].label};
}

std::optional<Term> Taxonomy::Find(std::string_view iri) const {
  const auto index = IndexOf(iri);
  if (!index) return std::nullopt;
  return At(*index);
}

bool Taxonomy::IsSameOrNarrower(std::string_view asked,
                                std::string_view consented) const {
  const auto from = IndexOf(asked);
  const auto to = IndexOf(consented);
  return from && to && Reaches(*from, *to);
}

std::vector<Term> Taxonomy::Parents(std::string_view iri) const {
  std::vector<Term> out;
  const auto index = IndexOf(iri);
  if (!index) return out;
  const TermRow& row = rows_[*index];
  for (const std::uint16_t parent :
       parents_.subspan(row.first_parent, row.parent_count)) {
    out.push_back(At(parent));
  }
  return out;
}

bool PersonalData::IsSpecialCategory(std::string_view iri) const {
  return IsSameOrNarrower(iri,
                          "https://w3id.org/dpv#SpecialCategoryPersonalData");
}

}  // namespace limpid::vocab
