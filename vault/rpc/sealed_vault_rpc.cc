#include "vault/rpc/sealed_vault_rpc.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/custody/slot_body.h"
#include "vault/rpc/convert.h"
#include "vault/rpc/holder_authenticator.h"
#include "vault/rpc/recovery_rpc.h"

namespace limpid::vault {
namespace {

absl::StatusOr<base::ByteArray<16>> Sixteen(std::string_view path,
                                            const std::string& bytes) {
  base::ByteArray<16> out{};
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes(path, bytes, out.size()));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

absl::StatusOr<SlotKind> KindOf(v1::SlotKind kind) {
  switch (kind) {
    case v1::SLOT_KIND_DEVICE:
      return SlotKind::kDevice;
    case v1::SLOT_KIND_RECOVERY:
      return SlotKind::kRecovery;
    case v1::SLOT_KIND_PASSPHRASE:
      return SlotKind::kPassphrase;
    case v1::SLOT_KIND_SERVER:
    case v1::SLOT_KIND_UNSPECIFIED:
    case v1::SlotKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::SlotKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return rpc::FieldError("kind", "is not a slot that a device makes");
}

absl::StatusOr<Slot> SlotOf(const v1::KeySlot& message) {
  Slot out;
  LIMPID_ASSIGN_OR_RETURN(out.name.kind, KindOf(message.kind()));
  LIMPID_ASSIGN_OR_RETURN(out.name.id, Sixteen("slot_id", message.slot_id()));
  out.name.generation = message.generation();
  LIMPID_ASSIGN_OR_RETURN(out.key_id, Sixteen("key_id", message.key_id()));
  if (message.body().empty() || message.body().size() > kMaxSlotBodyBytes) {
    return rpc::FieldError("body", "must have 1 to 512 bytes");
  }
  out.body = base::ToBytes(message.body());
  return out;
}

v1::KeySlot ToProto(const Slot& slot) {
  v1::KeySlot out;
  // The numbers are the stored ones.
  out.set_kind(static_cast<v1::SlotKind>(slot.name.kind));
  out.set_slot_id(base::ToText(slot.name.id));
  out.set_generation(slot.name.generation);
  out.set_key_id(base::ToText(slot.key_id));
  out.set_body(base::ToText(slot.body));
  *out.mutable_create_time() = vault::ToProto(slot.created);
  if (slot.origin) *out.mutable_origin() = vault::ToProto(*slot.origin);
  return out;
}

void AddRecoveries(const std::vector<SlotRecovery>& recoveries,
                   v1::ListKeySlotsResponse& response) {
  for (const SlotRecovery& recovery : recoveries) {
    const std::string id = base::ToText(recovery.slot_id);
    for (v1::KeySlot& slot : *response.mutable_slots()) {
      if (slot.kind() == v1::SLOT_KIND_RECOVERY && slot.slot_id() == id) {
        *slot.mutable_recovery() = vault::ToProto(recovery);
      }
    }
  }
}

absl::StatusOr<absl::Time> TimeOf(const google::protobuf::Timestamp& time) {
  constexpr std::int32_t kNanosPerMilli = 1'000'000;
  constexpr std::int32_t kNanosPerSecond = 1'000'000'000;
  if (time.seconds() <= 0 || time.nanos() < 0 ||
      time.nanos() >= kNanosPerSecond || time.nanos() % kNanosPerMilli != 0) {
    return rpc::FieldError("put_time", "must be whole milliseconds");
  }
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

absl::StatusOr<NewSealedValue> ValueOf(
    const v1::PutSealedAttributeRequest& request) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request.attribute(),
                                        Definition::kMaxIdBytes));
  NewSealedValue out;
  out.attribute = request.attribute();
  out.schema_version = request.schema_version();
  out.version = request.version();
  LIMPID_ASSIGN_OR_RETURN(out.request_id,
                          Sixteen("request_id", request.request_id()));
  LIMPID_ASSIGN_OR_RETURN(out.put_time, TimeOf(request.put_time()));
  const v1::SealedValue& sealed = request.sealed();
  LIMPID_ASSIGN_OR_RETURN(out.parts.id,
                          Sixteen("sealed.dek_id", sealed.dek_id()));
  out.parts.generation = sealed.generation();
  out.parts.label = base::ToBytes(sealed.label());
  out.parts.wrap = base::ToBytes(sealed.wrap());
  out.parts.payload = base::ToBytes(sealed.payload());
  return out;
}

}  // namespace

