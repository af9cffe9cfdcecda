#include "vault/keys/key_tree.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::vault {
namespace {

constexpr std::uint32_t kFirstGeneration = 1;

absl::Status SlotBroken() {
  return absl::DataLossError("a key slot does not open");
}

absl::Status EpochEnded() {
  return absl::NotFoundError("the key of this epoch was destroyed");
}

}  // namespace

KeyTree::KeyTree(KeyTreeOptions options, KekSource& source, KeyStore& store,
                 crypto::RandomSource& random)
    : options_(std::move(options)),
      source_(source),
      store_(store),
      random_(random) {}

Aad KeyTree::SlotAad(const SlotRow& row, std::uint8_t suite) const {
  Aad aad;
  aad.kind = AadKind::kSlot;
  aad.suite = suite;
  aad.operator_name = options_.identity.operator_name;
  aad.holder = row.owner.id;
  aad.key_id = row.key_id;
  aad.generation = row.generation;
  aad.epoch = row.epoch;
  aad.custody = row.custody;
  aad.slot_kind = static_cast<std::uint8_t>(row.slot_kind);
  return aad;
}

base::Bytes KeyTree::NamedSlotAad(const SlotRow& row,
                                  std::uint8_t suite) const {
  const std::string name = base::HexEncode(row.slot_id);
  Aad aad = SlotAad(row, suite);
  aad.kind = AadKind::kNamedSlot;
  aad.attribute = name;
  return aad.Encode();
}

crypto::KeyId KeyTree::KekId(std::uint32_t epoch) const {
  base::ByteWriter writer("limpid/vault/kek-id/1");
  const base::Digest32 digest = crypto::Sha256(
      writer.Lp(options_.identity.operator_name).U32(epoch).bytes());
  crypto::KeyId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

absl::StatusOr<std::shared_ptr<const base::SecretBytes>> KeyTree::Kek(
    std::uint32_t epoch) {
  {
    const base::MutexLock lock(mutex_);
    const auto found = keks_.find(epoch);
    if (found != keks_.end()) return found->second;
  }
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes key, source_.Kek(epoch));
  if (key.size() != crypto::kAeadKeyBytes) return SlotBroken();
  auto shared = std::make_shared<const base::SecretBytes>(std::move(key));
  const base::MutexLock lock(mutex_);
  if (ended_.contains(epoch)) return EpochEnded();
  return keks_.emplace(epoch, std::move(shared)).first->second;
}

absl::StatusOr<std::shared_ptr<const PersonKey>> KeyTree::Unwrap(
    const SlotRow& row) {
  if (row.custody != Custody::kAssisted || row.slot_kind != SlotKind::kServer) {
    return SlotBroken();
  }
  LIMPID_ASSIGN_OR_RETURN(const auto kek, Kek(row.epoch));
  const Aad aad = SlotAad(row, SuiteByte(row.outer));
  LIMPID_ASSIGN_OR_RETURN(
      base::SecretBytes key,
      crypto::OpenSecret(*kek, KekId(row.epoch), aad.Encode(), row.outer));
  if (key.size() != crypto::kAeadKeyBytes) return SlotBroken();
  return std::make_shared<const PersonKey>(
      PersonKey{row.key_id, row.generation, row.custody, std::move(key)});
}

absl::Status KeyTree::WrapBody(SlotRow& row, base::ByteView body) {
  row.epoch = source_.current_epoch();
  LIMPID_ASSIGN_OR_RETURN(const auto kek, Kek(row.epoch));
  row.outer =
      crypto::Seal(options_.suite, *kek, KekId(row.epoch),
                   NamedSlotAad(row, static_cast<std::uint8_t>(options_.suite)),
                   body, random_);
  return absl::OkStatus();
}

absl::Status KeyTree::AddSlot(SlotRow& row, base::ByteView body,
                              std::size_t max_slots) {
  if (row.slot_kind == SlotKind::kServer) return SlotBroken();
  const WrapGate::Inside wrapping(wrapping_);
  LIMPID_RETURN_IF_ERROR(WrapBody(row, body));
  return store_.InsertBeside(row, max_slots);
}

