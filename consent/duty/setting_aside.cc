#include "consent/duty/setting_aside.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "consent/duty/duty_rows.h"
#include "consent/ledger/account_erasing.h"
#include "consent/ledger/task.h"

namespace limpid::consent {
namespace {

// Of one commit: decisions wait for no more than some milliseconds of it.
constexpr std::size_t kRowsAtOnce = 64;

class SettingAside final : public Task {
 public:
  SettingAside(Consent::State& state, const ServiceId& service,
               std::vector<EventRow> rows)
      : state_(state),
        index_(DutyIndexOf(state.blinder, service)),
        answered_(AnsweredIndexOf(state.blinder, service)),
        rows_(std::move(rows)) {}

  // An erasing of the same batch could be deleting the row.
  [[nodiscard]] bool alone() const override { return true; }
  [[nodiscard]] bool gives_way() const override { return true; }

  absl::Status Prepare(Persons& /*persons*/, Batch& batch) override {
    for (const EventRow& row : rows_) {
      LIMPID_RETURN_IF_ERROR(MoveOne(row, batch));
    }
    return absl::OkStatus();
  }
  void Finish(const absl::Status& /*status*/,
              const BatchProofs& /*proofs*/) override {
    state_.setting_aside = false;
  }

 private:
  // Leaves alone what is gone, belongs to somebody whose erasing began, or does
  // not open: the listing says what is to be said of it.
  absl::Status MoveOne(const EventRow& row, Batch& batch) {
    const LedgerStore& store = state_.parts.store;
    LIMPID_ASSIGN_OR_RETURN(const auto found,
                            store.Events(index_, row.position - 1, 1));
    if (found.empty() || found.front() != row) return absl::OkStatus();
    LIMPID_ASSIGN_OR_RETURN(const bool erased, IsErased(store, row.person));
    if (erased) return absl::OkStatus();
    const auto key = state_.person_keys.Get(row.person);
    if (!key.ok()) return absl::OkStatus();
    const auto duty = OpenStreamEvent(**key, row);
    if (!duty.ok()) return absl::OkStatus();
    EventRow moved = row;
    moved.service = answered_;
    moved.payload = SealStreamEvent(**key, moved, *duty);
    batch.Delete(row);
    batch.commit().events.push_back(std::move(moved));
    return absl::OkStatus();
  }

  Consent::State& state_;
  const RowId index_;
  const RowId answered_;
  const std::vector<EventRow> rows_;
};

}  // namespace

void SetAside(Consent::State& state, const ServiceId& service,
              const std::vector<EventRow>& rows) {
  if (rows.empty() || state.setting_aside.exchange(true)) return;
  const std::size_t count = std::min(kRowsAtOnce, rows.size());
  state.sequencer->Submit(std::make_unique<SettingAside>(
      state, service,
      std::vector<EventRow>(
          rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count))));
}

}  // namespace limpid::consent
