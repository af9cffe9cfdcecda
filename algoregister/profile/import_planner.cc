#include "algoregister/profile/import_planner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/earlier_fields.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/reader.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/version/version.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

constexpr std::size_t kAliasPage = 500;

Finding Rejected(std::string message) {
  return {.field = "", .repaired = false, .message = std::move(message)};
}

// What an earlier row of the same file, or the register, says about a name.
struct KnownOrganisation {
  RegistrationId id;
  // The draft of a row before this one would register it.
  bool planned = false;
};

// An organisation that a row names, and its draft if it is new.
struct RowOrganisation {
  const NamedOrganisation* named = nullptr;
  RegistrationId id;
  std::optional<Draft> draft;
};

bool IsRejected(const PlannedRow& row) {
  return std::any_of(row.findings.begin(), row.findings.end(),
                     [](const Finding& f) { return !f.repaired; });
}

bool IsVanished(const Value& content) {
  const Value* const listing = GivenValue(content, fields::kListingField);
  return listing != nullptr && *listing == Value("vanished");
}

// Plans one file. Lives as long as one call of PlanImport.
class Planner {
 public:
  Planner(const Profile& profile, const Register::Parts& parts,
          const Publisher& publisher, const ImportRequest& request)
      : profile_(profile),
        parts_(parts),
        publisher_(publisher),
        request_(request),
        natural_scheme_(NaturalScheme(profile)),
        author_({.key = request.key,
                 .role = AuthorRole::kImporter,
                 .now = parts.clock.Now()}) {
    plan_.id = ImportId::Random();
    plan_.publisher = publisher.id;
  }

  absl::StatusOr<ImportPlan> Run() {
    LIMPID_ASSIGN_OR_RETURN(
        plan_.findings,
        ForEachRow(profile_,
                   {.text = request_.file,
                    .max_bytes = kMaxImportBytes,
                    .first_row_line = request_.first_row_line},
                   [this](const FileRow& row) { return PlanRow(row); }));
    if (request_.complete) LIMPID_RETURN_IF_ERROR(MarkVanished());
    return Finish();
  }

 private:
  absl::Status PlanRow(const FileRow& from) {
    PlannedRow row;
    row.index = from.index;
    row.line = from.line;
    if (!from.value.ok()) {
      row.findings.push_back(
          Rejected(std::string(base::ToStd(from.value.status().message()))));
      NoteUnreadable(row);
    } else {
      RowReading reading = ReadRow(profile_, *from.value);
      row.foreign_id = reading.foreign_id;
      row.findings = std::move(reading.findings);
      reading.findings = {};
      if (IsRejected(row)) {
        LIMPID_RETURN_IF_ERROR(NotePresent(reading, row));
      } else {
        LIMPID_RETURN_IF_ERROR(PlanReading(reading, row));
      }
    }
    return Add(std::move(row));
  }

