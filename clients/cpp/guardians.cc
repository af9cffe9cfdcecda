#include "clients/cpp/guardians.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/recovery_slot.h"
#include "clients/cpp/share_file.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/crypto/slip39.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
namespace slip39 = crypto::slip39;

#define LIMPID_RECOVERY "/limpid.vault.v1.RecoveryService/"
constexpr Method kStart = {LIMPID_RECOVERY "StartRecovery", true};
constexpr Method kGet = {LIMPID_RECOVERY "GetRecoverySlot", true};
constexpr Method kCancel = {LIMPID_RECOVERY "CancelRecovery", true};
constexpr Method kAllow = {LIMPID_RECOVERY "AllowRecovery", true};
#undef LIMPID_RECOVERY
constexpr Method kAdd = {"/limpid.vault.v1.SealedVaultService/AddKeySlot",
                         true};

absl::Status OtherSlot() {
  return absl::DataLossError("the vault answered about another slot");
}

// New files of one making; gone again unless kept.
class NewFiles {
 public:
  NewFiles() = default;
  ~NewFiles() {
    std::error_code ignored;
    for (const auto& file : files_) std::filesystem::remove(file, ignored);
  }
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;

  void Add(std::filesystem::path file) { files_.push_back(std::move(file)); }
  std::vector<std::filesystem::path> Keep() {
    return std::exchange(files_, {});
  }

 private:
  std::vector<std::filesystem::path> files_;
};

// The shares of `key`, one group, and that they give it back.
absl::StatusOr<slip39::GroupShares> Split(const base::SecretBytes& key,
                                          std::uint8_t threshold,
                                          std::uint8_t count) {
  slip39::Splitting splitting;
  splitting.groups = {{threshold, count}};
  LIMPID_ASSIGN_OR_RETURN(auto groups, slip39::Split(key, splitting));
  slip39::GroupShares& shares = groups.front();
  LIMPID_ASSIGN_OR_RETURN(
      const base::SecretBytes again,
      slip39::Combine(std::span(shares).last(threshold), ""));
  if (again != key) return absl::InternalError("shares do not combine");
  return std::move(shares);
}

absl::Status NotOfAnySet() {
  return absl::InvalidArgumentError(
      "the shares fit together, but are of no set that your vault keeps: of an "
      "earlier one, or of somebody else's");
}

// The slot that opens with the recovery key `key`.
absl::StatusOr<v1::KeySlot> SlotOf(const SealedClient::Listed& listed,
                                   const base::SecretBytes& key) {
  const std::string commitment =
      base::ToText(RecoveryCommitment(listed.home, key));
  bool any = false;
  for (const v1::KeySlot& slot : listed.slots) {
    if (slot.kind() != v1::SLOT_KIND_RECOVERY) continue;
    any = true;
    if (slot.recovery().commitment() == commitment &&
        key.size() == kRecoveryKeyBytes) {
      return slot;
    }
  }
  if (any) return NotOfAnySet();
  return absl::NotFoundError("your vault keeps no recovery slot of yours");
}

// That the slot is of the sealed key that this device knows, if it knows one.
absl::Status CheckFits(const SealedClient::Listed& listed,
                       const v1::KeySlot& slot) {
  LIMPID_ASSIGN_OR_RETURN(const SlotPlace place, PlaceOf(slot));
  if (!listed.pin || (listed.pin->key_id == place.key_id &&
                      listed.pin->generation == place.generation)) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      "the recovery slot is of another sealed key than this device knows; "
      "nothing was started");
}

}  // namespace

absl::StatusOr<v1::KeySlot> GuardianClient::AddSlot(
    const SealedHome& home, const SealedKey& key,
    const base::SecretBytes& recovery) {
  const auto slot_id = crypto::RandomArray<16>();
  v1::AddKeySlotRequest request;
  v1::KeySlot& slot = *request.mutable_slot();
  slot.set_kind(v1::SLOT_KIND_RECOVERY);
  slot.set_slot_id(base::ToText(slot_id));
  slot.set_generation(key.generation);
  slot.set_key_id(base::ToText(key.id));
  slot.set_body(base::ToText(RecoverySlotBody(home, key, slot_id, recovery)));
  LIMPID_RETURN_IF_ERROR(
      Invoke<v1::AddKeySlotResponse>(connection_, kAdd, request).status());
  slot.clear_body();
  return slot;
}

absl::StatusOr<GuardianClient::Made> GuardianClient::Make(
    std::uint8_t threshold, std::uint8_t count,
    const std::filesystem::path& directory) {
  const bool fits = threshold == 1 ? count == 1
                                   : threshold >= 2 && threshold <= count &&
                                         count <= slip39::kMaxShares;
  if (!fits) {
    return absl::InvalidArgumentError(
        "guardians are 2 to 16, of whom 2 or more are needed; one alone is a "
        "recovery key on paper, 1 of 1");
  }
  LIMPID_ASSIGN_OR_RETURN(const SealedClient::Listed listed, sealed_.List());
  LIMPID_ASSIGN_OR_RETURN(const SealedKey key, sealed_.Find(listed));
  const base::SecretBytes recovery = MakeRecoveryKey(listed.home, key);
  LIMPID_ASSIGN_OR_RETURN(const auto shares, Split(recovery, threshold, count));
  LIMPID_RETURN_IF_ERROR(MakeDirectories(directory));
  NewFiles files;
  for (std::uint8_t place = 1; place <= count; ++place) {
    const ShareOf share = {place, threshold, count};
    const auto file = directory / ShareFileName(share);
    LIMPID_RETURN_IF_ERROR(WriteNewShareFile(shares[place - 1U], share, file));
    files.Add(file);
  }
  Made out;
  LIMPID_ASSIGN_OR_RETURN(out.slot, AddSlot(listed.home, key, recovery));
  out.files = files.Keep();
  // Not before: until here the earlier guardians are the only ones.
  for (const v1::KeySlot& slot : listed.slots) {
    if (slot.kind() != v1::SLOT_KIND_RECOVERY) continue;
    const absl::Status removed = sealed_.Remove(slot).status();
    // By another device of hers, or by a call whose answer was lost.
    if (removed.ok() || absl::IsNotFound(removed)) {
      ++out.removed;
      continue;
    }
    // The new shares stand, whatever becomes of these.
    out.staying.push_back(slot);
    out.why.Update(removed);
  }
  return out;
}

