#include "algoregister/profile/import_desk.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/content.h"
#include "algoregister/version/version.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/elements.h"
#include "common/json/json.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister {
namespace {

using json::Value;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr json::ParseLimits kFileLimits{.max_bytes = kMaxImportBytes};

Finding Rejected(std::string message) {
  return {.field = "", .repaired = false, .message = std::move(message)};
}

// What an earlier row of the same file, or the register, says about a name.
struct KnownOrganisation {
  RegistrationId id;
  // The draft of a row before this one would register it.
  bool planned = false;
};

// Plans one file. Lives as long as one call of ImportDesk::Plan.
class Planner {
 public:
  Planner(const Profile& profile, const Register::Parts& parts,
          const Publisher& publisher, const ImportRequest& request)
      : profile_(profile),
        parts_(parts),
        publisher_(publisher),
        request_(request),
        author_({.key = request.key,
                 .role = AuthorRole::kImporter,
                 .now = parts.clock.Now()}) {
    plan_.id = ImportId::Random();
    plan_.publisher = publisher.id;
  }

  absl::StatusOr<ImportPlan> Run() {
    std::string_view file = request_.file;
    if (file.starts_with(kByteOrderMark)) {
      file.remove_prefix(kByteOrderMark.size());
      plan_.findings.push_back({.field = "",
                                .repaired = true,
                                .message = "a byte-order mark was skipped"});
    }
    const auto rest = json::ForEachElement(
        file, profile_.list_member, kFileLimits,
        [this](const json::Element& element) { return PlanRow(element); });
    if (!rest.ok()) return rest.status();
    return Finish();
  }

 private:
  absl::Status PlanRow(const json::Element& element) {
    if (plan_.rows.size() == kMaxImportRows) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the file has more than ", kMaxImportRows, " rows: split it"));
    }
    PlannedRow row;
    row.index = element.index;
    row.line = element.line;
    if (!element.value.ok()) {
      row.findings.push_back(
          Rejected(std::string(base::ToStd(element.value.status().message()))));
    } else {
      RowReading reading = ReadRow(profile_, *element.value);
      row.foreign_id = reading.foreign_id;
      row.findings = std::move(reading.findings);
      reading.findings = {};
      if (!IsRejected(row)) LIMPID_RETURN_IF_ERROR(PlanReading(reading, row));
    }
    Count(row);
    finding_count_ += row.findings.size();
    plan_.rows.push_back(std::move(row));
    if (finding_count_ <= kMaxImportFindings) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("the file needs more than ", kMaxImportFindings,
                     " remarks: repair it, or split it"));
  }

  static bool IsRejected(const PlannedRow& row) {
    return std::any_of(row.findings.begin(), row.findings.end(),
                       [](const Finding& f) { return !f.repaired; });
  }

  // Fills the row from a reading without faults. Errors are the store's alone.
  absl::Status PlanReading(const RowReading& reading, PlannedRow& row) {
    const auto [first, is_first] =
        lines_.try_emplace(reading.foreign_id, row.line);
    if (!is_first) {
      row.findings.push_back(Rejected(absl::StrCat(
          "the same id stands on line ", first->second, " already")));
      return absl::OkStatus();
    }
    LIMPID_ASSIGN_OR_RETURN(const std::optional<Version> newest,
                            FindRow(reading.foreign_id));
    if (newest && (newest->publisher != publisher_.id ||
                   newest->state == RegistrationState::kRetired)) {
      row.findings.push_back(
          Rejected(newest->publisher != publisher_.id
                       ? "another publisher keeps this registration"
                       : "the registration is retired"));
      return absl::OkStatus();
    }
    return PlanVersion(reading, newest, row);
  }

  absl::Status PlanVersion(const RowReading& reading,
                           const std::optional<Version>& newest,
                           PlannedRow& row) {
    std::optional<Draft> organisation_draft;
    LIMPID_ASSIGN_OR_RETURN(
        const std::optional<RegistrationId> organisation,
        Organisation(reading.organisation_name, organisation_draft, row));
    if (!organisation) return absl::OkStatus();
    row.registration =
        newest ? newest->registration : RegistrationId::Random(profile_.kind);
    Value content = ContentFor(reading, *organisation, newest);
    if (newest && SaysTheSame(content, *newest)) {
      row.outcome = ImportOutcome::kUnchanged;
      return absl::OkStatus();
    }
    if (const auto valid = ValidateContent(content); !valid.ok()) {
      row.findings.push_back(RejectionOf(profile_, valid));
      return absl::OkStatus();
    }
    if (organisation_draft) {
      row.drafts.push_back(*std::move(organisation_draft));
      organisations_[reading.organisation_name] = {*organisation,
                                                   /*planned=*/true};
      ++plan_.counts.organisations;
    }
    row.drafts.push_back(
        MakeDraft(row.registration, newest ? &*newest : nullptr,
                  RegistrationState::kActive, content, author_, parts_.random));
    row.outcome = newest ? ImportOutcome::kChanged : ImportOutcome::kNew;
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Version>> FindRow(const std::string& id) {
    LIMPID_ASSIGN_OR_RETURN(
        const std::optional<RegistrationId> known,
        parts_.store.FindAlias({std::string(profile_.name), id}));
    if (!known) return std::optional<Version>();
    ++seen_before_;
    auto version = parts_.store.Get(*known, 0);
    if (!version.ok()) return version.status();
    return std::optional(*std::move(version));
  }

  // The organisation of that exact name. A new one is drafted; it counts as
  // known only once its row is taken. Nothing if its name breaks the rules.
  absl::StatusOr<std::optional<RegistrationId>> Organisation(
      const std::string& name, std::optional<Draft>& draft, PlannedRow& row) {
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
          {.field = OrganisationColumn(),
           .repaired = false,
           .message = "not a name that an organisation can have"});
      return std::optional<RegistrationId>();
    }
    const auto id = RegistrationId::Random(RegistrationKind::kOrganisation);
    draft = MakeDraft(id, nullptr, RegistrationState::kActive, content, author_,
                      parts_.random);
    return std::optional(id);
  }

  [[nodiscard]] std::string OrganisationColumn() const {
    for (const Column& column : profile_.columns) {
      if (column.type == ColumnType::kOrganisationName) {
        return std::string(column.foreign);
      }
    }
    return {};
  }

  // The row's fields over what the registration says already.
  Value ContentFor(const RowReading& reading,
                   const RegistrationId& organisation,
                   const std::optional<Version>& newest) const {
    Value content = newest ? ContentOf(*newest) : NewContent(profile_.kind);
    if (!newest) {
      AddAlias(content, {std::string(profile_.name), reading.foreign_id});
      for (const std::string_view name : profile_.missing) {
        SetField(content, name, Missing());
      }
    }
    for (const json::Member& member : reading.fields.members()) {
      SetField(content, member.key, member.value);
    }
    for (const Column& column : profile_.columns) {
      if (column.type == ColumnType::kOrganisationName) {
        SetField(content, column.field, Given(Value(organisation.Text())));
      }
    }
    content.Set("reason", request_.reason);
    return content;
  }

  static bool SaysTheSame(Value content, const Version& newest) {
    Value before = ContentOf(newest);
    before.Remove("reason");
    content.Remove("reason");
    return before == content;
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
    }
    if (!row.findings.empty()) ++counts.repaired;
  }

  absl::StatusOr<ImportPlan> Finish() {
    LIMPID_ASSIGN_OR_RETURN(const std::uint64_t known,
                            parts_.store.CountAliases(profile_.name));
    plan_.counts.absent = known - seen_before_;
    return std::move(plan_);
  }

  const Profile& profile_;
  const Register::Parts& parts_;
  const Publisher& publisher_;
  const ImportRequest& request_;
  Authorship author_;
  ImportPlan plan_;
  std::uint64_t seen_before_ = 0;
  std::size_t finding_count_ = 0;
  // Line on which each foreign id was first seen.
  std::map<std::string, std::size_t> lines_;
  std::map<std::string, KnownOrganisation> organisations_;
};

absl::Status CheckRequest(const Publisher& publisher,
                          const ImportRequest& request) {
  if (!publisher.importer) {
    return absl::PermissionDeniedError("this publisher may not import");
  }
  const auto& keys = publisher.signing_keys;
  if (std::find(keys.begin(), keys.end(), request.key) == keys.end()) {
    return absl::InvalidArgumentError(
        "signing_public_key: not a key of this publisher");
  }
  if (request.reason.empty() || request.reason.size() > kMaxReasonBytes ||
      !base::IsUtf8(request.reason)) {
    return absl::InvalidArgumentError("reason: must be 1 to 1,000 bytes");
  }
  return absl::OkStatus();
}

// One group per row that has drafts, with the rows' indices.
struct SignedRows {
  std::vector<Register::Group> groups;
  std::vector<std::size_t> indices;
};

absl::StatusOr<SignedRows> SignRows(
    const ImportPlan& plan,
    std::span<const crypto::Ed25519Signature> signatures) {
  if (signatures.size() != plan.counts.drafts) {
    return absl::InvalidArgumentError(
        absl::StrCat("signatures: must be ", plan.counts.drafts));
  }
  SignedRows out;
  std::size_t next = 0;
  for (const PlannedRow& row : plan.rows) {
    if (row.drafts.empty()) continue;
    Register::Group group;
    for (const Draft& draft : row.drafts) {
      group.push_back({.draft = draft, .signature = signatures[next]});
      if (!Seal(group.back(), plan.publisher).ok()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "signatures[", next, "]: not the importer's over this draft"));
      }
      ++next;
    }
    out.groups.push_back(std::move(group));
    out.indices.push_back(row.index);
  }
  return out;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ImportPlan>> ImportDesk::Plan(
    const Publisher& publisher, const ImportRequest& request) {
  LIMPID_RETURN_IF_ERROR(CheckRequest(publisher, request));
  const Profile* const profile = FindProfile(request.profile);
  if (profile == nullptr) {
    return absl::InvalidArgumentError("profile: unknown");
  }
  LIMPID_RETURN_IF_ERROR(register_.Recover());
  LIMPID_ASSIGN_OR_RETURN(ImportPlan plan,
                          Planner(*profile, parts_, publisher, request).Run());
  auto shared = std::make_shared<const ImportPlan>(std::move(plan));
  LIMPID_RETURN_IF_ERROR(Keep(shared));
  return shared;
}

absl::Status ImportDesk::Keep(std::shared_ptr<const ImportPlan> plan) {
  const base::MutexLock lock(mutex_);
  DropOutlived();
  // A publisher's new plan takes the place of its old one.
  std::erase_if(plans_, [&plan](const auto& entry) {
    return entry.second.plan->publisher == plan->publisher;
  });
  if (plan->counts.drafts == 0) return absl::OkStatus();
  if (plans_.size() >= kMaxPlans) {
    return absl::ResourceExhaustedError(
        "too many imports are waiting for their signatures; try again later");
  }
  const ImportId id = plan->id;
  plans_[id] = {.plan = std::move(plan),
                .until = parts_.clock.Monotonic() + kPlanLife};
  return absl::OkStatus();
}

void ImportDesk::DropOutlived() {
  const absl::Duration now = parts_.clock.Monotonic();
  std::erase_if(plans_,
                [now](const auto& entry) { return entry.second.until <= now; });
}

absl::StatusOr<std::shared_ptr<const ImportPlan>> ImportDesk::Find(
    const Publisher& publisher, const ImportId& import) {
  const base::MutexLock lock(mutex_);
  DropOutlived();
  const auto found = plans_.find(import);
  if (found == plans_.end() || found->second.plan->publisher != publisher.id) {
    return absl::NotFoundError("no such plan; plan the import again");
  }
  return found->second.plan;
}

absl::Status ImportDesk::Commit(
    const Publisher& publisher, const ImportId& import,
    std::span<const crypto::Ed25519Signature> signatures,
    absl::FunctionRef<absl::Status(const ImportProgress&)> report) {
  LIMPID_ASSIGN_OR_RETURN(const std::shared_ptr<const ImportPlan> plan,
                          Find(publisher, import));
  LIMPID_ASSIGN_OR_RETURN(const SignedRows rows, SignRows(*plan, signatures));
  ImportProgress progress;
  progress.total = rows.groups.size();
  for (std::size_t first = 0; first < rows.groups.size();
       first += kImportBatchRows) {
    const std::size_t count =
        std::min(kImportBatchRows, rows.groups.size() - first);
    const auto statuses = register_.PublishGroups(
        publisher, std::span(rows.groups).subspan(first, count));
    progress.failures.clear();
    for (std::size_t i = 0; i < count; ++i) {
      if (statuses[i].ok()) continue;
      progress.failures.push_back(
          {.index = rows.indices[first + i],
           .message = std::string(base::ToStd(statuses[i].message()))});
    }
    progress.failed += progress.failures.size();
    progress.committed += count - progress.failures.size();
    LIMPID_RETURN_IF_ERROR(report(progress));
  }
  const base::MutexLock lock(mutex_);
  plans_.erase(import);
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
