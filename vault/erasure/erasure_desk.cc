#include "vault/erasure/erasure_desk.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "vault/erasure/hold.h"

namespace limpid::vault {
namespace {

absl::Status NoCertificate() {
  return absl::NotFoundError("there is no certificate of such an erasure");
}

// What an earlier erasure could not finish, because a row does not open, is no
// reason not to begin another.
bool MayGoOn(const absl::Status& owed) {
  return owed.ok() || absl::IsDataLoss(owed);
}

// Milliseconds, as everything that is stored and signed.
absl::Time Whole(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

}  // namespace

base::Bytes PersonErasureStatement(const SourceId& source, absl::Time time) {
  base::ByteWriter out("limpid/vault/erase-person/1");
  return out.Raw(source.bytes())
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)))
      .Take();
}

absl::Status ErasureDesk::CheckHolds(const Owner& owner) const {
  std::vector<HoldRow> holds;
  LIMPID_RETURN_IF_ERROR(
      core_.store().ReadErasure([&](const ErasureReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(holds, reads.Holds(owner));
        return absl::OkStatus();
      }));
  for (const HoldRow& row : holds) {
    if (row.lifted_ms != 0) continue;
    LIMPID_ASSIGN_OR_RETURN(const PlacedHold placed,
                            OpenHold(core_.identity(), eraser_.key(), row));
    return absl::FailedPreconditionError(absl::StrCat(
        "nothing of yours may be erased now: a hold stands under ",
        LawOf(placed.hold.ground), "; ask for your holds to see why"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Erased> ErasureDesk::EraseRows(
    const Owner& owner, const NameKey& name,
    const std::vector<AttributeRow>& rows, std::uint64_t answer_for) {
  std::vector<Tombstone> tombstones;
  tombstones.reserve(rows.size());
  const std::int64_t now = absl::ToUnixMillis(core_.clock().Now());
  for (const AttributeRow& row : rows) {
    tombstones.push_back({0, TombstoneKind::kVersion, owner, row.id, now});
  }
  LIMPID_RETURN_IF_ERROR(eraser_.Erase(std::move(tombstones)));
  LIMPID_ASSIGN_OR_RETURN(
      const auto act,
      core_.store().FindAct({owner, name, answer_for, ActKind::kErase}));
  if (!act) return absl::DataLossError("a row has no act in the vault's log");
  return AnswerFor(*act);
}

absl::StatusOr<Erased> ErasureDesk::EraseVersion(const PersonCaller& caller,
                                                 std::string_view attribute,
                                                 std::uint64_t version) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const NameKey name = core_.blinder().NameKeyOf(caller.holder, attribute);
  LIMPID_ASSIGN_OR_RETURN(const PersonLock::Held lock,
                          eraser_.LockOf(owner).TakeWithin());
  const absl::Status owed = eraser_.FinishOwed(owner);
  if (!MayGoOn(owed)) return owed;
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          core_.store().Find(owner, name, version));
  if (!row) return NoSuchVersion();
  if (row->state == RowState::kErased) {
    LIMPID_RETURN_IF_ERROR(owed);
    return EraseRows(owner, name, {}, version);
  }
  LIMPID_RETURN_IF_ERROR(CheckHolds(owner));
  return EraseRows(owner, name, {*row}, version);
}

absl::StatusOr<Erased> ErasureDesk::EraseAttribute(const PersonCaller& caller,
                                                   std::string_view attribute) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const NameKey name = core_.blinder().NameKeyOf(caller.holder, attribute);
  LIMPID_ASSIGN_OR_RETURN(const PersonLock::Held lock,
                          eraser_.LockOf(owner).TakeWithin());
  const absl::Status owed = eraser_.FinishOwed(owner);
  if (!MayGoOn(owed)) return owed;
  std::vector<AttributeRow> rows;
  LIMPID_RETURN_IF_ERROR(
      core_.store().ReadErasure([&](const ErasureReads& reads) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(rows, reads.KeptOf(owner, name));
        return absl::OkStatus();
      }));
  if (!rows.empty()) {
    LIMPID_RETURN_IF_ERROR(CheckHolds(owner));
    const std::uint64_t newest = rows.back().version;
    return EraseRows(owner, name, rows, newest);
  }
  LIMPID_RETURN_IF_ERROR(owed);
  LIMPID_ASSIGN_OR_RETURN(const std::uint64_t highest,
                          core_.store().HighestVersion(owner, name));
  if (highest == 0) return NoSuchVersion();
  return EraseRows(owner, name, {}, highest);
}

absl::StatusOr<Erased> ErasureDesk::ErasePerson(const PersonCaller& caller,
                                                const PersonErasure& request) {
  const absl::Duration off = core_.clock().Now() - request.time;
  const base::Bytes statement =
      PersonErasureStatement(core_.identity().source, request.time);
  if (absl::AbsDuration(off) > PersonErasure::kMostSkew ||
      !caller.key.Verify(statement, request.signature)) {
    return absl::InvalidArgumentError(
        "signature: not yours, or not of the last five minutes");
  }
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  LIMPID_ASSIGN_OR_RETURN(const PersonLock::Held lock,
                          eraser_.LockOf(owner).TakeWithin());
  if (const absl::Status owed = eraser_.FinishOwed(owner); !MayGoOn(owed)) {
    return owed;
  }
  const ActKey key{owner, NameKey(), 0, ActKind::kDestroy};
  LIMPID_ASSIGN_OR_RETURN(auto act, core_.store().FindAct(key));
  if (!act) {
    LIMPID_RETURN_IF_ERROR(CheckHolds(owner));
    const absl::Time now = Whole(core_.clock().Now());
    LIMPID_RETURN_IF_ERROR(eraser_.Erase({Tombstone{
        0, TombstoneKind::kPerson, owner, {}, absl::ToUnixMillis(now)}}));
    LIMPID_ASSIGN_OR_RETURN(act, core_.store().FindAct(key));
  }
  if (!act) return absl::DataLossError("an erasure has no act in the log");
  return AnswerFor(*std::move(act));
}

absl::StatusOr<base::Bytes> ErasureDesk::CertificateIn(
    base::ByteView disclosure) const {
  LIMPID_ASSIGN_OR_RETURN(const Disclosure opened,
                          Disclosure::Decode(disclosure));
  LIMPID_ASSIGN_OR_RETURN(const Act act, Act::Decode(opened.encoded_act));
  return eraser_.CertificateOf(act.body);
}

absl::StatusOr<Erased> ErasureDesk::AnswerFor(ActRow act) const {
  Erased out;
  out.time = absl::FromUnixMillis(act.time_ms);
  out.commitment = act.commitment;
  out.promised_by = out.time + kLogPromise;
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes disclosure,
                          core_.DisclosureOf(act));
  LIMPID_ASSIGN_OR_RETURN(out.certificate, CertificateIn(disclosure));
  if (out.certificate.empty()) return out;
  LIMPID_ASSIGN_OR_RETURN(const ErasureCertificate facts,
                          ErasureCertificate::Decode(out.certificate));
  out.values = facts.values;
  return out;
}

FinalState ErasureDesk::StateOf(const ErasureCertificate& facts) const {
  if (core_.clock().Now() < facts.not_before()) return FinalState::kWaiting;
  for (std::uint32_t epoch = 1; epoch <= facts.epoch; ++epoch) {
    if (!absl::IsNotFound(core_.key_source().Kek(epoch).status())) {
      return FinalState::kKeyStands;
    }
  }
  return facts.epoch == 0 ? FinalState::kKeyStands : FinalState::kFinal;
}

absl::StatusOr<CertificateView> ErasureDesk::View(
    const Owner& owner, std::optional<ActRow> act) const {
  if (!act) return NoCertificate();
  LIMPID_ASSIGN_OR_RETURN(const auto owed, core_.key_store().Unfinished(owner));
  if (!owed.empty()) {
    return absl::FailedPreconditionError(
        "the erasure is not finished: an older key of yours still stands");
  }
  CertificateView out;
  out.proof.commitment = act->commitment;
  out.proof.promised_by = absl::FromUnixMillis(act->time_ms) + kLogPromise;
  LIMPID_ASSIGN_OR_RETURN(out.proof.disclosure, core_.DisclosureOf(*act));
  LIMPID_ASSIGN_OR_RETURN(out.certificate, CertificateIn(out.proof.disclosure));
  if (out.certificate.empty()) return NoCertificate();
  LIMPID_ASSIGN_OR_RETURN(out.facts,
                          ErasureCertificate::Decode(out.certificate));
  LIMPID_ASSIGN_OR_RETURN(out.proof.leaf, publisher_.Prove(act->counter));
  out.state = StateOf(out.facts);
  return out;
}

absl::StatusOr<CertificateView> ErasureDesk::CertificateOfVersion(
    const PersonCaller& caller, std::string_view attribute,
    std::uint64_t version) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  const NameKey name = core_.blinder().NameKeyOf(caller.holder, attribute);
  LIMPID_ASSIGN_OR_RETURN(
      auto act, core_.store().FindAct({owner, name, version, ActKind::kErase}));
  return View(owner, std::move(act));
}

absl::StatusOr<CertificateView> ErasureDesk::CertificateOfPerson(
    const PersonCaller& caller) {
  const Owner owner = core_.blinder().OwnerOf(caller.holder);
  LIMPID_ASSIGN_OR_RETURN(auto act, core_.store().FindAct({owner, NameKey(), 0,
                                                           ActKind::kDestroy}));
  return View(owner, std::move(act));
}

}  // namespace limpid::vault