absl::StatusOr<std::vector<v1::KeySlot>> GuardianClient::List() {
  LIMPID_ASSIGN_OR_RETURN(SealedClient::Listed listed, sealed_.List());
  std::erase_if(listed.slots, [](const v1::KeySlot& slot) {
    return slot.kind() != v1::SLOT_KIND_RECOVERY;
  });
  return std::move(listed.slots);
}

absl::StatusOr<GuardianClient::Progress> GuardianClient::Recover(
    std::span<const base::SecretBytes> shares) {
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes key,
                          slip39::Combine(shares, ""));
  LIMPID_ASSIGN_OR_RETURN(const SealedClient::Listed listed, sealed_.List());
  if (sealed_.Find(listed).ok()) {
    return absl::FailedPreconditionError(
        "this device opens what you sealed already; nothing was started");
  }
  LIMPID_ASSIGN_OR_RETURN(const v1::KeySlot slot, SlotOf(listed, key));
  LIMPID_RETURN_IF_ERROR(CheckFits(listed, slot));
  // Before anything is started, which all her devices are told: a key or a
  // directory of this one that would refuse what comes.
  LIMPID_RETURN_IF_ERROR(sealed_.CheckDevice());
  v1::StartRecoveryRequest start;
  start.set_slot_id(slot.slot_id());
  LIMPID_ASSIGN_OR_RETURN(const auto started, Invoke<v1::StartRecoveryResponse>(
                                                  connection_, kStart, start));
  const v1::RecoveryPhase phase = started.recovery().phase();
  if (phase == v1::RECOVERY_PHASE_OPEN ||
      phase == v1::RECOVERY_PHASE_HANDED_OUT) {
    return Fetch(listed, slot, key);
  }
  return Progress{started.recovery(), /*recovered=*/false};
}

absl::StatusOr<GuardianClient::Progress> GuardianClient::Fetch(
    const SealedClient::Listed& listed, const v1::KeySlot& slot,
    const base::SecretBytes& key) {
  v1::GetRecoverySlotRequest get;
  get.set_slot_id(slot.slot_id());
  LIMPID_ASSIGN_OR_RETURN(const auto got, Invoke<v1::GetRecoverySlotResponse>(
                                              connection_, kGet, get));
  if (got.slot().slot_id() != slot.slot_id()) return OtherSlot();
  LIMPID_ASSIGN_OR_RETURN(const SlotPlace place, PlaceOf(got.slot()));
  const auto opened = OpenRecoverySlot(listed.home, place,
                                       base::AsBytes(got.slot().body()), key);
  // The vault listed another commitment than the slot has.
  if (absl::IsInvalidArgument(opened.status())) return OtherSlot();
  LIMPID_RETURN_IF_ERROR(opened.status());
  LIMPID_RETURN_IF_ERROR(sealed_.Admit(listed, *opened));
  return Progress{got.slot().recovery(), /*recovered=*/true};
}

absl::StatusOr<std::vector<v1::Recovery>> GuardianClient::Cancel() {
  LIMPID_ASSIGN_OR_RETURN(const auto slots, List());
  std::vector<v1::Recovery> out;
  absl::Status failed;
  for (const v1::KeySlot& slot : slots) {
    if (slot.recovery().phase() != v1::RECOVERY_PHASE_WAITING &&
        slot.recovery().phase() != v1::RECOVERY_PHASE_OPEN) {
      continue;
    }
    v1::CancelRecoveryRequest request;
    request.set_slot_id(slot.slot_id());
    request.set_number(slot.recovery().number());
    const auto answer =
        Invoke<v1::CancelRecoveryResponse>(connection_, kCancel, request);
    failed.Update(answer.status());
    if (answer.ok()) out.push_back(answer->recovery());
  }
  if (failed.ok()) return out;
  return absl::Status(failed.code(),
                      absl::StrCat(out.size(),
                                   " recoveries were cancelled, and "
                                   "not all that run: ",
                                   failed.message()));
}

absl::StatusOr<std::vector<v1::Recovery>> GuardianClient::Allow() {
  LIMPID_ASSIGN_OR_RETURN(const SealedClient::Listed listed, sealed_.List());
  LIMPID_ASSIGN_OR_RETURN(const SealedKey key, sealed_.Find(listed));
  std::vector<v1::Recovery> out;
  for (const v1::KeySlot& slot : listed.slots) {
    if (slot.kind() != v1::SLOT_KIND_RECOVERY || !slot.recovery().barred()) {
      continue;
    }
    LIMPID_ASSIGN_OR_RETURN(const SlotPlace place, PlaceOf(slot));
    v1::AllowRecoveryRequest request;
    request.set_slot_id(slot.slot_id());
    request.set_number(slot.recovery().number());
    request.set_signature(base::ToText(
        SignAllow(listed.home, key, place.slot_id, slot.recovery().number())));
    LIMPID_ASSIGN_OR_RETURN(
        const auto answer,
        Invoke<v1::AllowRecoveryResponse>(connection_, kAllow, request));
    out.push_back(answer.recovery());
  }
  return out;
}

}  // namespace limpid::client