  absl::Status Add(PlannedRow row) {
    if (plan_.rows.size() == kMaxImportRows) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the file has more than ", kMaxImportRows, " rows: split it"));
    }
    Count(row);
    finding_count_ += row.findings.size();
    plan_.rows.push_back(std::move(row));
    if (finding_count_ <= kMaxImportFindings) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("the file needs more than ", kMaxImportFindings,
                     " remarks: repair it, or split it"));
  }

  void NoteUnreadable(const PlannedRow& row) {
    if (unreadable_line_ == 0) unreadable_line_ = row.line;
  }

  // A row that is not taken is in the file all the same.
  absl::Status NotePresent(const RowReading& reading, const PlannedRow& row) {
    bool readable = false;
    for (const Alias& alias :
         {Alias{std::string(profile_.name), reading.foreign_id},
          Alias{natural_scheme_, reading.natural_id}}) {
      if (alias.id.empty()) continue;
      readable = true;
      LIMPID_RETURN_IF_ERROR(Find(alias).status());
    }
    if (!readable) NoteUnreadable(row);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<RegistrationId>> Find(const Alias& alias) {
    LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> known,
                            parts_.store.FindAlias(alias));
    if (known) present_.insert(*known);
    return known;
  }

  // The alias that the row goes by; nothing, and a finding, when it has none or
  // an earlier row has it.
  std::optional<Alias> IdentityOf(const RowReading& reading, PlannedRow& row) {
    const bool blank = reading.foreign_id.empty();
    if (!blank) {
      const Alias alias{std::string(profile_.name), reading.foreign_id};
      const auto [first, is_first] = lines_.try_emplace(alias, row.line);
      if (is_first) return alias;
      if (!profile_.ids_may_be_blank) {
        row.findings.push_back(Rejected(absl::StrCat(
            "the same id stands on line ", first->second, " already")));
        return std::nullopt;
      }
    }
    if (reading.natural_id.empty()) {
      row.findings.push_back(
          Rejected("has neither an id nor what else names it"));
      NoteUnreadable(row);
      return std::nullopt;
    }
    const Alias alias{natural_scheme_, reading.natural_id};
    const auto [first, is_first] = lines_.try_emplace(alias, row.line);
    if (!is_first) {
      row.findings.push_back(Rejected(
          absl::StrCat("the same organisation and title stand on line ",
                       first->second, " already")));
      return std::nullopt;
    }
    if (HasForeignIds(profile_)) {
      row.findings.push_back(
          {.field = IdColumn(),
           .repaired = true,
           .message = blank ? "no id; known by what else names it"
                            : "the id stands on an earlier line; known by what "
                              "else names it"});
    }
    return alias;
  }

  // Fills the row from a reading without faults. Errors are the store's alone.
  absl::Status PlanReading(const RowReading& reading, PlannedRow& row) {
    const std::optional<Alias> identity = IdentityOf(reading, row);
    if (!identity) return NotePresent(reading, row);
    LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> known,
                            Find(*identity));
    std::optional<Version> newest;
    if (known) {
      auto version = parts_.store.Get(*known, 0);
      if (!version.ok()) return version.status();
      newest = *std::move(version);
    }
    if (newest && (newest->publisher != publisher_.id ||
                   newest->state == RegistrationState::kRetired)) {
      row.findings.push_back(
          Rejected(newest->publisher != publisher_.id
                       ? "another publisher keeps this registration"
                       : "the registration is retired"));
      return absl::OkStatus();
    }
    return PlanVersion(reading, *identity, newest, row);
  }

  absl::Status PlanVersion(const RowReading& reading, const Alias& identity,
                           const std::optional<Version>& newest,
                           PlannedRow& row) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<RowOrganisation> organisations,
                            Organisations(reading, row));
    if (IsRejected(row)) return absl::OkStatus();
    row.registration =
        newest ? newest->registration : RegistrationId::Random(profile_.kind);
    Value content = ContentFor(reading, identity, organisations, newest);
    if (newest && SaysTheSame(content, *newest)) {
      row.outcome = ImportOutcome::kUnchanged;
      return absl::OkStatus();
    }
    if (const auto valid = ValidateContent(content); !valid.ok()) {
      row.findings.push_back(RejectionOf(profile_, valid));
      return absl::OkStatus();
    }
    for (const RowOrganisation& organisation : organisations) {
      if (!organisation.draft) continue;
      row.drafts.push_back(*organisation.draft);
      organisations_[organisation.named->name] = {organisation.id,
                                                  /*planned=*/true};
      ++plan_.counts.organisations;
    }
    row.drafts.push_back(
        MakeDraft(row.registration, newest ? &*newest : nullptr,
                  RegistrationState::kActive, content, author_, parts_.random));
    row.outcome = newest ? ImportOutcome::kChanged : ImportOutcome::kNew;
    return absl::OkStatus();
  }

  // Who the row names, each drafted once if it is new.
  absl::StatusOr<std::vector<RowOrganisation>> Organisations(
      const RowReading& reading, PlannedRow& row) {
    std::vector<RowOrganisation> out;
    for (const NamedOrganisation& named : reading.organisations) {
      const auto twin = std::find_if(out.begin(), out.end(),
                                     [&named](const RowOrganisation& other) {
                                       return other.named->name == named.name;
                                     });
      if (twin != out.end()) {
        out.push_back({.named = &named, .id = twin->id});
        continue;
      }
      RowOrganisation one{.named = &named};
      LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> id,
                              Organisation(named, one.draft, row));
      if (!id) return out;
      one.id = *id;
      out.push_back(std::move(one));
    }
    return out;
  }

  // The organisation of that exact name. A new one is drafted; it counts as
  // known only once its row is taken. Nothing if its name breaks the rules.
  absl::StatusOr<std::optional<RegistrationId>> Organisation(
      const NamedOrganisation& named, std::optional<Draft>& draft,
      PlannedRow& row) {
    const std::string& name = named.name;
    const auto known = organisations_.find(name);
    if (known != organisations_.end()) return std::optional(known->second.id);
    LIMPID_ASSIGN_OR_RETURN(
        std::optional<RegistrationId> found,
        parts_.store.FindAlias(
            {std::string(profile_.organisation_scheme), name}));
    if (!found) {
      LIMPID_ASSIGN_OR_RETURN(found, parts_.store.FindOrganisation(name));
    }
    if (found) {
      organisations_[name] = {*found, /*planned=*/false};
      return found;
    }
    Value content = NewContent(RegistrationKind::kOrganisation);
    AddAlias(content, {std::string(profile_.organisation_scheme), name});
    SetField(content, "name", Given(Value(name)));
    content.Set("reason", request_.reason);
    if (const auto valid = ValidateContent(content); !valid.ok()) {
      row.findings.push_back(
          {.field = std::string(named.column->foreign),
           .repaired = false,
           .message = "not a name that an organisation can have"});
      return std::optional<RegistrationId>();
    }
    const auto id = RegistrationId::Random(RegistrationKind::kOrganisation);
    draft = MakeDraft(id, nullptr, RegistrationState::kActive, content, author_,
                      parts_.random);
    return std::optional(id);
  }

  [[nodiscard]] std::string IdColumn() const {
    for (const Column& column : profile_.columns) {
      if (column.type == ColumnType::kForeignId) {
        return std::string(column.foreign);
      }
    }
    return {};
  }

  // The row's fields over what the registration says already.
  Value ContentFor(const RowReading& reading, const Alias& identity,
                   const std::vector<RowOrganisation>& organisations,
                   const std::optional<Version>& newest) const {
    Value content =
        newest ? CarriedContentOf(*newest) : NewContent(profile_.kind);
    if (!newest) {
      AddAlias(content, identity);
      for (const std::string_view name : profile_.missing) {
        SetField(content, name, Missing());
      }
    }
    Value all = *content.Find("fields");
    for (const json::Member& member : reading.fields.members()) {
      if (Stands(all.Find(member.key), member.value)) continue;
      all.Set(member.key, WithTranslations(member.value, all.Find(member.key)));
    }
    for (const std::string& name : reading.cleared) {
      const Value* const before = all.Find(name);
      const bool goes = before != nullptr && *before != Missing() &&
                        !Stands(before, Missing());
      if (goes) all.Remove(name);
    }
    for (const RowOrganisation& organisation : organisations) {
      all.Set(organisation.named->field, Given(Value(organisation.id.Text())));
    }
    content.Set("fields", std::move(all));
    // It is in the list again.
    if (IsVanished(content)) RemoveField(content, fields::kListingField);
    content.Set("reason", request_.reason);
    return content;
  }

  static bool SaysTheSame(Value content, const Version& newest) {
    Value before = CarriedContentOf(newest);
    before.Remove("reason");
    content.Remove("reason");
    return before == content;
  }

  absl::Status MarkVanished() {
    if (FindField(profile_.kind, fields::kListingField) == nullptr) {
      return absl::InvalidArgumentError(
          "complete: registrations of this kind are not marked");
    }
    if (plan_.rows.empty()) {
      return absl::InvalidArgumentError(
          "complete: the file has no row; everything would be marked as "
          "vanished");
    }
    if (unreadable_line_ > 0) {
      plan_.findings.push_back(Rejected(absl::StrCat(
          "the row on line ", unreadable_line_,
          " has no id that can be read: nothing was marked as vanished")));
      return absl::OkStatus();
    }
    for (const std::string& scheme :
         {std::string(profile_.name), natural_scheme_}) {
      LIMPID_RETURN_IF_ERROR(MarkScheme(scheme));
    }
    return absl::OkStatus();
  }

  absl::Status MarkScheme(const std::string& scheme) {
    std::string after;
    while (true) {
      LIMPID_ASSIGN_OR_RETURN(
          const std::vector<OwnedAlias> page,
          parts_.store.ListAliases(scheme, after, kAliasPage));
      for (const OwnedAlias& alias : page) {
        if (present_.contains(alias.registration)) continue;
        LIMPID_RETURN_IF_ERROR(MarkOne(alias, scheme == profile_.name));
      }
      if (page.size() < kAliasPage) return absl::OkStatus();
      after = page.back().id;
    }
  }

  absl::Status MarkOne(const OwnedAlias& alias, bool is_foreign_id) {
    auto newest = parts_.store.Get(alias.registration, 0);
    // Added, but not in the log yet.
    if (absl::IsNotFound(newest.status())) return absl::OkStatus();
    if (!newest.ok()) return newest.status();
    Value content = CarriedContentOf(*newest);
    const bool ours = newest->publisher == publisher_.id &&
                      newest->state == RegistrationState::kActive &&
                      alias.registration.kind == profile_.kind;
    if (!ours || IsVanished(content)) return absl::OkStatus();
    SetField(content, fields::kListingField, Given(Value("vanished")));
    content.Set("reason", request_.reason);
    PlannedRow row;
    row.index = plan_.rows.size();
    row.line = 0;
    if (is_foreign_id) row.foreign_id = alias.id;
    row.registration = alias.registration;
    row.outcome = ImportOutcome::kRemoved;
    row.drafts.push_back(MakeDraft(alias.registration, &*newest,
                                   RegistrationState::kActive, content, author_,
                                   parts_.random));
    present_.insert(alias.registration);
    ++marked_;
    return Add(std::move(row));
  }

  void Count(const PlannedRow& row) {
    ImportCounts& counts = plan_.counts;
    counts.drafts += row.drafts.size();
    switch (row.outcome) {
      case ImportOutcome::kNew:
        ++counts.added;
        break;
      case ImportOutcome::kChanged:
        ++counts.changed;
        break;
      case ImportOutcome::kUnchanged:
        ++counts.unchanged;
        break;
      case ImportOutcome::kRejected:
        ++counts.rejected;
        return;
      case ImportOutcome::kRemoved:
        ++counts.removed;
        return;
    }
    if (!row.findings.empty()) ++counts.repaired;
  }

  absl::StatusOr<ImportPlan> Finish() {
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t ids,
                            parts_.store.CountAliases(profile_.name));
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t natural,
                            parts_.store.CountAliases(natural_scheme_));
    // A registration has one alias of the two.
    const std::uint64_t present = present_.size() - marked_;
    plan_.counts.absent = ids + natural > present ? ids + natural - present : 0;
    return std::move(plan_);
  }

  const Profile& profile_;
  const Register::Parts& parts_;
  const Publisher& publisher_;
  const ImportRequest& request_;
  std::string natural_scheme_;
  Authorship author_;
  ImportPlan plan_;
  // Registrations that rows of the file stand for, and those marked as
  // vanished.
  std::set<RegistrationId> present_;
  std::uint64_t marked_ = 0;
  // Of the first row that might stand for any registration; 0 for none.
  std::size_t unreadable_line_ = 0;
  std::size_t finding_count_ = 0;
  // Line on which each alias was first seen.
  std::map<Alias, std::size_t> lines_;
  std::map<std::string, KnownOrganisation> organisations_;
};

}  // namespace

absl::StatusOr<ImportPlan> PlanImport(const Profile& profile,
                                      const Register::Parts& parts,
                                      const Publisher& publisher,
                                      const ImportRequest& request) {
  return Planner(profile, parts, publisher, request).Run();
}

}  // namespace limpid::algoregister