absl::StatusOr<base::Bytes> KeyTree::UnwrapBody(const SlotRow& row) {
  if (row.slot_kind == SlotKind::kServer) return SlotBroken();
  LIMPID_ASSIGN_OR_RETURN(const auto kek, Kek(row.epoch));
  const std::uint8_t suite = SuiteByte(row.outer);
  auto body =
      crypto::Open(*kek, KekId(row.epoch), NamedSlotAad(row, suite), row.outer);
  if (body.ok()) return body;
  // From before slots were bound to their ids; wrapped anew at the next epoch.
  return crypto::Open(*kek, KekId(row.epoch), SlotAad(row, suite).Encode(),
                      row.outer);
}

base::Bytes KeyTree::CopyKeyAad(const CopyKeyRow& row, std::string_view record,
                                std::uint8_t suite) const {
  const std::string name = base::HexEncode(row.record_key);
  Aad aad;
  aad.kind = record.empty() ? AadKind::kCopyKeyOfRow : AadKind::kCopyKey;
  aad.suite = suite;
  aad.operator_name = options_.identity.operator_name;
  aad.holder = row.owner.id;
  aad.attribute = record.empty() ? name : record;
  aad.key_id = row.key_id;
  aad.epoch = row.epoch;
  aad.custody = Custody::kSealed;
  return aad.Encode();
}

absl::StatusOr<base::SecretBytes> KeyTree::OpenCopyKey(
    const CopyKeyRow& row, std::string_view record) {
  LIMPID_ASSIGN_OR_RETURN(const auto kek, Kek(row.epoch));
  LIMPID_ASSIGN_OR_RETURN(
      base::SecretBytes key,
      crypto::OpenSecret(*kek, KekId(row.epoch),
                         CopyKeyAad(row, record, SuiteByte(row.outer)),
                         row.outer));
  if (key.size() != crypto::kAeadKeyBytes) return SlotBroken();
  return key;
}

absl::Status KeyTree::WrapCopyKey(CopyKeyRow& row,
                                  const base::SecretBytes& key) {
  row.epoch = source_.current_epoch();
  LIMPID_ASSIGN_OR_RETURN(const auto kek, Kek(row.epoch));
  row.outer = crypto::SealSecret(
      options_.suite, *kek, KekId(row.epoch),
      CopyKeyAad(row, {}, static_cast<std::uint8_t>(options_.suite)), key);
  LIMPID_ASSIGN_OR_RETURN(const auto opened, OpenCopyKey(row, {}));
  return opened == key ? absl::OkStatus() : SlotBroken();
}

absl::StatusOr<CopyKey> KeyTree::FindCopyKey(const Owner& owner,
                                             const RecordKey& record_key,
                                             std::string_view record) {
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          store_.FindCopyKey(owner, record_key));
  if (!row) return absl::NotFoundError("no key for the copies of this record");
  auto key = OpenCopyKey(*row, {});
  if (key.ok() && row->epoch == source_.current_epoch()) {
    return CopyKey{row->key_id, *std::move(key)};
  }
  if (!key.ok()) key = OpenCopyKey(*row, record);
  LIMPID_RETURN_IF_ERROR(key.status());
  const WrapGate::Inside wrapping(wrapping_);
  CopyKeyRow anew = *row;
  LIMPID_RETURN_IF_ERROR(WrapCopyKey(anew, *key));
  const std::array<KeyStore::CopyKeyChange, 1> change{{{*row, anew}}};
  LIMPID_RETURN_IF_ERROR(store_.Replace({}, change).status());
  return CopyKey{row->key_id, *std::move(key)};
}

