// Register::EraseField: one field out of one version or all of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/erasure_ground.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/register.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

constexpr std::size_t kHistoryPage = 100;
// Each is made of a history that another call changed meanwhile.
constexpr int kMostPlans = 5;

absl::StatusOr<std::vector<Version>> WholeHistory(
    const RegistrationStore& store, const RegistrationId& registration) {
  std::vector<Version> out;
  while (true) {
    const std::uint32_t after = out.empty() ? 0 : out.back().number;
    LIMPID_ASSIGN_OR_RETURN(std::vector<Version> page,
                            store.History(registration, after, kHistoryPage));
    const bool last = page.size() < kHistoryPage;
    std::move(page.begin(), page.end(), std::back_inserter(out));
    if (last) break;
  }
  if (out.empty()) return absl::NotFoundError("no such registration");
  return out;
}

bool IsMeant(const ErasureOrder& order, std::uint32_t number) {
  return order.number == 0 || order.number == number;
}

// What is left to erase, without its time, and where its values stand
// elsewhere.
absl::StatusOr<ErasureOutcome> Plan(const ErasureOrder& order,
                                    const std::vector<Version>& history) {
  ErasureOutcome out;
  std::vector<RepeatedAt> places;
  std::vector<const json::Value*> values;
  for (const Version& version : history) {
    const FieldDisclosure* const field =
        IsMeant(order, version.number) ? FindDisclosure(version, order.pointer)
                                       : nullptr;
    if (field == nullptr) continue;
    LIMPID_RETURN_IF_ERROR(CheckGround(order.ground, TextsOf(field->value, 1)));
    out.erasures.push_back({.registration = order.registration,
                            .number = version.number,
                            .pointer = order.pointer,
                            .time = {},
                            .ground = order.ground});
    places.push_back({.number = version.number, .pointer = order.pointer});
    values.push_back(&field->value);
  }
  out.repeated = FindRepeated(history, order.pointer, values, places);
  std::sort(out.repeated.begin(), out.repeated.end(),
            [](const RepeatedAt& left, const RepeatedAt& right) {
              return std::tie(left.number, left.pointer) <
                     std::tie(right.number, right.pointer);
            });
  return out;
}

}  // namespace

absl::StatusOr<ErasureOutcome> Register::EraseField(const ErasureOrder& order,
                                                    bool check_only) {
  LIMPID_RETURN_IF_ERROR(CheckErasureOrder(order));
  // The plan costs with the length of the history: nobody who publishes waits
  // for it, so that it is made again when the history went on meanwhile.
  for (int i = 0; i < kMostPlans; ++i) {
    LIMPID_RETURN_IF_ERROR(Recover());
    const std::uint64_t erasures = erasures_;
    LIMPID_ASSIGN_OR_RETURN(const std::vector<Version> history,
                            WholeHistory(parts_.store, order.registration));
    const std::uint32_t newest = history.back().number;
    if (order.number > newest) return absl::NotFoundError("no such version");
    LIMPID_ASSIGN_OR_RETURN(ErasureOutcome plan, Plan(order, history));
    const base::MutexLock lock(mutex_);
    LIMPID_RETURN_IF_ERROR(RecoverLocked());
    LIMPID_ASSIGN_OR_RETURN(const Head head,
                            parts_.store.GetHead(order.registration));
    if (erasures_ != erasures || head.number != newest) continue;
    return EraseLocked(order, std::move(plan), check_only);
  }
  return absl::AbortedError(
      "the registration changed again and again meanwhile; repeat the call");
}

absl::StatusOr<ErasureOutcome> Register::EraseLocked(const ErasureOrder& order,
                                                     ErasureOutcome out,
                                                     bool check_only) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<FieldErasure> earlier,
                          parts_.store.Erasures(order.registration));
  const std::size_t planned = out.erasures.size();
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(parts_.clock.Now()));
  for (FieldErasure& one : out.erasures) one.time = now;
  for (const FieldErasure& one : earlier) {
    if (one.pointer == order.pointer && IsMeant(order, one.number)) {
      out.erasures.push_back(one);
    }
  }
  if (out.erasures.empty()) {
    return absl::NotFoundError("no version meant has such a field");
  }
  if (!check_only) {
    // With the earlier ones: a repeated call finishes what a crash left.
    const absl::Status erased = parts_.store.EraseFields(out.erasures);
    // Whatever came of it: it may have been written and not reached the disk.
    ++erasures_;
    // Who reads from now on reads what is left; a repeated call took nothing.
    if (planned > 0) erased_[order.registration] = parts_.clock.Now();
    const absl::Status told = listeners_.erased == nullptr
                                  ? absl::OkStatus()
                                  : listeners_.erased(order.registration);
    LIMPID_RETURN_IF_ERROR(erased);
    LIMPID_RETURN_IF_ERROR(told);
  } else {
    out.erasures.resize(planned);
  }
  std::sort(out.erasures.begin(), out.erasures.end(),
            [](const FieldErasure& left, const FieldErasure& right) {
              return left.number < right.number;
            });
  return out;
}

}  // namespace limpid::algoregister