SealedVaultRpc::SealedVaultRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                               SlotDesk& slots, SealedVault& vault,
                               CopyDesk& copies, RecoveryDesk& recoveries)
    : edge_(rpc::EdgeOf<v1::SealedVaultService>(runtime, policy)),
      slots_(slots),
      vault_(vault),
      copies_(copies),
      recoveries_(recoveries) {}

grpc::ServerUnaryReactor* SealedVaultRpc::ListKeySlots(
    grpc::CallbackServerContext* context,
    const v1::ListKeySlotsRequest* /*request*/,
    v1::ListKeySlotsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto slots, slots_.List(person));
        for (const Slot& slot : slots) *response->add_slots() = ToProto(slot);
        LIMPID_ASSIGN_OR_RETURN(const auto recoveries,
                                recoveries_.List(person));
        AddRecoveries(recoveries, *response);
        response->set_holder_id(base::ToText(person.holder.bytes()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SealedVaultRpc::AddKeySlot(
    grpc::CallbackServerContext* context, const v1::AddKeySlotRequest* request,
    v1::AddKeySlotResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        const absl::StatusOr<Slot> slot = SlotOf(request->slot());
        if (!slot.ok()) return rpc::InsideField("slot", slot.status());
        const absl::StatusOr<DoneAct> done = slots_.Add(person, *slot);
        if (!done.ok()) return rpc::InsideField("slot", done.status());
        response->set_commitment(base::ToText(done->commitment));
        *response->mutable_promised_by_time() =
            vault::ToProto(done->promised_by);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SealedVaultRpc::DeleteKeySlot(
    grpc::CallbackServerContext* context,
    const v1::DeleteKeySlotRequest* request,
    v1::DeleteKeySlotResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        SlotName name;
        LIMPID_ASSIGN_OR_RETURN(name.kind, KindOf(request->kind()));
        LIMPID_ASSIGN_OR_RETURN(name.id,
                                Sixteen("slot_id", request->slot_id()));
        name.generation = request->generation();
        LIMPID_ASSIGN_OR_RETURN(const DoneAct done,
                                slots_.Remove(person, name));
        response->set_commitment(base::ToText(done.commitment));
        *response->mutable_promised_by_time() =
            vault::ToProto(done.promised_by);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SealedVaultRpc::GetSealingPlace(
    grpc::CallbackServerContext* context,
    const v1::GetSealingPlaceRequest* request,
    v1::GetSealingPlaceResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_RETURN_IF_ERROR(rpc::CheckText("attribute", request->attribute(),
                                              Definition::kMaxIdBytes));
        LIMPID_ASSIGN_OR_RETURN(const SealingPlace place,
                                vault_.Place(person, request->attribute()));
        *response->mutable_definition() =
            vault::ToProto(place.entry->definition);
        response->set_version(place.version);
        response->set_holder_id(base::ToText(person.holder.bytes()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SealedVaultRpc::PutSealedAttribute(
    grpc::CallbackServerContext* context,
    const v1::PutSealedAttributeRequest* request,
    v1::PutSealedAttributeResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const NewSealedValue value, ValueOf(*request));
        LIMPID_ASSIGN_OR_RETURN(const DoneAct done, vault_.Put(person, value));
        response->set_version(done.version);
        *response->mutable_put_time() = request->put_time();
        response->set_commitment(base::ToText(done.commitment));
        *response->mutable_promised_by_time() =
            vault::ToProto(done.promised_by);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SealedVaultRpc::PutGrantCopy(
    grpc::CallbackServerContext* context,
    const v1::PutGrantCopyRequest* request,
    v1::PutGrantCopyResponse* /*response*/) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        return copies_.Put(person, base::AsBytes(request->copy()));
      });
}

grpc::ServerUnaryReactor* SealedVaultRpc::DeleteGrantCopies(
    grpc::CallbackServerContext* context,
    const v1::DeleteGrantCopiesRequest* request,
    v1::DeleteGrantCopiesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        const auto record = base::ParseIdText("rec", request->record_id());
        if (!record.ok()) return rpc::AtField("record_id", record.status());
        LIMPID_ASSIGN_OR_RETURN(const std::int64_t count,
                                copies_.Forget(person, *record));
        response->set_copy_count(count);
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault
