#include "vault/trail/release_trail.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kAadLabel = "limpid/vault/releases-aad/1";
// Acts looked at in one read for the last that a restore has left.
constexpr std::uint64_t kActsPerRead = 4'096;

absl::Status Damaged() {
  return absl::DataLossError(
      "a batch of the vault's releases is damaged; limpid admin reconcile says "
      "of which time (docs/formats/release-trail.md)");
}

ActKey ActOf(std::uint64_t number) {
  return {Owner(), NameKey(), number, ActKind::kAdmin};
}

absl::Time Milliseconds(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

// Notes stand in the order in which they came, which is not that of their times
// where two left at once or the clock was set back.
absl::Time Latest(const std::vector<receipt::ReleaseNote>& notes) {
  absl::Time out = absl::InfinitePast();
  for (const receipt::ReleaseNote& note : notes) {
    out = std::max(out, note.handed_over);
  }
  return out;
}

}  // namespace

ReleaseTrail::ReleaseTrail(VaultCore& core, TrailStore& store,
                           const ActPublisher& publisher, base::SecretBytes key)
    : core_(core), store_(store), publisher_(publisher), key_(std::move(key)) {}

bool ReleaseTrail::Note(const receipt::ReleaseNote& note) {
  const base::MutexLock lock(mutex_);
  if (waiting_.size() >= kMaxWaiting) return false;
  waiting_.push_back(note);
  return true;
}

std::vector<receipt::ReleaseNote> ReleaseTrail::FirstWaiting() const {
  const base::MutexLock lock(mutex_);
  const auto count = std::min(waiting_.size(), receipt::kMaxReleaseNotes);
  return {waiting_.begin(),
          waiting_.begin() + static_cast<std::ptrdiff_t>(count)};
}

void ReleaseTrail::Drop(std::size_t count) {
  const base::MutexLock lock(mutex_);
  const auto most = std::min(count, waiting_.size());
  waiting_.erase(waiting_.begin(),
                 waiting_.begin() + static_cast<std::ptrdiff_t>(most));
}

base::Bytes ReleaseTrail::AadOf(std::uint64_t number) const {
  base::ByteWriter out(kAadLabel);
  return out.Lp(core_.identity().operator_name)
      .Raw(core_.identity().source.bytes())
      .U64(number)
      .Take();
}

absl::StatusOr<base::Bytes> ReleaseTrail::OpenRow(const TrailRow& row) const {
  auto opened =
      crypto::Open(key_, crypto::KeyId{}, AadOf(row.number), row.sealed);
  if (!opened.ok()) return Damaged();
  return opened;
}

absl::StatusOr<std::optional<base::Digest32>> ReleaseTrail::ReadAct(
    std::uint64_t number, TrailBatch& out) const {
  LIMPID_ASSIGN_OR_RETURN(const auto found,
                          core_.store().FindAct(ActOf(number)));
  if (!found) return std::optional<base::Digest32>();
  LIMPID_ASSIGN_OR_RETURN(base::Bytes opened,
                          core_.acts().OpenOwnDisclosure(*found));
  LIMPID_ASSIGN_OR_RETURN(const Disclosure disclosure,
                          Disclosure::Decode(opened));
  LIMPID_ASSIGN_OR_RETURN(const Act act, Act::Decode(disclosure.encoded_act));
  LIMPID_ASSIGN_OR_RETURN(out.leaf, publisher_.Prove(found->counter));
  out.commitment = found->commitment;
  out.disclosure = std::move(opened);
  return std::optional<base::Digest32>(act.body);
}

absl::StatusOr<ReleaseTrail::Newest> ReleaseTrail::FindNewest() const {
  LIMPID_ASSIGN_OR_RETURN(const auto row, store_.Newest());
  Newest out;
  if (!row) return out;
  out.number = row->number;
  const auto encoded = OpenRow(*row);
  TrailBatch act;
  auto body = ReadAct(row->number, act);
  if (absl::IsDataLoss(body.status())) {
    out.damaged = true;
    body = std::optional<base::Digest32>();
  }
  LIMPID_RETURN_IF_ERROR(body.status());
  if (encoded.ok()) out.digest = receipt::DigestOf(*encoded);
  if (!encoded.ok() || (*body && **body != out.digest)) {
    // The chain goes on over what is damaged, with what the log has of it.
    out.damaged = true;
    out.digest = body->value_or(base::Digest32{});
  }
  return out;
}

absl::StatusOr<base::Digest32> ReleaseTrail::EnterAct(
    std::uint64_t number, const base::Digest32& digest) {
  LIMPID_ASSIGN_OR_RETURN(const auto known,
                          core_.store().FindAct(ActOf(number)));
  bool there = known.has_value();
  const auto append = [&](VaultTransaction& transaction) -> absl::Status {
    LIMPID_ASSIGN_OR_RETURN(const auto found,
                            transaction.FindAct(ActOf(number)));
    there = found.has_value();
    if (there) return absl::OkStatus();
    Act act;
    act.kind = ActKind::kAdmin;
    act.value_version = number;
    act.body = digest;
    act.time = Milliseconds(core_.clock().Now());
    return core_.acts()
        .Append(transaction, std::move(act), Owner(), NameKey(), nullptr)
        .status();
  };
  if (!there) LIMPID_RETURN_IF_ERROR(core_.store().Write(append));
  if (!there) return digest;
  TrailBatch act;
  const auto body = ReadAct(number, act);
  if (absl::IsDataLoss(body.status())) return base::Digest32{};
  LIMPID_RETURN_IF_ERROR(body.status());
  return body->value_or(base::Digest32{});
}

