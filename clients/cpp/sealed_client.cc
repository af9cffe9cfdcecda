#include "clients/cpp/sealed_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cpp/wire_time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/json/schema.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

#define LIMPID_SEALED "/limpid.vault.v1.SealedVaultService/"
constexpr Method kList = {LIMPID_SEALED "ListKeySlots", true};
constexpr Method kAdd = {LIMPID_SEALED "AddKeySlot", true};
// Not sent twice: the second time there is no such slot.
constexpr Method kDelete = {LIMPID_SEALED "DeleteKeySlot"};
constexpr Method kPlace = {LIMPID_SEALED "GetSealingPlace", true};
constexpr Method kPut = {LIMPID_SEALED "PutSealedAttribute", true};
#undef LIMPID_SEALED

// Other devices of one person that put at the same moment are few.
constexpr int kPutTries = 4;

absl::Status Lost() {
  return absl::DataLossError(
      "this device knows a sealed key of yours, and the vault shows no way to "
      "it: it has lost the slots, or hides them; nothing was changed");
}

absl::Status OtherKey() {
  return absl::DataLossError(
      "the vault shows another sealed key than this device knows; nothing was "
      "sealed under it");
}

absl::Status NotLetIn() {
  return absl::PermissionDeniedError(
      "this device has no way to your sealed key");
}

// As many as a vault takes of a schema (Definition::kMaxSchemaBytes); another
// server's are not believed to be fewer.
constexpr std::size_t kMaxSchemaBytes = std::size_t{16} << 10U;

absl::Status NoSlot() {
  return absl::DataLossError("the vault lists a slot that is none");
}

// The value in canonical form, checked against the schema on this device: the
// server will not see it.
absl::StatusOr<std::string> Checked(const v1::AttributeDefinition& definition,
                                    std::string_view value_json,
                                    std::size_t& pad_floor_bytes) {
  json::ParseLimits limits;
  limits.max_bytes = kMaxSealedValueBytes;
  const auto value = json::ParseStrict(value_json, limits);
  if (!value.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("value_json: ", value.status().message()));
  }
  const auto shape = json::ParseStrict(definition.schema_json());
  if (!shape.ok()) {
    return absl::DataLossError("the catalogue has a schema that is no JSON");
  }
  if (json::Canonical(*shape).size() > kMaxSchemaBytes) {
    return absl::DataLossError("the catalogue has a schema that is too long");
  }
  LIMPID_ASSIGN_OR_RETURN(const json::Schema schema,
                          json::Schema::Compile(*shape));
  const absl::Status fits = schema.Validate(*value);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("value_json", fits.message()));
  }
  pad_floor_bytes = json::LongestListedValue(*shape);
  return json::Canonical(*value);
}

absl::StatusOr<SealedHome> HomeOf(const v1::SealedOrigin& origin) {
  SealedHome out;
  out.operator_name = origin.operator_name();
  LIMPID_ASSIGN_OR_RETURN(out.source,
                          base::ParseIdText("src", origin.source_id()));
  LIMPID_ASSIGN_OR_RETURN(out.holder,
                          base::ToArray<16>(base::AsBytes(origin.holder_id())));
  return out;
}

// What a value or a slot is bound to: `here`, unless it was brought from
// elsewhere. That it opens as of there is what proves it.
template <typename Message>
absl::StatusOr<SealedHome> HomeOf(const Message& message,
                                  const SealedHome& here) {
  if (!message.has_origin()) return here;
  auto out = HomeOf(message.origin());
  if (out.ok()) return out;
  return absl::DataLossError("the vault names an origin that is none");
}

// That it was handed out once is not undone by what came after.
bool IsToBeTold(const v1::Recovery& recovery) {
  return recovery.phase() == v1::RECOVERY_PHASE_WAITING ||
         recovery.phase() == v1::RECOVERY_PHASE_OPEN ||
         recovery.phase() == v1::RECOVERY_PHASE_HANDED_OUT ||
         recovery.has_handed_out_time();
}

}  // namespace

absl::StatusOr<SlotPlace> PlaceOf(const v1::KeySlot& slot) {
  SlotPlace out;
  const auto id = base::ToArray<16>(base::AsBytes(slot.slot_id()));
  const auto key = base::ToArray<16>(base::AsBytes(slot.key_id()));
  if (!id.ok() || !key.ok()) return NoSlot();
  out.slot_id = *id;
  out.key_id = *key;
  out.generation = slot.generation();
  return out;
}

absl::StatusOr<SealedClient::Listed> SealedClient::List() {
  LIMPID_ASSIGN_OR_RETURN(const auto answer,
                          Invoke<v1::ListKeySlotsResponse>(
                              connection_, kList, v1::ListKeySlotsRequest()));
  Listed out;
  out.home.operator_name = trust_.operator_name;
  LIMPID_ASSIGN_OR_RETURN(out.home.source,
                          base::ParseIdText("src", trust_.source_id));
  const auto holder = base::ToArray<16>(base::AsBytes(answer.holder_id()));
  if (!holder.ok()) {
    return absl::DataLossError("the vault does not say who you are to it");
  }
  out.home.holder = *holder;
  out.slots.assign(answer.slots().begin(), answer.slots().end());
  if (const auto tell = std::exchange(tell_recovery_, nullptr)) {
    std::for_each(out.slots.begin(), out.slots.end(),
                  [&](const v1::KeySlot& slot) {
                    if (IsToBeTold(slot.recovery())) tell(slot);
                  });
  }
  LIMPID_ASSIGN_OR_RETURN(out.pin, device_.Pinned());
  if (out.pin && (out.pin->source != out.home.source ||
                  out.pin->holder != out.home.holder)) {
    return OtherKey();
  }
  if (out.pin && out.slots.empty()) return Lost();
  return out;
}

absl::Status SealedClient::CheckKnown(const Listed& listed,
                                      const SealedKey& key) {
  const SealedPin seen = {listed.home.source, listed.home.holder,
                          key.generation, key.id, CommitmentOf(key)};
  if (!listed.pin) return device_.Pin(seen);
  return *listed.pin == seen ? absl::OkStatus() : OtherKey();
}

absl::StatusOr<SealedKey> SealedClient::Find(const Listed& listed) {
  if (listed.slots.empty()) {
    return absl::NotFoundError("nothing of yours is sealed here yet");
  }
  LIMPID_ASSIGN_OR_RETURN(const auto device, device_.Key());
  absl::Status otherwise = NotLetIn();
  for (const v1::KeySlot& slot : listed.slots) {
    if (slot.kind() != v1::SLOT_KIND_DEVICE) continue;
    const auto body = ParseDeviceSlot(base::AsBytes(slot.body()));
    const auto place = PlaceOf(slot);
    const auto home = HomeOf(slot, listed.home);
    // One that is none hides no other; alone it is more than a missing way.
    if (!body.ok() || !place.ok() || !home.ok()) {
      otherwise = NoSlot();
      continue;
    }
    if (body->device.bytes != device.PublicKey().bytes) continue;
    LIMPID_ASSIGN_OR_RETURN(SealedKey key,
                            OpenDeviceSlot(*home, *place, *body, device,
                                           person_.key().PublicKey()));
    LIMPID_RETURN_IF_ERROR(CheckKnown(listed, key));
    return key;
  }
  return otherwise;
}

absl::StatusOr<SealedKey> SealedClient::FindOrMake(Listed& listed) {
  auto found = Find(listed);
  if (!absl::IsNotFound(found.status())) return found;
  // Nothing is there, and this device never saw a key (List has compared).
  SealedKey made = MakeSealedKey(listed.home);
  LIMPID_ASSIGN_OR_RETURN(const auto device, device_.Key());
  const auto added = Add(listed.home, made, device.PublicKey());
  if (!added.ok()) {
    if (!absl::IsFailedPrecondition(added.status())) return added.status();
    LIMPID_ASSIGN_OR_RETURN(const Listed now, List());
    // Refused for another reason than that somebody was first.
    if (now.slots.empty()) return added.status();
    // Another process of this device, or another device: hers is the key.
    return Find(now);
  }
  LIMPID_RETURN_IF_ERROR(CheckKnown(listed, made));
  return made;
}

absl::StatusOr<v1::AddKeySlotResponse> SealedClient::Add(
    const SealedHome& home, const SealedKey& key,
    const crypto::X25519PublicKey& device) {
  const auto slot_id = crypto::RandomArray<16>();
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes body,
      DeviceSlotBody(home, key, slot_id, device, person_.key()));
  v1::AddKeySlotRequest request;
  v1::KeySlot& slot = *request.mutable_slot();
  slot.set_kind(v1::SLOT_KIND_DEVICE);
  slot.set_slot_id(base::ToText(slot_id));
  slot.set_generation(key.generation);
  slot.set_key_id(base::ToText(key.id));
  slot.set_body(base::ToText(body));
  return Invoke<v1::AddKeySlotResponse>(connection_, kAdd, request);
}

absl::StatusOr<v1::GetSealingPlaceResponse> SealedClient::AskPlace(
    std::string_view attribute) {
  v1::GetSealingPlaceRequest where;
  where.set_attribute(std::string(attribute));
  LIMPID_ASSIGN_OR_RETURN(auto place, Invoke<v1::GetSealingPlaceResponse>(
                                          connection_, kPlace, where));
  if (place.definition().id() != attribute) {
    return absl::DataLossError("the vault answered about another attribute");
  }
  return place;
}

absl::StatusOr<std::size_t> SealedClient::PadFloor(std::string_view attribute) {
  LIMPID_ASSIGN_OR_RETURN(const auto place, AskPlace(attribute));
  const auto shape = json::ParseStrict(place.definition().schema_json());
  if (!shape.ok()) {
    return absl::DataLossError("the catalogue has a schema that is no JSON");
  }
  return json::LongestListedValue(*shape);
}

absl::StatusOr<v1::PutSealedAttributeRequest> SealedClient::SealNext(
    const SealedHome& home, const SealedKey& key, std::string_view attribute,
    std::string_view value_json, absl::Time put_time) {
  LIMPID_ASSIGN_OR_RETURN(const auto place, AskPlace(attribute));
  SealedPlace to;
  to.attribute = attribute;
  to.schema_version = place.definition().schema_version();
  to.version = place.version();
  OpenedValue value;
  LIMPID_ASSIGN_OR_RETURN(
      value.value_json,
      Checked(place.definition(), value_json, to.pad_floor_bytes));
  value.put_time = absl::FromUnixMillis(absl::ToUnixMillis(put_time));
  v1::PutSealedAttributeRequest out;
  out.set_attribute(std::string(attribute));
  out.set_schema_version(to.schema_version);
  out.set_version(to.version);
  out.set_request_id(base::ToText(crypto::RandomArray<16>()));
  *out.mutable_put_time() = ToWire(value.put_time);
  *out.mutable_sealed() = SealValue(home, key, to, value);
  base::Wipe(value.value_json);
  return out;
}

absl::StatusOr<v1::PutSealedAttributeResponse> SealedClient::Put(
    std::string_view attribute, std::string_view value_json,
    std::optional<absl::Time> put_time) {
  LIMPID_ASSIGN_OR_RETURN(Listed listed, List());
  LIMPID_ASSIGN_OR_RETURN(const SealedKey key, FindOrMake(listed));
  absl::StatusOr<v1::PutSealedAttributeResponse> stored =
      absl::AbortedError("");
  for (int i = 0; i < kPutTries && absl::IsAborted(stored.status()); ++i) {
    LIMPID_ASSIGN_OR_RETURN(const auto request,
                            SealNext(listed.home, key, attribute, value_json,
                                     put_time.value_or(clock_.Now())));
    stored = Invoke<v1::PutSealedAttributeResponse>(connection_, kPut, request);
  }
  return stored;
}

absl::StatusOr<OpenedValue> SealedClient::Open(
    std::string_view attribute, const v1::GetAttributeResponse& got) {
  LIMPID_ASSIGN_OR_RETURN(const Listed listed, List());
  LIMPID_ASSIGN_OR_RETURN(const SealedKey key, Find(listed));
  SealedPlace place;
  place.attribute = attribute;
  place.schema_version = got.version().schema_version();
  place.version = got.version().version();
  LIMPID_ASSIGN_OR_RETURN(const SealedHome home,
                          HomeOf(got.sealed(), listed.home));
  LIMPID_ASSIGN_OR_RETURN(OpenedValue value,
                          OpenSealedValue(home, key, place, got.sealed()));
  if (value.put_time != TimeOf(got.version().put_time())) {
    return absl::DataLossError(
        "the vault says another time than the sealed value");
  }
  return value;
}

absl::StatusOr<std::vector<KnownSlot>> SealedClient::Slots() {
  LIMPID_ASSIGN_OR_RETURN(const Listed listed, List());
  LIMPID_ASSIGN_OR_RETURN(const auto device, device_.KeyIfAny());
  std::vector<KnownSlot> out;
  for (const v1::KeySlot& slot : listed.slots) {
    KnownSlot& known = out.emplace_back();
    known.slot = slot;
    const auto place = PlaceOf(slot);
    const auto home = HomeOf(slot, listed.home);
    known.malformed = !place.ok() || !home.ok();
    if (slot.kind() != v1::SLOT_KIND_DEVICE) continue;
    const auto body = ParseDeviceSlot(base::AsBytes(slot.body()));
    known.malformed = known.malformed || !body.ok();
    if (known.malformed) continue;
    known.signed_by_person =
        SlotIsSigned(*home, *place, *body, person_.key().PublicKey());
    known.this_device =
        device && body->device.bytes == device->PublicKey().bytes;
  }
  return out;
}

absl::StatusOr<v1::AddKeySlotResponse> SealedClient::AddDevice(
    const crypto::X25519PublicKey& device) {
  LIMPID_ASSIGN_OR_RETURN(Listed listed, List());
  LIMPID_ASSIGN_OR_RETURN(const SealedKey key, FindOrMake(listed));
  return Add(listed.home, key, device);
}

absl::Status SealedClient::Admit(const Listed& listed, const SealedKey& key) {
  const SealedPin seen = {listed.home.source, listed.home.holder,
                          key.generation, key.id, CommitmentOf(key)};
  if (listed.pin && *listed.pin != seen) return OtherKey();
  LIMPID_ASSIGN_OR_RETURN(const auto device, device_.Key());
  LIMPID_RETURN_IF_ERROR(Add(listed.home, key, device.PublicKey()).status());
  return CheckKnown(listed, key);
}

absl::StatusOr<v1::DeleteKeySlotResponse> SealedClient::Remove(
    const v1::KeySlot& slot) {
  v1::DeleteKeySlotRequest request;
  request.set_kind(slot.kind());
  request.set_slot_id(slot.slot_id());
  request.set_generation(slot.generation());
  return Invoke<v1::DeleteKeySlotResponse>(connection_, kDelete, request);
}

}  // namespace limpid::client
