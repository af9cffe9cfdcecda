#include "consent/request/lapsed_requests.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "consent/consent_state.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kPage = 256;
constexpr absl::Duration kRest = absl::Hours(1);

bool IsOver(const StoredRequest& request, absl::Time now) {
  return request.record.none() && now >= request.expires + kLapsedRequestKept;
}

// Rows of the page that are over, as they were read.
std::vector<base::Bytes> OverOf(const Consent::State& s,
                                const std::vector<PublicRow>& page) {
  const absl::Time now = s.parts.clock.Now();
  std::vector<base::Bytes> out;
  for (const PublicRow& row : page) {
    const auto opened = OpenPublic(s.row_key, row);
    if (!opened.ok()) continue;
    const auto request = StoredRequest::Decode(*opened);
    if (request.ok() && IsOver(*request, now)) out.push_back(row.id);
  }
  return out;
}

// Looks again, at the commit's time: somebody may have bound one meanwhile, or
// the clock may have jumped.
absl::StatusOr<bool> Delete(const Consent::State& s,
                            const std::vector<base::Bytes>& ids, Batch& batch) {
  if (batch.clock_jumped()) return false;
  for (const base::Bytes& id : ids) {
    LIMPID_ASSIGN_OR_RETURN(const auto request,
                            LoadRequest(s.parts.store, s.row_key, id));
    if (!request || !IsOver(*request, batch.time())) continue;
    batch.Delete(PublicRowKey{PublicKind::kRequest, id});
  }
  return true;
}

}  // namespace

absl::StatusOr<bool> LapsedRequests::Step() {
  if (s_.parts.clock.Monotonic() < rests_until_) return false;
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<PublicRow> page,
      s_.parts.store.ListPublic(PublicKind::kRequest, after_, kPage));
  std::vector<base::Bytes> over = OverOf(s_, page);
  if (!over.empty()) {
    LIMPID_RETURN_IF_ERROR(
        s_.sequencer
            ->Call<bool>([&s = s_, ids = std::move(over)](
                             Persons& /*persons*/,
                             Batch& batch) { return Delete(s, ids, batch); },
                         nullptr, /*alone=*/true)
            .status());
  }
  if (page.size() == kPage) {
    after_ = page.back().id;
    return true;
  }
  after_.clear();
  rests_until_ = s_.parts.clock.Monotonic() + kRest;
  return false;
}

}  // namespace limpid::consent
