// Register::EraseField: one field out of one version or all of them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/erasure_ground.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/import_names.h"
#include "algoregister/registration/register.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/json/value.h"

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

constexpr std::string_view kAliases = "/aliases";

bool IsMeant(const ErasureOrder& order, std::uint32_t number) {
  return order.number == 0 || order.number == number;
}

// Whether `one` is of the field, or an alias that went with it: erased by one
// call, at one time.
bool IsOfOrder(const FieldErasure& one, const ErasureOrder& order,
               const std::vector<FieldErasure>& all) {
  if (!IsMeant(order, one.number)) return false;
  if (one.pointer == order.pointer) return true;
  return one.pointer == kAliases &&
         std::any_of(all.begin(), all.end(), [&](const FieldErasure& other) {
           return other.pointer == order.pointer && other.time == one.time &&
                  IsMeant(order, other.number);
         });
}

// Whether a disclosure of "/aliases" has a name that may be made of the order's
// field. False for a pointer that is not of "/fields/" or "/restricted/".
bool HasNameMadeOf(const json::Value& aliases, const ErasureOrder& order,
                   const ImportNames& names) {
  const auto tokens = json::SplitPointer(order.pointer);
  if (!tokens.ok() || tokens->size() != 2 || !aliases.is_array()) return false;
  if (tokens->front() != "fields" && tokens->front() != "restricted") {
    return false;
  }
  return std::any_of(aliases.elements().begin(), aliases.elements().end(),
                     [&](const json::Value& alias) {
                       const json::Value* const scheme = alias.Find("scheme");
                       return scheme != nullptr && scheme->is_string() &&
                              names.AreMadeOf(scheme->string(),
                                              order.registration.kind,
                                              tokens->back());
                     });
}

// Plans one erasure. Lives as long as one call of Plan.
class Planner {
 public:
  Planner(const ErasureOrder& order, const ImportNames& names,
          const std::vector<FieldErasure>& earlier)
      : order_(order), names_(names), earlier_(earlier) {}

  absl::StatusOr<ErasureOutcome> Run(const std::vector<Version>& history) {
    for (const Version& version : history) {
      LIMPID_RETURN_IF_ERROR(AddVersion(version));
    }
    // Nothing of it was there to be erased, and no alias goes for that.
    if (values_.empty() && !WasErased(0)) return ErasureOutcome();
    out_.repeated = FindRepeated(history, order_.pointer, values_, places_);
    for (const RepeatedAt& at : confirming_) {
      const auto found =
          std::find(out_.repeated.begin(), out_.repeated.end(), at);
      if (found == out_.repeated.end()) out_.repeated.push_back(at);
    }
    std::sort(out_.repeated.begin(), out_.repeated.end(),
              [](const RepeatedAt& left, const RepeatedAt& right) {
                return std::tie(left.number, left.pointer) <
                       std::tie(right.number, right.pointer);
              });
    return std::move(out_);
  }

 private:
  // From version `number`, or from any that is meant.
  [[nodiscard]] bool WasErased(std::uint32_t number) const {
    return std::any_of(
        earlier_.begin(), earlier_.end(), [&](const FieldErasure& one) {
          return one.pointer == order_.pointer && IsMeant(order_, one.number) &&
                 (number == 0 || one.number == number);
        });
  }

  absl::Status AddVersion(const Version& version) {
    const bool meant = IsMeant(order_, version.number);
    const FieldDisclosure* const field =
        meant ? FindDisclosure(version, order_.pointer) : nullptr;
    if (field != nullptr) {
      values_.push_back(&field->value);
      LIMPID_RETURN_IF_ERROR(Erase(version, *field));
    }
    // An organisation's alias is its name; and who guesses the text of a
    // natural key can tell whether it was that.
    const FieldDisclosure* const aliases = FindDisclosure(version, kAliases);
    if (aliases == nullptr || !HasNameMadeOf(aliases->value, order_, names_)) {
      return absl::OkStatus();
    }
    const bool goes = meant && (field != nullptr || order_.number == 0 ||
                                WasErased(version.number));
    if (goes) return Erase(version, *aliases);
    confirming_.push_back(
        {.number = version.number, .pointer = std::string(kAliases)});
    return absl::OkStatus();
  }

  absl::Status Erase(const Version& version, const FieldDisclosure& field) {
    LIMPID_RETURN_IF_ERROR(CheckGround(order_.ground, TextsOf(field.value, 1)));
    out_.erasures.push_back({.registration = order_.registration,
                             .number = version.number,
                             .pointer = field.pointer,
                             .time = {},
                             .ground = order_.ground});
    places_.push_back({.number = version.number, .pointer = field.pointer});
    return absl::OkStatus();
  }

  const ErasureOrder& order_;
  const ImportNames& names_;
  const std::vector<FieldErasure>& earlier_;
  ErasureOutcome out_;
  std::vector<RepeatedAt> places_;
  // Of versions that keep such an alias.
  std::vector<RepeatedAt> confirming_;
  std::vector<const json::Value*> values_;
};

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
    LIMPID_ASSIGN_OR_RETURN(const std::vector<FieldErasure> earlier,
                            parts_.store.Erasures(order.registration));
    LIMPID_ASSIGN_OR_RETURN(
        ErasureOutcome plan,
        Planner(order, parts_.import_names, earlier).Run(history));
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
    if (IsOfOrder(one, order, earlier)) out.erasures.push_back(one);
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
              return std::tie(left.number, left.pointer) <
                     std::tie(right.number, right.pointer);
            });
  return out;
}

}  // namespace limpid::algoregister
