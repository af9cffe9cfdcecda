#include "algoregister/bridge/snapshots.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "common/base/clock.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

using json::Value;

constexpr std::string_view kField = "snapshots";

absl::Status CheckDataset(const Value& content) {
  if (KindOf(content) == RegistrationKind::kDataset) return absl::OkStatus();
  return absl::InvalidArgumentError("only a dataset has snapshots");
}

Value ListOf(const Value& content) {
  const Value* const list = GivenValue(content, kField);
  return list == nullptr ? Value::Array() : *list;
}

}  // namespace

std::vector<Snapshot> SnapshotsOf(const Value& content) {
  std::vector<Snapshot> out;
  const Value list = ListOf(content);
  for (const Value& snapshot : list.elements()) {
    const auto id_text = snapshot.GetString("id");
    if (!id_text.ok()) continue;
    const auto id = SnapshotId::Parse(*id_text);
    if (!id.ok()) continue;
    const bool sealed = snapshot.Find("sealed") != nullptr;
    out.push_back(
        {.id = *id,
         .state = sealed ? SnapshotState::kSealed : SnapshotState::kOpen});
  }
  return out;
}

bool TrainsOn(const Value& content, const RegistrationId& dataset,
              const SnapshotId& snapshot) {
  if (KindOf(content) != RegistrationKind::kSystem) return false;
  const Value* const uses = GivenValue(content, "dataset_uses");
  if (uses == nullptr || !uses->is_array()) return false;
  return std::ranges::any_of(uses->elements(), [&](const Value& use) {
    const std::string code = use.GetString("use").value_or("");
    const bool trains = code == "train" || code == "fine_tune" ||
                        code == "validate" || code == "test";
    const bool another =
        use.Find("snapshot") != nullptr &&
        use.GetString("snapshot").value_or("") != snapshot.Text();
    return trains && !another &&
           use.GetString("dataset").value_or("") == dataset.Text();
  });
}

absl::StatusOr<Value> WithSnapshot(const Value& content, const SnapshotId& id,
                                   std::string_view name, absl::Time now) {
  if (const auto status = CheckDataset(content); !status.ok()) return status;
  Value list = ListOf(content);
  list.Append(Value::Object({{"id", Value(id.Text())},
                             {"name", Value(name)},
                             {"opened", Value(base::TimeText(now))},
                             {"state", Value("open")}}));
  Value out = content;
  SetField(out, kField, Given(std::move(list)));
  return out;
}

absl::StatusOr<Value> WithSealedSnapshot(const Value& content,
                                         const SnapshotId& id, absl::Time now) {
  if (const auto status = CheckDataset(content); !status.ok()) return status;
  Value list = Value::Array();
  bool found = false;
  const Value old_list = ListOf(content);
  for (const Value& snapshot : old_list.elements()) {
    Value copy = snapshot;
    if (copy.Find("id") != nullptr && *copy.Find("id") == Value(id.Text())) {
      if (copy.Find("sealed") != nullptr) {
        return absl::FailedPreconditionError("the snapshot is sealed already");
      }
      copy.Set("sealed", base::TimeText(now)).Set("state", "sealed");
      found = true;
    }
    list.Append(std::move(copy));
  }
  if (!found) {
    return absl::NotFoundError("the dataset has no such snapshot");
  }
  Value out = content;
  SetField(out, kField, Given(std::move(list)));
  return out;
}

absl::Status CheckSealedStay(const Value& before, const Value& after) {
  const Value old_list = ListOf(before);
  const Value new_list = ListOf(after);
  for (const Value& snapshot : old_list.elements()) {
    if (snapshot.Find("sealed") == nullptr) continue;
    const auto& now = new_list.elements();
    if (std::find(now.begin(), now.end(), snapshot) == now.end()) {
      return absl::FailedPreconditionError(
          "/fields/snapshots: a sealed snapshot stays in the list as it is");
    }
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister
