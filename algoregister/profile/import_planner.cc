#include "algoregister/profile/import_planner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/earlier_fields.h"
#include "algoregister/profile/made.h"
#include "algoregister/profile/presence.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/reader.h"
#include "algoregister/profile/row.h"
#include "algoregister/profile/row_identity.h"
#include "algoregister/profile/row_organisations.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/fields/rows.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

Finding Rejected(std::string message) {
  return {.field = "", .repaired = false, .message = std::move(message)};
}

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
          const Publisher& publisher, const ImportRequest& request,
          Presence& presence)
      : profile_(profile),
        parts_(parts),
        publisher_(publisher),
        request_(request),
        presence_(presence),
        natural_scheme_(NaturalScheme(profile)),
        identities_(profile, parts.store),
        author_({.key = request.key,
                 .role = AuthorRole::kImporter,
                 .now = parts.clock.Now()}),
        organisations_(profile, parts, publisher, author_, request.reason) {
    plan_.id = ImportId::Random();
    plan_.publisher = publisher.id;
  }

  absl::StatusOr<ImportPlan> Run() {
    const FileText file = {.text = request_.file,
                           .max_bytes = kMaxImportBytes,
                           .first_row_line = request_.first_row_line};
    LIMPID_RETURN_IF_ERROR(identities_.LookOver(file));
    LIMPID_ASSIGN_OR_RETURN(
        plan_.findings, ForEachRow(profile_, file, [this](const FileRow& row) {
          return PlanRow(row);
        }));
    LIMPID_RETURN_IF_ERROR(request_.complete ? MarkVanished() : CountAbsent());
    return std::move(plan_);
  }

 private:
  absl::Status PlanRow(const FileRow& from) {
    // Before any vanished one is there: these are the file's.
    if (plan_.rows.size() == kMaxImportRows) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the file has more than ", kMaxImportRows, " rows: split it"));
    }
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
      } else if (const auto first = identities_.TranslationOf(row.index)) {
        JoinTranslation(plan_.rows[*first], row);
      } else {
        identities_.AddTranslations(row.index, reading);
        AddFindings(row);
        LIMPID_RETURN_IF_ERROR(PlanReading(reading, row));
      }
    }
    finding_count_ += row.findings.size();
    Add(std::move(row));
    if (finding_count_ <= kMaxImportFindings) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("the file needs more than ", kMaxImportFindings,
                     " remarks: repair it, or split it"));
  }

  void Add(PlannedRow row) {
    plan_.counts.Add(row);
    plan_.rows.push_back(std::move(row));
  }

  // What the other rows of its registration, in other languages, say otherwise.
  void AddFindings(PlannedRow& row) {
    for (Finding& finding : identities_.TakeFindings(row.index)) {
      row.findings.push_back(std::move(finding));
    }
  }

  // A row whose texts the row `first` was planned with.
  void JoinTranslation(const PlannedRow& first, PlannedRow& row) {
    if (first.outcome == ImportOutcome::kRejected) {
      row.findings.push_back(
          Rejected(absl::StrCat("another language of the row on line ",
                                first.line, ", which is not taken")));
      return;
    }
    AddFindings(row);
    row.findings.push_back(
        {.field = "",
         .repaired = true,
         .message = absl::StrCat("another language of the row on line ",
                                 first.line, "; both are one registration")});
    row.registration = first.registration;
    row.outcome = ImportOutcome::kUnchanged;
  }

  void NoteUnreadable(const PlannedRow& row) {
    if (presence_.unreadable_line == 0) presence_.unreadable_line = row.line;
  }

  // A row that is not taken is in the file all the same.
  absl::Status NotePresent(const RowReading& reading, const PlannedRow& row) {
    LIMPID_ASSIGN_OR_RETURN(const std::optional<Version> own,
                            OwnVersion(reading));
    bool readable = own.has_value();
    for (const Alias& alias :
         {Alias{std::string(profile_.name), reading.foreign_id},
          Alias{natural_scheme_, reading.natural_id}}) {
      if (alias.id.empty()) continue;
      readable = true;
      LIMPID_RETURN_IF_ERROR(Find(alias).status());
    }
    // What names it beside its id finds nothing that is known by an id.
    if (!readable || reading.has_broken_id) NoteUnreadable(row);
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<RegistrationId>> Find(const Alias& alias) {
    LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> known,
                            parts_.store.FindAlias(alias));
    if (known) presence_.known.insert(*known);
    return known;
  }

  // Of a row with an id that an export made of ours: the registration's newest
  // version, if it is this register's.
  absl::StatusOr<std::optional<Version>> OwnVersion(const RowReading& reading) {
    if (!reading.own_id) return std::optional<Version>();
    auto version = parts_.store.Get(*reading.own_id, 0);
    if (absl::IsNotFound(version.status())) return std::optional<Version>();
    if (!version.ok()) return version.status();
    for (const Alias& alias : AliasesOf(ContentOf(*version))) {
      const bool counts =
          alias.scheme == profile_.name || alias.scheme == natural_scheme_;
      if (counts) presence_.known.insert(*reading.own_id);
    }
    return std::optional(*std::move(version));
  }

  // Fills the row from a reading without faults. Errors are the store's alone.
  absl::Status PlanReading(RowReading& reading, PlannedRow& row) {
    LIMPID_ASSIGN_OR_RETURN(std::optional<Version> newest, OwnVersion(reading));
    std::optional<Alias> identity;
    if (!newest) {
      LIMPID_ASSIGN_OR_RETURN(
          identity, identities_.Of(reading, row.index, row.line, row.findings));
      if (!identity) {
        const bool nameless =
            profile_.ids_may_be_blank && reading.natural_id.empty();
        if (nameless) NoteUnreadable(row);
        return NotePresent(reading, row);
      }
      if (identity->scheme == natural_scheme_) row.natural_key = identity->id;
      LIMPID_ASSIGN_OR_RETURN(const std::optional<RegistrationId> known,
                              Find(*identity));
      if (known) {
        auto version = parts_.store.Get(*known, 0);
        if (!version.ok()) return version.status();
        newest = *std::move(version);
      }
    }
    if (newest && !MayChange(*newest, row)) return absl::OkStatus();
    KeepMade(newest, reading);
    return PlanVersion(reading, identity, newest, row);
  }

  // When a document was made and by whom is kept, unless it is what an export
  // of the registration as it is here would say: then it is our own word.
  void KeepMade(const std::optional<Version>& newest,
                RowReading& reading) const {
    if (!reading.made) return;
    const MadeDocument& made = *reading.made;
    if (newest && newest->publisher.Text() == made.publisher &&
        (!reading.own_id || *reading.own_id == newest->registration)) {
      const Value content = ContentOf(*newest);
      const Value* const rest = GivenValue(content, made.field);
      if (rest == nullptr || !SaysAnythingMade(profile_, *rest)) return;
    }
    std::erase(reading.cleared, std::string(made.field));
    reading.fields.Set(made.field, Given(made.rest));
  }

  // False, with a finding, if the row must not be the registration's.
  bool MayChange(const Version& newest, PlannedRow& row) {
    const auto [first, is_first] =
        registrations_.try_emplace(newest.registration, row.line);
    std::string why;
    if (newest.publisher != publisher_.id) {
      why = "another publisher keeps this registration";
    } else if (newest.state == RegistrationState::kRetired) {
      why = "the registration is retired";
    } else if (!is_first) {
      why = absl::StrCat("the same registration stands on line ", first->second,
                         " already");
    }
    if (why.empty()) return true;
    row.findings.push_back(Rejected(std::move(why)));
    return false;
  }

  // `identity` is nothing for a registration that its own id named.
  absl::Status PlanVersion(const RowReading& reading,
                           const std::optional<Alias>& identity,
                           const std::optional<Version>& newest,
                           PlannedRow& row) {
    LIMPID_ASSIGN_OR_RETURN(
        const std::vector<RowOrganisation> organisations,
        organisations_.Of(reading, newest ? &*newest : nullptr, row.findings));
    if (IsRejected(row)) return absl::OkStatus();
    row.registration =
        newest ? newest->registration : RegistrationId::Random(profile_.kind);
    Value content =
        ContentFor(reading, identity, organisations, newest, row.findings);
    if (newest && SaysTheSame(content, *newest)) {
      row.outcome = ImportOutcome::kUnchanged;
      return absl::OkStatus();
    }
    auto draft = DraftNext(row.registration, newest ? &*newest : nullptr,
                           std::move(content));
    if (!draft.ok()) {
      row.findings.push_back(RejectionOf(profile_, draft.status()));
      return absl::OkStatus();
    }
    for (const RowOrganisation& organisation : organisations) {
      if (!organisation.draft) continue;
      row.drafts.push_back(*organisation.draft);
      organisations_.Take(organisation);
      if (organisation.is_new) ++plan_.counts.organisations;
    }
    row.drafts.push_back(*std::move(draft));
    row.outcome = newest ? ImportOutcome::kChanged : ImportOutcome::kNew;
    if (!newest) presence_.drafted.insert(row.registration);
    return absl::OkStatus();
  }

  // Errors: kInvalidArgument alone, about the content.
  absl::StatusOr<CheckedDraft> DraftNext(const RegistrationId& registration,
                                         const Version* newest, Value content) {
    return MakeDraft(registration, newest, RegistrationState::kActive,
                     std::move(content), author_, parts_.random);
  }

  // The row's fields over what the registration says already.
  Value ContentFor(const RowReading& reading,
                   const std::optional<Alias>& identity,
                   const std::vector<RowOrganisation>& organisations,
                   const std::optional<Version>& newest,
                   std::vector<Finding>& findings) const {
    Value content =
        newest ? CarriedContentOf(*newest) : NewContent(profile_.kind);
    if (!newest && identity) {
      AddAlias(content, *identity);
      for (const std::string_view name : profile_.missing) {
        SetField(content, name, Missing());
      }
    }
    Value all = FieldsAfter(profile_, *content.Find("fields"), reading,
                            /*is_own=*/!identity, findings);
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
    const bool marks = presence_.unreadable_line == 0;
    if (!marks) {
      plan_.findings.push_back(Rejected(absl::StrCat(
          "the row on line ", presence_.unreadable_line,
          " has no id that can be read: nothing was marked as vanished")));
    }
    LIMPID_ASSIGN_OR_RETURN(
        plan_.counts.absent,
        ForEachAbsent(profile_, parts_.store, presence_,
                      [&](const OwnedAlias& alias, bool is_foreign_id) {
                        return marks ? MarkOne(alias, is_foreign_id)
                                     : absl::OkStatus();
                      }));
    return absl::OkStatus();
  }

  absl::Status MarkOne(const OwnedAlias& alias, bool is_foreign_id) {
    // It may have an alias of either scheme.
    const bool is_first =
        registrations_.try_emplace(alias.registration, 0).second;
    if (!is_first) return absl::OkStatus();
    auto newest = parts_.store.Get(alias.registration, 0);
    // Added, but not in the log yet.
    if (absl::IsNotFound(newest.status())) return absl::OkStatus();
    if (!newest.ok()) return newest.status();
    Value content = CarriedContentOf(*newest);
    const bool ours = newest->publisher == publisher_.id &&
                      newest->state == RegistrationState::kActive &&
                      alias.registration.kind == profile_.kind;
    if (!ours || IsVanished(content)) return absl::OkStatus();
    // Also those that today's rules refuse.
    if (vanished_++ == kMaxVanishedRows) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "complete: the file lacks more than ", kMaxVanishedRows,
          " registrations; if that is so, import one first that lacks fewer"));
    }
    SetField(content, fields::kListingField, Given(Value("vanished")));
    content.Set("reason", request_.reason);
    PlannedRow row;
    row.index = plan_.rows.size();
    row.line = 0;
    if (is_foreign_id) row.foreign_id = alias.id;
    row.registration = alias.registration;
    row.outcome = ImportOutcome::kRemoved;
    auto draft = DraftNext(alias.registration, &*newest, std::move(content));
    if (draft.ok()) {
      row.drafts.push_back(*std::move(draft));
    } else {
      // What was valid once need not be by the rules of today.
      row.outcome = ImportOutcome::kRejected;
      row.findings.push_back(RejectionOf(profile_, draft.status()));
    }
    Add(std::move(row));
    return absl::OkStatus();
  }

  // Of a file that is not complete, as far as it was read.
  absl::Status CountAbsent() {
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t ids,
                            parts_.store.CountAliases(profile_.name));
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t natural,
                            parts_.store.CountAliases(natural_scheme_));
    // A registration has one alias of the two.
    const std::uint64_t known = presence_.known.size();
    plan_.counts.absent = ids + natural > known ? ids + natural - known : 0;
    return absl::OkStatus();
  }

  const Profile& profile_;
  const Register::Parts& parts_;
  const Publisher& publisher_;
  const ImportRequest& request_;
  Presence& presence_;
  std::string natural_scheme_;
  RowIdentities identities_;
  Authorship author_;
  RowOrganisations organisations_;
  ImportPlan plan_;
  std::size_t finding_count_ = 0;
  std::size_t vanished_ = 0;
  // Line of the row that each registration is of.
  std::map<RegistrationId, std::size_t> registrations_;
};

}  // namespace

absl::StatusOr<ImportPlan> PlanImport(const Profile& profile,
                                      const Register::Parts& parts,
                                      const Publisher& publisher,
                                      const ImportRequest& request,
                                      Presence& presence) {
  return Planner(profile, parts, publisher, request, presence).Run();
}

}  // namespace limpid::algoregister
