#include "consent/ledger/sealing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"

namespace limpid::consent {
namespace {

constexpr auto kSuite = crypto::Suite::kXChaCha20Poly1305;
constexpr std::uint16_t kShards = 4'096;
// Hides how many lines an entry has, a little; event-sealing.md.
constexpr std::size_t kPadBytes = 128;
constexpr std::size_t kRandomBytes = 10;
// Log keys that something was erased from are read anew each time: locked
// memory is scarce.
constexpr std::size_t kMaxKeptNodes = 1;

base::Bytes PersonKeyAad(const PersonId& person, std::uint32_t epoch) {
  base::ByteWriter out("limpid/consent-person-key/1");
  out.Raw(person.bytes()).U32(epoch);
  return out.Take();
}

base::Bytes LogKeyAad(const PersonId& person, std::uint32_t epoch) {
  base::ByteWriter out("limpid/consent-log-key/1");
  out.Raw(person.bytes()).U32(epoch);
  return out.Take();
}

base::Bytes RowAad(const RowKey& row) {
  base::ByteWriter out("limpid/consent-row/1");
  out.U16(row.shard)
      .Raw(row.person.bytes())
      .U8(static_cast<std::uint8_t>(row.kind))
      .Raw(row.id)
      .U64(row.sequence);
  return out.Take();
}

base::Bytes PublicAad(PublicKind kind, base::ByteView id) {
  base::ByteWriter out("limpid/consent-public-row/1");
  out.U8(static_cast<std::uint8_t>(kind)).Lp(id);
  return out.Take();
}

base::Bytes StreamAad(const EventRow& row) {
  base::ByteWriter out("limpid/consent-stream/1");
  out.Raw(row.service).U64(row.position).Raw(row.person.bytes());
  return out.Take();
}

base::Bytes EntryAad(std::string_view label, const PersonId& person,
                     std::uint64_t sequence) {
  base::ByteWriter out(label);
  out.Raw(person.bytes()).U64(sequence);
  return out.Take();
}

base::Bytes EventKeyAad(const PersonId& person, std::uint64_t sequence) {
  return EntryAad("limpid/consent-event-key/1", person, sequence);
}

base::Bytes EventAad(const PersonId& person, std::uint64_t sequence) {
  return EntryAad("limpid/consent-event/1", person, sequence);
}

absl::Status Damaged() {
  return absl::DataLossError("a stored row does not open");
}

}  // namespace

absl::StatusOr<PersonKey> PersonKeys::Create(const PersonId& person) {
  const std::uint64_t changes = Changes();
  const std::uint32_t epoch = keks_.current_epoch();
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes kek, keks_.Kek(epoch));
  const base::Bytes aad = PersonKeyAad(person, epoch);
  auto key = std::make_shared<const base::SecretBytes>(
      crypto::HedgedKey("limpid/consent-person-key/1", aad, {}));
  PersonKeyStore::Wrapped wrapped;
  wrapped.epoch = epoch;
  wrapped.wrap = crypto::SealSecret(kSuite, kek, person.bytes(), aad, *key);
  LIMPID_RETURN_IF_ERROR(store_.Insert(person, wrapped));
  Remember(person, key, changes);
  return PersonKey(std::move(key));
}

absl::StatusOr<PersonKey> PersonKeys::Get(const PersonId& person) {
  std::uint64_t changes = 0;
  {
    const base::MutexLock lock(mutex_);
    changes = changes_;
    const auto at = keys_.find(person);
    if (at != keys_.end()) {
      recent_.splice(recent_.begin(), recent_, at->second.second);
      return at->second.first;
    }
  }
  LIMPID_ASSIGN_OR_RETURN(const auto wrapped, store_.Get(person));
  if (!wrapped) return absl::NotFoundError("the person has no key");
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes kek,
                          keks_.Kek(wrapped->epoch));
  LIMPID_ASSIGN_OR_RETURN(
      base::SecretBytes opened,
      crypto::OpenSecret(kek, person.bytes(),
                         PersonKeyAad(person, wrapped->epoch), wrapped->wrap));
  auto key = std::make_shared<const base::SecretBytes>(std::move(opened));
  Remember(person, key, changes);
  return PersonKey(std::move(key));
}

std::uint64_t PersonKeys::Changes() {
  const base::MutexLock lock(mutex_);
  return changes_;
}

void PersonKeys::Remember(const PersonId& person, const PersonKey& key,
                          std::uint64_t changes) {
  const base::MutexLock lock(mutex_);
  if (changes != changes_ || keys_.contains(person)) return;
  recent_.push_front(person);
  keys_.emplace(person, std::make_pair(key, recent_.begin()));
  if (keys_.size() <= kCapacity) return;
  keys_.erase(recent_.back());
  recent_.pop_back();
}