absl::StatusOr<CopyKey> KeyTree::FindOrCreateCopyKey(
    const Owner& owner, const RecordKey& record_key, std::string_view record,
    absl::Time now) {
  auto found = FindCopyKey(owner, record_key, record);
  if (!absl::IsNotFound(found.status())) return found;
  // One whose epoch is gone is of no use to anybody.
  LIMPID_ASSIGN_OR_RETURN(const auto dead,
                          store_.FindCopyKey(owner, record_key));
  if (dead) {
    LIMPID_RETURN_IF_ERROR(store_.DestroyCopyKey(owner, record_key));
  }
  const absl::Status made = MakeCopyKey(owner, record_key, now);
  // Somebody else was first: that key is the one that counts.
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return FindCopyKey(owner, record_key, record);
}

absl::Status KeyTree::MakeCopyKey(const Owner& owner,
                                  const RecordKey& record_key, absl::Time now) {
  const WrapGate::Inside wrapping(wrapping_);
  CopyKeyRow row;
  row.owner = owner;
  row.record_key = record_key;
  random_.Fill(row.key_id);
  row.epoch = source_.current_epoch();
  row.created_ms = absl::ToUnixMillis(now);
  const base::SecretBytes key = crypto::HedgedKey(
      "vault-copy-key", CopyKeyAad(row, {}, /*suite=*/0), {}, random_);
  LIMPID_RETURN_IF_ERROR(WrapCopyKey(row, key));
  return store_.InsertCopyKey(row);
}

absl::StatusOr<std::shared_ptr<const PersonKey>> KeyTree::Find(
    const Owner& owner, std::uint32_t generation) {
  const CacheKey cache_key(owner.id, generation);
  std::uint64_t forgets = 0;
  if (auto cached = Cached(cache_key, forgets)) return cached;
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          store_.FindServerSlot(owner, generation));
  if (!row) return absl::NotFoundError("no key for this person");
  auto key = Unwrap(*row);
  // She has one, so that nothing may be made in its place.
  if (absl::IsNotFound(key.status())) return SlotBroken();
  LIMPID_RETURN_IF_ERROR(key.status());
  Remember(cache_key, *key, forgets);
  return key;
}

absl::StatusOr<std::shared_ptr<const PersonKey>> KeyTree::FindOrCreate(
    const Owner& owner, absl::Time now) {
  auto found = Find(owner, 0);
  if (!absl::IsNotFound(found.status())) return found;
  const absl::Status made = MakeKey(owner, kFirstGeneration, now).status();
  // Somebody else was first: her key is the one that counts.
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return Find(owner, 0);
}

absl::Status KeyTree::WrapServerSlot(SlotRow& row,
                                     const base::SecretBytes& key) {
  row.epoch = source_.current_epoch();
  LIMPID_ASSIGN_OR_RETURN(const auto kek, Kek(row.epoch));
  row.outer = crypto::SealSecret(
      options_.suite, *kek, KekId(row.epoch),
      SlotAad(row, static_cast<std::uint8_t>(options_.suite)).Encode(), key);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const PersonKey>> KeyTree::MakeKey(
    const Owner& owner, std::uint32_t generation, absl::Time now) {
  const WrapGate::Inside wrapping(wrapping_);
  SlotRow row;
  row.owner = owner;
  row.generation = generation;
  random_.Fill(row.key_id);
  row.epoch = source_.current_epoch();
  row.created_ms = absl::ToUnixMillis(now);
  const base::SecretBytes key = crypto::HedgedKey(
      "vault-person-key", SlotAad(row, /*suite=*/0).Encode(), {}, random_);
  LIMPID_RETURN_IF_ERROR(WrapServerSlot(row, key));
  LIMPID_RETURN_IF_ERROR(store_.Insert(row));
  LIMPID_ASSIGN_OR_RETURN(const auto stored,
                          store_.FindServerSlot(owner, generation));
  if (!stored || *stored != row) return SlotBroken();
  LIMPID_ASSIGN_OR_RETURN(auto opened, Unwrap(*stored));
  if (opened->key != key) return SlotBroken();
  return opened;
}

absl::StatusOr<std::uint32_t> KeyTree::StartEpoch() {
  const WrapGate::Alone alone(wrapping_);
  return source_.AddEpoch();
}

absl::StatusOr<SlotRow> KeyTree::Rewrap(const SlotRow& row) {
  SlotRow out = row;
  if (row.slot_kind == SlotKind::kServer) {
    LIMPID_ASSIGN_OR_RETURN(const auto opened, Unwrap(row));
    LIMPID_RETURN_IF_ERROR(WrapServerSlot(out, opened->key));
    LIMPID_ASSIGN_OR_RETURN(const auto again, Unwrap(out));
    return again->key == opened->key ? absl::StatusOr<SlotRow>(out)
                                     : SlotBroken();
  }
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes body, UnwrapBody(row));
  LIMPID_RETURN_IF_ERROR(WrapBody(out, body));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes again, UnwrapBody(out));
  return again == body ? absl::StatusOr<SlotRow>(out) : SlotBroken();
}

