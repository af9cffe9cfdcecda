#include "vault/log/catch_up.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/tlog/leaf.h"

namespace limpid::vault {
namespace {

// Rows in one transaction.
constexpr std::uint64_t kBatch = 4'096;
constexpr std::string_view kRestoredLabel = "limpid/vault/restored/1";
constexpr std::size_t kLeafBytes = 33;

absl::Status AnotherStore() {
  return absl::DataLossError(
      "the vault's store and its log do not belong together");
}

absl::StatusOr<base::Digest32> CommitmentIn(const VaultLog& log,
                                            std::uint64_t counter) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes leaf, log.Leaf(counter - 1));
  base::Digest32 out{};
  if (leaf.size() != kLeafBytes) return AnotherStore();
  std::copy(leaf.begin() + 1, leaf.end(), out.begin());
  if (tlog::CommitmentLeaf(tlog::LeafKind::kVault, out) != leaf) {
    return AnotherStore();
  }
  return out;
}

absl::Status AddLost(VaultTransaction& transaction, const VaultLog& log,
                     std::uint64_t to, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(LogHead head, transaction.Head());
  while (head.counter < to) {
    ActRow row;
    row.counter = head.counter + 1;
    row.kind = ActKind::kLost;
    row.time_ms = absl::ToUnixMillis(now);
    LIMPID_ASSIGN_OR_RETURN(row.commitment, CommitmentIn(log, row.counter));
    row.head = NextHead(head.head, row.commitment);
    LIMPID_RETURN_IF_ERROR(transaction.AppendAct(row));
    head = {row.counter, row.head};
  }
  return absl::OkStatus();
}

// The last act before the lost ones at the store's end, which an earlier try
// that was killed has left there.
absl::StatusOr<std::uint64_t> LastKnown(const VaultStore& store,
                                        std::uint64_t head) {
  while (head > 0) {
    const std::uint64_t first = head > kBatch ? head - kBatch + 1 : 1;
    LIMPID_ASSIGN_OR_RETURN(const auto acts,
                            store.ActsFrom(first, head - first + 1));
    for (auto act = acts.rbegin(); act != acts.rend(); ++act) {
      if (act->kind != ActKind::kLost) return act->counter;
    }
    head = first - 1;
  }
  return head;
}

absl::Status SayRestored(VaultTransaction& transaction, const ActWriter& acts,
                         std::uint64_t first, std::uint64_t last,
                         absl::Time now) {
  base::ByteWriter said(kRestoredLabel);
  Act act;
  act.kind = ActKind::kAdmin;
  act.body = crypto::Sha256(said.U64(first).U64(last).bytes());
  act.time = now;
  return acts.Append(transaction, std::move(act), Owner(), NameKey(), nullptr)
      .status();
}

}  // namespace

absl::StatusOr<std::uint64_t> CatchUp(VaultStore& store, const VaultLog& log,
                                      const ActWriter& acts, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const LogHead before, store.Head());
  const std::uint64_t size = log.size();
  if (before.counter >= size) return std::uint64_t{0};
  if (before.counter > 0) {
    LIMPID_ASSIGN_OR_RETURN(const auto newest,
                            store.ActsFrom(before.counter, 1));
    LIMPID_ASSIGN_OR_RETURN(const base::Digest32 logged,
                            CommitmentIn(log, before.counter));
    if (newest.empty() || newest.front().commitment != logged) {
      return AnotherStore();
    }
  }
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t known,
                          LastKnown(store, before.counter));
  for (std::uint64_t from = before.counter; from < size;) {
    const std::uint64_t to = std::min(from + kBatch, size);
    const absl::Status added =
        store.Write([&](VaultTransaction& transaction) -> absl::Status {
          LIMPID_RETURN_IF_ERROR(AddLost(transaction, log, to, now));
          if (to < size) return absl::OkStatus();
          return SayRestored(transaction, acts, known + 1, size, now);
        });
    if (!added.ok()) return added;
    from = to;
  }
  return size - known;
}

}  // namespace limpid::vault
