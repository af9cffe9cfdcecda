#include "consent/agreement/material_change.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::consent {
namespace {

using Changes = std::vector<AgreementChange>;

std::string Indexed(std::string_view field, std::size_t index) {
  return absl::StrCat(base::ToAbsl(field), "[", index, "]");
}

void Add(Changes& out, std::string path, ChangeKind kind,
         std::string sentence) {
  out.push_back({std::move(path), kind, std::move(sentence)});
}

bool Contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// How much a form tells about one person; the more, the finer.
int Fineness(receipt::Form form) {
  switch (form) {
    case receipt::Form::kFull:
      return 5;
    case receipt::Form::kPseudonymous:
      return 4;
    case receipt::Form::kAttested:
      return 3;
    case receipt::Form::kDerived:
      return 2;
    case receipt::Form::kAggregate:
      return 1;
  }
  // Unknown forms count as finer than any.
  return 6;
}

// A list in which every member counts and order does not. `what` begins the
// sentences: "Recipient".
void CompareSets(const std::string& path, std::string_view what,
                 const std::vector<std::string>& from,
                 const std::vector<std::string>& to, Changes& out) {
  const std::string named(what);
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (Contains(from, to[i])) continue;
    Add(out, Indexed(path, i), ChangeKind::kWidened,
        named + " \"" + to[i] + "\" is new.");
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (Contains(to, from[i])) continue;
    Add(out, Indexed(path, i), ChangeKind::kNarrowed,
        named + " \"" + from[i] + "\" is gone.");
  }
}

void CompareTexts(const std::string& path, std::string_view what,
                  const std::vector<LocalizedText>& from,
                  const std::vector<LocalizedText>& to, Changes& out) {
  const auto find = [](const std::vector<LocalizedText>& texts,
                       const std::string& language) {
    return std::find_if(
        texts.begin(), texts.end(),
        [&](const LocalizedText& text) { return text.language == language; });
  };
  const std::string named(what);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto before = find(from, to[i].language);
    if (before != from.end() && before->text == to[i].text) continue;
    Add(out, Indexed(path, i), ChangeKind::kReworded,
        named + " in " + to[i].language +
            (before == from.end() ? " is new." : " has other words."));
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (find(to, from[i].language) != to.end()) continue;
    Add(out, Indexed(path, i), ChangeKind::kReworded,
        named + " in " + from[i].language + " is gone.");
  }
}

void CompareGonePurpose(const std::string& gone, std::string path,
                        const std::vector<std::string>& from,
                        const std::vector<std::string>& to,
                        const Purposes& purposes, Changes& out) {
  const auto is_new = [&](const std::string& purpose) {
    return !Contains(from, purpose);
  };
  const std::string* const covering = CoveringPurpose(gone, to, purposes);
  // A broader purpose swallowed it, which was reported above.
  if (covering != nullptr && is_new(*covering)) return;
  if (covering != nullptr) {
    Add(out, std::move(path), ChangeKind::kReworded,
        "Purpose " + gone + " is no longer named beside " + *covering + ".");
    return;
  }
  // So was what is left of it.
  if (std::any_of(to.begin(), to.end(), [&](const std::string& purpose) {
        return is_new(purpose) && purposes.IsSameOrNarrower(purpose, gone);
      })) {
    return;
  }
  Add(out, std::move(path), ChangeKind::kNarrowed,
      "Purpose " + gone + " is gone.");
}

void ComparePurposes(const std::vector<std::string>& from,
                     const std::vector<std::string>& to,
                     const Purposes& purposes, Changes& out) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (Contains(from, to[i])) continue;
    const std::string* const covering = CoveringPurpose(to[i], from, purposes);
    if (covering != nullptr) {
      Add(out, Indexed("purposes", i), ChangeKind::kNarrowed,
          "Purpose " + to[i] + " is a narrower part of " + *covering + ".");
      continue;
    }
    const bool broader =
        std::any_of(from.begin(), from.end(), [&](const std::string& old) {
          return purposes.IsSameOrNarrower(old, to[i]);
        });
    Add(out, Indexed("purposes", i), ChangeKind::kWidened,
        "Purpose " + to[i] +
            (broader ? " is broader than before." : " is new."));
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (Contains(to, from[i])) continue;
    CompareGonePurpose(from[i], Indexed("purposes", i), from, to, purposes,
                       out);
  }
}