absl::StatusOr<LogKeyPointer> PersonKeys::ReadLogKey(
    const PersonId& person) const {
  LIMPID_ASSIGN_OR_RETURN(const auto wrapped, store_.GetLogKey(person));
  if (!wrapped) return absl::NotFoundError("the person has no log key");
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes kek,
                          keks_.Kek(wrapped->epoch));
  LIMPID_ASSIGN_OR_RETURN(
      base::SecretBytes opened,
      crypto::OpenSecret(kek, person.bytes(), LogKeyAad(person, wrapped->epoch),
                         wrapped->wrap));
  LIMPID_ASSIGN_OR_RETURN(LogKey key, LogKey::Decode(std::move(opened)));
  return std::make_shared<const LogKey>(std::move(key));
}

absl::StatusOr<LogKeyPointer> PersonKeys::LogKeyOf(const PersonId& person) {
  std::uint64_t changes = 0;
  {
    const base::MutexLock lock(mutex_);
    const auto at = log_keys_.find(person);
    if (at != log_keys_.end()) return at->second;
    changes = changes_;
  }
  LIMPID_ASSIGN_OR_RETURN(const LogKeyPointer key, ReadLogKey(person));
  const base::MutexLock lock(mutex_);
  if (key->node_count() > kMaxKeptNodes || changes != changes_) {
    return key;
  }
  if (log_keys_.size() >= kCapacity) log_keys_.clear();
  log_keys_[person] = key;
  return key;
}

absl::Status PersonKeys::StoreLogKey(const PersonId& person,
                                     const LogKeyPointer& key) {
  PersonKeyStore::Wrapped wrapped;
  wrapped.epoch = keks_.current_epoch();
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes kek,
                          keks_.Kek(wrapped.epoch));
  wrapped.wrap =
      crypto::SealSecret(kSuite, kek, person.bytes(),
                         LogKeyAad(person, wrapped.epoch), key->encoded());
  absl::Status stored = store_.PutLogKey(person, wrapped);
  // Also after a failure: it may have been stored.
  const base::MutexLock lock(mutex_);
  ++changes_;
  log_keys_.erase(person);
  return stored;
}

absl::StatusOr<LogKeyPointer> PersonKeys::MakeLogKey(const PersonId& person) {
  auto present = LogKeyOf(person);
  if (!absl::IsNotFound(present.status())) return present;
  auto key = std::make_shared<const LogKey>(LogKey::Make());
  LIMPID_RETURN_IF_ERROR(StoreLogKey(person, key));
  return LogKeyPointer(std::move(key));
}

absl::StatusOr<LogKeyPointer> PersonKeys::DestroyEntryKey(
    const PersonId& person, std::uint64_t sequence, std::uint64_t newest) {
  LIMPID_ASSIGN_OR_RETURN(const LogKeyPointer before, ReadLogKey(person));
  if (!before->Has(sequence)) return before;
  LIMPID_ASSIGN_OR_RETURN(LogKey after, before->Without(sequence, newest));
  auto key = std::make_shared<const LogKey>(std::move(after));
  LIMPID_RETURN_IF_ERROR(StoreLogKey(person, key));
  return LogKeyPointer(std::move(key));
}

absl::StatusOr<bool> PersonKeys::Holds(const PersonId& person) const {
  LIMPID_ASSIGN_OR_RETURN(const auto key, store_.Get(person));
  if (key) return true;
  LIMPID_ASSIGN_OR_RETURN(const auto log_key, store_.GetLogKey(person));
  return log_key.has_value();
}

absl::Status PersonKeys::Erase(const PersonId& person) {
  absl::Status erased = store_.Erase(person);
  // Also after a failure: it may have been erased.
  const base::MutexLock lock(mutex_);
  ++changes_;
  log_keys_.erase(person);
  const auto at = keys_.find(person);
  if (at != keys_.end()) {
    recent_.erase(at->second.second);
    keys_.erase(at);
  }
  return erased;
}

base::Bytes SealRow(const base::SecretBytes& key, const RowKey& row,
                    base::ByteView plaintext) {
  return crypto::Seal(kSuite, key, row.person.bytes(), RowAad(row), plaintext);
}

absl::StatusOr<base::Bytes> OpenRow(const base::SecretBytes& key,
                                    const PersonalRow& row) {
  return crypto::Open(key, row.key.person.bytes(), RowAad(row.key),
                      row.payload);
}

base::Bytes SealPublic(const base::SecretBytes& key, PublicKind kind,
                       base::ByteView id, base::ByteView plaintext) {
  return crypto::Seal(kSuite, key, {}, PublicAad(kind, id), plaintext);
}

absl::StatusOr<base::Bytes> OpenPublic(const base::SecretBytes& key,
                                       const PublicRow& row) {
  return crypto::Open(key, {}, PublicAad(row.kind, row.id), row.payload);
}

base::Bytes SealStreamEvent(const base::SecretBytes& key, const EventRow& row,
                            base::ByteView plaintext) {
  return crypto::Seal(kSuite, key, row.person.bytes(), StreamAad(row),
                      plaintext);
}

absl::StatusOr<base::Bytes> OpenStreamEvent(const base::SecretBytes& key,
                                            const EventRow& row) {
  return crypto::Open(key, row.person.bytes(), StreamAad(row), row.payload);
}

base::Bytes SealEntry(const base::SecretBytes& key, const PersonId& person,
                      std::uint64_t sequence, const SealedEntry& entry) {
  base::ByteWriter plain;
  plain.Raw(entry.opening).U64(entry.position).Lp(entry.entry);
  base::Bytes plaintext = plain.Take();
  plaintext.resize((plaintext.size() + kPadBytes - 1) / kPadBytes * kPadBytes);
  const base::Bytes aad = EventAad(person, sequence);
  const base::SecretBytes event_key =
      crypto::HedgedKey("limpid/consent-event/1", aad, plaintext);
  base::ByteWriter out;
  out.Lp(crypto::SealSecret(kSuite, key, person.bytes(),
                            EventKeyAad(person, sequence), event_key))
      .Lp(crypto::Seal(kSuite, event_key, person.bytes(), aad, plaintext));
  return out.Take();
}

absl::StatusOr<SealedEntry> OpenEntry(const base::SecretBytes& key,
                                      const PersonId& person,
                                      std::uint64_t sequence,
                                      base::ByteView payload) {
  base::ByteReader outer(payload);
  const base::ByteView wrap = outer.Lp();
  const base::ByteView sealed = outer.Lp();
  if (!outer.Finish().ok()) return Damaged();
  LIMPID_ASSIGN_OR_RETURN(
      const base::SecretBytes event_key,
      crypto::OpenSecret(key, person.bytes(), EventKeyAad(person, sequence),
                         wrap));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes plaintext,
                          crypto::Open(event_key, person.bytes(),
                                       EventAad(person, sequence), sealed));
  base::ByteReader reader(plaintext);
  SealedEntry out;
  out.opening = reader.Array<32>();
  out.position = reader.U64();
  out.entry = base::ToBytes(reader.Lp());
  const base::ByteView padding = reader.rest();
  const bool zero = std::all_of(padding.begin(), padding.end(),
                                [](std::uint8_t byte) { return byte == 0; });
  if (reader.failed() || !zero) return Damaged();
  return out;
}

std::uint16_t Blinder::ShardOf(const PersonId& person) const {
  const base::Digest32 hash = crypto::HmacSha256(
      index_key_.Reveal(base::SecretAccess::Get()), {person.bytes()});
  return static_cast<std::uint16_t>((hash[0] * 256U + hash[1]) % kShards);
}

base::Digest32 Blinder::BlindWhole(
    std::uint8_t kind, std::initializer_list<base::ByteView> parts) const {
  base::ByteWriter out("limpid/consent-index/1");
  out.U8(kind);
  for (const base::ByteView part : parts) out.Lp(part);
  return crypto::HmacSha256(index_key_.Reveal(base::SecretAccess::Get()),
                            {out.bytes()});
}

RowId Blinder::Blind(std::uint8_t kind,
                     std::initializer_list<base::ByteView> parts) const {
  const base::Digest32 hash = BlindWhole(kind, parts);
  RowId blinded{};
  std::copy_n(hash.begin(), blinded.size(), blinded.begin());
  return blinded;
}

std::uint64_t Blinder::Mask(base::ByteView random) const {
  const base::Digest32 hash = crypto::HmacSha256(
      access_id_key_.Reveal(base::SecretAccess::Get()), {random});
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < 6; ++i) mask = mask << 8U | hash[i];
  return mask;
}

AccessId Blinder::MakeAccessId(std::uint64_t sequence) const {
  base::ByteArray<16> bytes{};
  crypto::FillRandom(std::span(bytes).first(kRandomBytes));
  std::uint64_t hidden =
      sequence ^ Mask(base::ByteView(bytes).first(kRandomBytes));
  for (std::size_t i = bytes.size(); i > kRandomBytes; --i) {
    bytes[i - 1] = static_cast<std::uint8_t>(hidden & 0xffU);
    hidden >>= 8U;
  }
  return AccessId(bytes);
}

std::uint64_t Blinder::SequenceOf(const AccessId& access) const {
  const base::ByteView bytes(access.bytes());
  std::uint64_t hidden = 0;
  for (const std::uint8_t byte : bytes.subspan(kRandomBytes)) {
    hidden = hidden << 8U | byte;
  }
  return hidden ^ Mask(bytes.first(kRandomBytes));
}

}  // namespace limpid::consent
