// Terms of the W3C Data Privacy Vocabulary, compiled in, and the one question
// asked of them: is this purpose the consented one or narrower? Knows words
// only; whether a purpose is lawful is for consent to say.
// docs/formats/taxonomy.md

#ifndef LIMPID_COMMON_VOCAB_TAXONOMY_H_
#define LIMPID_COMMON_VOCAB_TAXONOMY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace limpid::vocab {

// One term. The views last as long as the program.
struct Term {
  // Full IRI, "https://w3id.org/dpv#ServiceProvision".
  std::string_view iri;
  // English label, "Service Provision".
  std::string_view label;
};

// A row of a compiled table, sorted by `iri`. The parents of the row are
// parent_count indices of rows, from first_parent in the flat list.
struct TermRow {
  std::string_view iri;
  std::string_view label;
  std::uint16_t first_parent;
  std::uint8_t parent_count;
};

// Immutable after construction and so thread-safe.
class Taxonomy {
 public:
  // Computes the transitive closure. `rows` (sorted by IRI), `parents` and
  // `sha256_hex` must outlive this object. Cycles are allowed: their terms are
  // each as narrow as the others.
  Taxonomy(std::span<const TermRow> rows,
           std::span<const std::uint16_t> parents, std::string_view sha256_hex);

  // The term with exactly this IRI.
  [[nodiscard]] std::optional<Term> Find(std::string_view iri) const;
  [[nodiscard]] bool Contains(std::string_view iri) const {
    return IndexOf(iri).has_value();
  }
  // Whether `asked` is `consented` or one of its descendants. False when
  // either is unknown: an unknown purpose is never covered.
  [[nodiscard]] bool IsSameOrNarrower(std::string_view asked,
                                      std::string_view consented) const;

  // By index below size(), in the order of IRIs.
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] Term At(std::size_t index) const;
  [[nodiscard]] std::vector<Term> Parents(std::string_view iri) const;

  // DPV release of the tables, "2.3".
  static std::string_view release();
  // SHA-256 of the taxonomy in lower-case hexadecimal, what agreements pin.
  [[nodiscard]] std::string_view sha256_hex() const { return sha256_hex_; }

 private:
  [[nodiscard]] std::optional<std::size_t> IndexOf(std::string_view iri) const;
  [[nodiscard]] bool Reaches(std::size_t from, std::size_t to) const;
  void AddAncestors(std::size_t from);

  std::span<const TermRow> rows_;
  std::span<const std::uint16_t> parents_;
  std::string_view sha256_hex_;
  // Row of words_per_row_ words per term: bit t is set when t is the term
  // itself or an ancestor of it.
  std::size_t words_per_row_;
  std::vector<std::uint64_t> ancestors_;
};

// The purposes of DPV and of its public-services extension. The root
// https://w3id.org/dpv#Purpose is a term: who may be granted it is not decided
// here.
class Purposes : public Taxonomy {
 public:
  Purposes();
};

// Kinds of data: DPV's data concepts and its personal-data extension (pd).
class PersonalData : public Taxonomy {
 public:
  PersonalData();

  // GDPR Art. 9: at or below dpv:SpecialCategoryPersonalData.
  [[nodiscard]] bool IsSpecialCategory(std::string_view iri) const;
};

}  // namespace limpid::vocab

#endif  // LIMPID_COMMON_VOCAB_TAXONOMY_H_