void CompareForm(const std::string& path, const AgreementLine& from,
                 const AgreementLine& to, Changes& out) {
  const int before = Fineness(from.form);
  const int after = Fineness(to.form);
  const std::string name(receipt::FormName(to.form));
  if (to.form == receipt::Form::kAttested && from.form != to.form) {
    // An answer says less than a value, and can be shown to more.
    Add(out, path + ".form",
        after > before ? ChangeKind::kWidened : ChangeKind::kReplaced,
        to.attribute + " is now " + std::string(receipt::kAttestedMeaning) +
            ".");
  } else if (after > before) {
    Add(out, path + ".form", ChangeKind::kWidened,
        to.attribute + " is asked in a finer form: " + name + ".");
  } else if (after < before) {
    Add(out, path + ".form", ChangeKind::kNarrowed,
        to.attribute + " is asked in a coarser form: " + name + ".");
  }
  // Also of a question that is signed from now on, or no longer.
  if (receipt::HasDerivation(from.form) && receipt::HasDerivation(to.form) &&
      (from.derivation != to.derivation || from.parameters != to.parameters)) {
    // Whether over 16 tells more than over 18 depends on the person.
    Add(out, path + ".derivation", ChangeKind::kReplaced,
        to.attribute + " is derived in another way: " + to.derivation + " " +
            to.parameters + ".");
  }
}

void CompareOperations(const std::string& path, const AgreementLine& from,
                       const AgreementLine& to, Changes& out) {
  if (to.operations.empty() && !from.operations.empty()) {
    Add(out, path + ".operations", ChangeKind::kReplaced,
        "It no longer says what is done with " + to.attribute + ".");
    return;
  }
  CompareSets(path + ".operations", "For " + to.attribute + ", operation",
              from.operations, to.operations, out);
}

void CompareLine(const std::string& path, const AgreementLine& from,
                 const AgreementLine& to, Changes& out) {
  CompareForm(path, from, to, out);
  if (from.necessity != to.necessity) {
    const bool required = to.necessity == Necessity::kRequired;
    // Whoever left it out would have to give it.
    Add(out, path + ".necessity",
        required ? ChangeKind::kWidened : ChangeKind::kNarrowed,
        to.attribute +
            (required ? " is now required." : " can now be left out."));
  }
  CompareOperations(path, from, to, out);
  if (from.source != to.source) {
    // Another source may know something else under the same name.
    Add(out, path + ".source_id",
        from.source.none() ? ChangeKind::kNarrowed
        : to.source.none() ? ChangeKind::kWidened
                           : ChangeKind::kReplaced,
        to.attribute + (to.source.none() ? " may come from any source."
                                         : " comes from one source: " +
                                               to.source.Text() + "."));
  }
}

const AgreementLine* FindLine(const std::vector<AgreementLine>& lines,
                              const std::string& attribute) {
  const auto at = std::find_if(
      lines.begin(), lines.end(),
      [&](const AgreementLine& line) { return line.attribute == attribute; });
  return at == lines.end() ? nullptr : &*at;
}

// Names of the lines that both have, in the order of `lines`.
std::vector<std::string> SharedNames(const std::vector<AgreementLine>& lines,
                                     const std::vector<AgreementLine>& other) {
  std::vector<std::string> out;
  for (const AgreementLine& line : lines) {
    if (FindLine(other, line.attribute) != nullptr) {
      out.push_back(line.attribute);
    }
  }
  return out;
}

void CompareLines(const std::vector<AgreementLine>& from,
                  const std::vector<AgreementLine>& to, Changes& out) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::string path = Indexed("lines", i);
    const AgreementLine* const before = FindLine(from, to[i].attribute);
    if (before == nullptr) {
      Add(out, path, ChangeKind::kWidened,
          to[i].attribute + " is asked for the first time.");
    } else {
      CompareLine(path, *before, to[i], out);
    }
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (FindLine(to, from[i].attribute) != nullptr) continue;
    Add(out, Indexed("lines", i), ChangeKind::kNarrowed,
        from[i].attribute + " is no longer asked for.");
  }
  if (SharedNames(from, to) != SharedNames(to, from)) {
    Add(out, "lines", ChangeKind::kReworded,
        "The attributes stand in another order.");
  }
}

void CompareDays(std::string_view path, std::string_view what,
                 std::uint32_t from, std::uint32_t to, Changes& out) {
  if (from == to) return;
  Add(out, std::string(path),
      to > from ? ChangeKind::kWidened : ChangeKind::kNarrowed,
      absl::StrCat(base::ToAbsl(what), " ", to, " days instead of ", from,
                   "."));
}

void CompareUses(std::uint64_t from, std::uint64_t to, Changes& out) {
  if (from == to) return;
  // 0 sets no limit.
  const bool more = to == 0 || (from != 0 && to > from);
  const std::string count =
      to == 0 ? "without limit" : absl::StrCat(to, " times");
  Add(out, "use_count_max", more ? ChangeKind::kWidened : ChangeKind::kNarrowed,
      "One consent allows reading " + count + ".");
}

void CompareStorage(const std::string& from, const std::string& to,
                    Changes& out) {
  if (from == to) return;
  // Whether one place lies in another is not computed: "NL" and "EU" differ.
  Add(out, "storage_location", ChangeKind::kReplaced,
      to.empty() ? "It no longer says where the data are kept."
                 : "The data are kept elsewhere: " + to + ".");
}

