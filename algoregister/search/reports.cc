#include "algoregister/search/reports.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "algoregister/registration/field_table.h"
#include "algoregister/registration/registration_store.h"

namespace limpid::algoregister::search {
namespace {

bool IsActive(const Entry& entry) {
  return entry.state == RegistrationState::kActive;
}

// Whether a report on `organisation`, or on all, is about the entry.
bool IsAskedAbout(const Entry& entry,
                  const std::optional<RegistrationId>& organisation) {
  if (!IsActive(entry)) return false;
  if (entry.registration.kind == RegistrationKind::kOrganisation) return false;
  return !organisation || entry.organisation == organisation;
}

std::string_view LabelOf(RegistrationKind kind, std::string_view name) {
  const FieldSpec* const spec = FindField(kind, name);
  return spec == nullptr ? name : spec->label;
}

void Add(const Entry& entry, StateCounts& counts) {
  for (const AskedField& field : entry.fields) {
    ++counts.at(static_cast<std::size_t>(field.state));
  }
}

// Counts per field, in the order of kinds and of their tables.
class FieldTallies {
 public:
  void Add(const Entry& entry) {
    for (const AskedField& field : entry.fields) {
      const auto [at, is_new] =
          counts_.try_emplace({entry.registration.kind, field.name});
      ++at->second.at(static_cast<std::size_t>(field.state));
    }
  }
  [[nodiscard]] std::vector<FieldTally> Take() const {
    std::vector<FieldTally> out;
    for (const RegistrationKind kind : receipt::kRegistrationKinds) {
      for (const FieldSpec& spec : FieldsOf(kind)) {
        const auto found = counts_.find({kind, spec.name});
        if (found == counts_.end()) continue;
        out.push_back({.kind = kind,
                       .name = spec.name,
                       .label = spec.label,
                       .counts = found->second});
      }
    }
    return out;
  }

 private:
  std::map<std::pair<RegistrationKind, std::string_view>, StateCounts> counts_;
};

}  // namespace

CompletenessReport ReportCompleteness(
    const EntrySnapshot& entries,
    const std::optional<RegistrationId>& organisation) {
  CompletenessReport out;
  std::map<RegistrationId, BodyTally> bodies;
  FieldTallies fields;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries.entry(static_cast<Place>(i));
    const RegistrationId& id = entry.registration;
    const bool is_body = IsActive(entry) &&
                         id.kind == RegistrationKind::kOrganisation &&
                         (!organisation || id == *organisation);
    if (is_body) {
      bodies[id].organisation = id;
      bodies[id].title = entry.title;
    }
    if (!IsAskedAbout(entry, organisation)) continue;
    ++out.registration_count;
    Add(entry, out.counts);
    fields.Add(entry);
    if (!entry.organisation) continue;
    BodyTally& body = bodies[*entry.organisation];
    ++body.registration_count;
    Add(entry, body.counts);
  }
  for (auto& [id, body] : bodies) {
    body.organisation = id;
    if (body.title.empty()) body.title = entries.TitleOf(id);
    out.bodies.push_back(std::move(body));
  }
  std::stable_sort(out.bodies.begin(), out.bodies.end(),
                   [](const BodyTally& left, const BodyTally& right) {
                     return FoldTitle(left.title) < FoldTitle(right.title);
                   });
  out.fields = fields.Take();
  return out;
}

std::vector<OverdueField> ListOverdue(
    const EntrySnapshot& entries, base::Day today,
    const std::optional<RegistrationId>& organisation) {
  std::vector<OverdueField> out;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto place = static_cast<Place>(i);
    const Entry& entry = entries.entry(place);
    const bool of_it = !organisation || entry.organisation == organisation ||
                       entry.registration == *organisation;
    if (!IsActive(entry) || !of_it) continue;
    for (const AskedField& field : entry.fields) {
      if (field.due == 0 || field.due >= today) continue;
      out.push_back({.place = place,
                     .name = field.name,
                     .label = LabelOf(entry.registration.kind, field.name),
                     .state = field.state,
                     .due = field.due});
    }
  }
  std::stable_sort(
      out.begin(), out.end(),
      [&entries](const OverdueField& left, const OverdueField& right) {
        if (left.due != right.due) return left.due < right.due;
        return entries.entry(left.place).registration <
               entries.entry(right.place).registration;
      });
  return out;
}

}  // namespace limpid::algoregister::search