absl::StatusOr<ReleaseTrail::Newest> ReleaseTrail::Settle() {
  LIMPID_ASSIGN_OR_RETURN(Newest newest, FindNewest());
  // What a damaged batch was is not known well enough for an act.
  if (newest.number > 0 && !newest.damaged) {
    LIMPID_RETURN_IF_ERROR(EnterAct(newest.number, newest.digest).status());
  }
  if (tried_ && tried_->number == newest.number &&
      tried_->digest == newest.digest) {
    Drop(tried_->notes);
  }
  tried_.reset();
  settled_ = true;
  return newest;
}

absl::Status ReleaseTrail::WriteBatch(std::vector<receipt::ReleaseNote> notes,
                                      Newest& newest) {
  receipt::ReleaseBatch batch;
  batch.source = core_.identity().source.bytes();
  batch.number = newest.number + 1;
  batch.previous = newest.digest;
  batch.notes = std::move(notes);
  const base::Bytes encoded = batch.Encode();
  TrailRow row;
  row.number = batch.number;
  row.last_ms = absl::ToUnixMillis(Latest(batch.notes));
  row.sealed =
      crypto::Seal(crypto::Suite::kXChaCha20Poly1305, key_, crypto::KeyId{},
                   AadOf(row.number), encoded, core_.random());
  newest.number = row.number;
  newest.digest = receipt::DigestOf(encoded);
  // Until it is known that the row and its act are there.
  settled_ = false;
  tried_ = Tried{newest.number, newest.digest, batch.notes.size()};
  LIMPID_RETURN_IF_ERROR(store_.Insert(row));
  Drop(batch.notes.size());
  tried_.reset();
  LIMPID_ASSIGN_OR_RETURN(const base::Digest32 logged,
                          EnterAct(newest.number, newest.digest));
  // The log has another batch of this number: an older trail was put back.
  untold_damage_ = untold_damage_ || logged != newest.digest;
  newest.digest = logged;
  settled_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> ReleaseTrail::WriteWaiting() {
  const base::MutexLock lock(writing_);
  std::size_t out = 0;
  // An earlier try, or an earlier process, may have broken off before its act,
  // or before it knew that the batch is stored.
  if (settled_ && FirstWaiting().empty()) return out;
  LIMPID_ASSIGN_OR_RETURN(Newest newest, Settle());
  untold_damage_ = untold_damage_ || newest.damaged;
  for (auto notes = FirstWaiting(); !notes.empty(); notes = FirstWaiting()) {
    const std::size_t count = notes.size();
    LIMPID_RETURN_IF_ERROR(WriteBatch(std::move(notes), newest));
    out += count;
  }
  return out;
}

absl::StatusOr<std::size_t> ReleaseTrail::Write() {
  LIMPID_ASSIGN_OR_RETURN(const std::size_t written, WriteWaiting());
  const base::MutexLock lock(writing_);
  if (std::exchange(untold_damage_, false)) return Damaged();
  return written;
}

absl::StatusOr<TrailBatch> ReleaseTrail::Prove(const TrailRow& row) const {
  TrailBatch out;
  out.number = row.number;
  out.last = absl::FromUnixMillis(row.last_ms);
  auto encoded = OpenRow(row);
  const auto body = ReadAct(row.number, out);
  // An act that does not open proves nothing; nor does it stop the listing.
  if (!body.ok() && !absl::IsDataLoss(body.status())) return body.status();
  // Without an act it was written and not entered yet: it waits for it.
  out.damaged = !encoded.ok() || !body.ok() ||
                (*body && **body != receipt::DigestOf(*encoded));
  if (!out.damaged) out.batch = *std::move(encoded);
  return out;
}

absl::StatusOr<std::optional<LostTime>> ReleaseTrail::FindLost() const {
  const VaultStore& store = core_.store();
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t last, store.LastLostAct());
  if (last == 0) return std::optional<LostTime>();
  LostTime out{absl::UnixEpoch(), absl::UnixEpoch()};
  for (std::uint64_t end = last; end > 0;) {
    const std::uint64_t first = end > kActsPerRead ? end - kActsPerRead + 1 : 1;
    LIMPID_ASSIGN_OR_RETURN(const auto acts,
                            store.ActsFrom(first, end - first + 1));
    if (end == last && !acts.empty()) {
      out.until = absl::FromUnixMillis(acts.back().time_ms);
    }
    const auto known = std::find_if(
        acts.rbegin(), acts.rend(),
        [](const ActRow& act) { return act.kind != ActKind::kLost; });
    if (known != acts.rend()) {
      out.from = absl::FromUnixMillis(known->time_ms);
      break;
    }
    end = first - 1;
  }
  return std::optional<LostTime>(out);
}

absl::StatusOr<TrailPage> ReleaseTrail::Read(std::uint64_t first,
                                             absl::Time since,
                                             std::size_t limit) {
  TrailPage out;
  // Before the write: a note that comes meanwhile is later.
  out.complete_until = core_.clock().Now();
  // A damaged batch is listed as one.
  LIMPID_RETURN_IF_ERROR(WriteWaiting().status());
  LIMPID_ASSIGN_OR_RETURN(out.lost, FindLost());
  if (first == 0) {
    LIMPID_ASSIGN_OR_RETURN(first,
                            store_.FirstSince(absl::ToUnixMillis(since)));
    if (first == 0) return out;
  }
  limit = std::clamp<std::size_t>(limit, 1, kMaxPage);
  LIMPID_ASSIGN_OR_RETURN(const auto rows, store_.From(first, limit + 1));
  for (const TrailRow& row : rows) {
    if (out.batches.size() == limit) {
      out.next = row.number;
      break;
    }
    LIMPID_ASSIGN_OR_RETURN(out.batches.emplace_back(), Prove(row));
  }
  return out;
}

}  // namespace limpid::vault