absl::StatusOr<CopyKeyRow> KeyTree::Rewrap(const CopyKeyRow& row) {
  auto key = OpenCopyKey(row, {});
  if (absl::IsDataLoss(key.status())) {
    return absl::FailedPreconditionError("it needs the name of its record");
  }
  if (!key.ok()) return key.status();
  CopyKeyRow out = row;
  LIMPID_RETURN_IF_ERROR(WrapCopyKey(out, *key));
  return out;
}

absl::Status KeyTree::DestroyEpoch(std::uint32_t epoch) {
  LIMPID_RETURN_IF_ERROR(source_.DestroyKek(epoch));
  const base::MutexLock lock(mutex_);
  // Whoever read the key before puts it into no cache any more.
  ended_.insert(epoch);
  keks_.erase(epoch);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const PersonKey>> KeyTree::AddGeneration(
    const Owner& owner, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const auto newest, store_.FindServerSlot(owner, 0));
  if (!newest) return absl::NotFoundError("no key for this person");
  LIMPID_ASSIGN_OR_RETURN(auto made,
                          MakeKey(owner, newest->generation + 1, now));
  Forget(owner.id);
  // It was read and opened just now, and is asked for next.
  const CacheKey cache_key(owner.id, made->generation);
  std::uint64_t forgets = 0;
  if (auto cached = Cached(cache_key, forgets)) return cached;
  Remember(cache_key, made, forgets);
  return made;
}

absl::Status KeyTree::DestroyBelow(const Owner& owner,
                                   std::uint32_t generation) {
  absl::Status deleted =
      store_.DeleteSlotsBelow(owner, Custody::kAssisted, generation).status();
  // Also after a failure: it may have been done.
  ForgetBelow(owner.id, generation);
  return deleted;
}

std::shared_ptr<const PersonKey> KeyTree::Cached(const CacheKey& key,
                                                 std::uint64_t& forgets) {
  const base::MutexLock lock(mutex_);
  forgets = forgets_;
  const auto found = cache_.find(key);
  if (found == cache_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->second;
}

void KeyTree::Remember(const CacheKey& key,
                       std::shared_ptr<const PersonKey> value,
                       std::uint64_t forgets) {
  const base::MutexLock lock(mutex_);
  if (cache_.contains(key) || options_.cache_size == 0 || forgets != forgets_) {
    return;
  }
  recent_.emplace_front(key, std::move(value));
  cache_.emplace(key, recent_.begin());
  if (recent_.size() > options_.cache_size) {
    cache_.erase(recent_.back().first);
    recent_.pop_back();
  }
}

void KeyTree::Forget(const HolderId& holder) {
  ForgetBelow(holder, std::numeric_limits<std::uint32_t>::max());
}

void KeyTree::ForgetBelow(const HolderId& holder, std::uint32_t generation) {
  const base::MutexLock lock(mutex_);
  ++forgets_;
  // From 0 on, which stands for the newest there was.
  auto item = cache_.lower_bound(CacheKey(holder, 0));
  while (item != cache_.end() && item->first < CacheKey(holder, generation)) {
    recent_.erase(item->second);
    item = cache_.erase(item);
  }
}

}  // namespace limpid::vault
