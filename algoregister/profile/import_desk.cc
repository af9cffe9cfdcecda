#include "algoregister/profile/import_desk.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "algoregister/profile/import_planner.h"
#include "algoregister/profile/presence.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/sealed_rows.h"
#include "algoregister/registration/content.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::algoregister {
namespace {

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
  if (request.complete && request.first_row_line > 0 && !request.part) {
    return absl::InvalidArgumentError("complete: not of a part of a file");
  }
  if (request.part && request.part->name.size() != kImportNameBytes) {
    return absl::InvalidArgumentError("import_name: must be 16 bytes");
  }
  if (request.reason.empty() || request.reason.size() > kMaxReasonBytes ||
      !base::IsUtf8(request.reason)) {
    return absl::InvalidArgumentError("reason: must be 1 to 1,000 bytes");
  }
  return absl::OkStatus();
}

// Of a request with a part.
std::string PartNameOf(const ImportRequest& request) {
  return absl::StrCat(base::ToAbsl(request.profile), ":",
                      base::ToAbsl(request.part->name));
}

}  // namespace

void ImportCounts::Add(const PlannedRow& row) {
  drafts += row.drafts.size();
  switch (row.outcome) {
    case ImportOutcome::kNew:
      ++added;
      break;
    case ImportOutcome::kChanged:
      ++changed;
      break;
    case ImportOutcome::kUnchanged:
      ++unchanged;
      break;
    case ImportOutcome::kRejected:
      ++rejected;
      return;
    case ImportOutcome::kRemoved:
      ++removed;
      return;
  }
  if (!row.findings.empty()) ++repaired;
}

absl::StatusOr<std::shared_ptr<const ImportPlan>> ImportDesk::Plan(
    const Publisher& publisher, const ImportRequest& request) {
  auto plan = PlanAndKeep(publisher, request);
  const bool ends = !plan.ok() || (*plan)->ends_parts;
  if (request.part && ends) {
    parts_seen_.ExpectNoMore(publisher.id, PartNameOf(request));
  }
  return plan;
}

absl::StatusOr<std::shared_ptr<const ImportPlan>> ImportDesk::PlanAndKeep(
    const Publisher& publisher, const ImportRequest& request) {
  LIMPID_RETURN_IF_ERROR(CheckRequest(publisher, request));
  const Profile* const profile = FindProfile(request.profile);
  if (profile == nullptr) {
    return absl::InvalidArgumentError("profile: unknown");
  }
  LIMPID_RETURN_IF_ERROR(register_.Recover());
  LIMPID_ASSIGN_OR_RETURN(ImportPlan plan,
                          PlanPart(*profile, publisher, request));
  auto shared = std::make_shared<const ImportPlan>(std::move(plan));
  LIMPID_RETURN_IF_ERROR(Keep(shared));
  return shared;
}

absl::StatusOr<ImportPlan> ImportDesk::PlanPart(const Profile& profile,
                                                const Publisher& publisher,
                                                const ImportRequest& request) {
  if (!request.part) {
    Presence presence;
    return PlanImport(profile, parts_, publisher, request, presence);
  }
  const std::string name = PartNameOf(request);
  LIMPID_ASSIGN_OR_RETURN(
      Presence presence,
      parts_seen_.Take(publisher.id, name, request.part->index));
  auto plan = PlanImport(profile, parts_, publisher, request, presence);
  // What a part that failed has noted stays: the more is there, the less is
  // marked.
  parts_seen_.Return(publisher.id, name, std::move(presence), plan.ok());
  if (plan.ok()) {
    plan->part_name = name;
    plan->ends_parts = request.complete;
  }
  return plan;
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
  const absl::Status done = Publish(publisher, *plan, signatures, report);
  if (!done.ok() && !plan->part_name.empty()) {
    parts_seen_.ExpectNoMore(publisher.id, plan->part_name);
  }
  LIMPID_RETURN_IF_ERROR(done);
  if (plan->ends_parts) parts_seen_.Drop(publisher.id, plan->part_name);
  const base::MutexLock lock(mutex_);
  plans_.erase(import);
  return absl::OkStatus();
}

absl::Status ImportDesk::Publish(
    const Publisher& publisher, const ImportPlan& plan,
    std::span<const crypto::Ed25519Signature> signatures,
    absl::FunctionRef<absl::Status(const ImportProgress&)> report) {
  LIMPID_ASSIGN_OR_RETURN(const SealedRows rows,
                          SealRows(plan, publisher, signatures));
  ImportProgress progress;
  progress.total = rows.groups.size();
  for (std::size_t first = 0; first < rows.groups.size();
       first += kImportBatchRows) {
    const std::size_t count =
        std::min(kImportBatchRows, rows.groups.size() - first);
    const auto statuses =
        register_.PublishGroups(std::span(rows.groups).subspan(first, count));
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
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