void CompareFrequency(const UseFrequency& from, const UseFrequency& to,
                      Changes& out) {
  if (from == to) return;
  const bool widened =
      to.use_count_max == 0 ||
      (from.use_count_max != 0 && to.use_count_max >= from.use_count_max &&
       to.period_seconds <= from.period_seconds);
  const bool narrowed =
      !widened &&
      (from.use_count_max == 0 || (to.use_count_max <= from.use_count_max &&
                                   to.period_seconds == from.period_seconds));
  const ChangeKind kind = widened    ? ChangeKind::kWidened
                          : narrowed ? ChangeKind::kNarrowed
                                     : ChangeKind::kReplaced;
  // Fewer uses in a longer period can still be more in another span of time.
  Add(out, "use_frequency", kind,
      to.use_count_max == 0
          ? "It may be read as often as the service likes."
          : absl::StrCat("It may be read ", to.use_count_max, " times in ",
                         to.period_seconds, " seconds."));
}

// Whether every day of `inner` lies in `outer`. Days sort like their text.
bool LiesIn(const DataRange& inner, const DataRange& outer) {
  const bool begins =
      outer.from.empty() || (!inner.from.empty() && inner.from >= outer.from);
  const bool ends =
      outer.to.empty() || (!inner.to.empty() && inner.to <= outer.to);
  return begins && ends;
}

void CompareRange(const DataRange& from, const DataRange& to, Changes& out) {
  if (from == to) return;
  Add(out, "data_range",
      LiesIn(to, from) ? ChangeKind::kNarrowed : ChangeKind::kWidened,
      to.open() ? "Data of any day may be read."
                : "Data of these days may be read: " + RangeText(to) + ".");
}

void CompareAtomic(bool from, bool to, Changes& out) {
  if (from == to) return;
  // Parts that stood together can be had alone, or the reverse.
  Add(out, "atomic", ChangeKind::kReplaced,
      to ? "The attributes now count together or not at all."
         : "The attributes no longer count only together.");
}

std::vector<std::string> Texts(const std::vector<SystemId>& systems) {
  std::vector<std::string> out;
  out.reserve(systems.size());
  for (const SystemId& system : systems) out.push_back(system.Text());
  return out;
}

void CompareScalars(const AgreementContent& from, const AgreementContent& to,
                    Changes& out) {
  CompareDays("retention_days", "The data are kept", from.retention_days,
              to.retention_days, out);
  CompareStorage(from.storage_location, to.storage_location, out);
  CompareDays("validity_days", "A consent lasts at most", from.validity_days,
              to.validity_days, out);
  CompareUses(from.use_count_max, to.use_count_max, out);
  CompareAtomic(from.atomic, to.atomic, out);
  CompareFrequency(from.frequency, to.frequency, out);
  CompareRange(from.data_range, to.data_range, out);
  CompareDays("embargo_days", "You are told of an access after at most",
              from.embargo_days, to.embargo_days, out);
}

// Lists that hold the same in another order: every other comparison is silent,
// and yet the hash differs.
void CompareOrder(const AgreementContent& from, const AgreementContent& to,
                  Changes& out) {
  if (out.empty() && from != to) {
    Add(out, "", ChangeKind::kReworded, "The same stands in another order.");
  }
}

}  // namespace

std::vector<AgreementChange> CompareContents(const AgreementContent& from,
                                             const AgreementContent& to,
                                             const Purposes& purposes) {
  Changes out;
  CompareTexts("titles", "The title", from.titles, to.titles, out);
  ComparePurposes(from.purposes, to.purposes, purposes, out);
  if (from.basis != to.basis) {
    // Another basis gives the person other rights.
    Add(out, "legal_basis", ChangeKind::kReplaced,
        "The legal basis is another one: " +
            std::string(LegalBasisName(to.basis)) + ".");
  }
  CompareLines(from.lines, to.lines, out);
  CompareSets("recipients", "Recipient", from.recipients, to.recipients, out);
  CompareScalars(from, to, out);
  CompareTexts("notices", "The notice", from.notices, to.notices, out);
  CompareSets("system_ids", "Registered system", Texts(from.systems),
              Texts(to.systems), out);
  if (from.ai_training != to.ai_training) {
    Add(out, "ai_training",
        to.ai_training ? ChangeKind::kWidened : ChangeKind::kNarrowed,
        to.ai_training ? "The data now train a model."
                       : "The data no longer train a model.");
  }
  CompareOrder(from, to, out);
  return out;
}

bool HasMaterialChange(const std::vector<AgreementChange>& changes) {
  return std::any_of(
      changes.begin(), changes.end(),
      [](const AgreementChange& change) { return change.material(); });
}

bool IsMaterialChange(const AgreementContent& from, const AgreementContent& to,
                      const Purposes& purposes) {
  return HasMaterialChange(CompareContents(from, to, purposes));
}

std::string_view ChangeKindName(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kWidened:
      return "widened";
    case ChangeKind::kNarrowed:
      return "narrowed";
    case ChangeKind::kReplaced:
      return "replaced";
    case ChangeKind::kReworded:
      return "reworded";
  }
  return "unknown";
}

}  // namespace limpid::consent
