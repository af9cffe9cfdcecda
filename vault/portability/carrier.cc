#include "vault/portability/carrier.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

absl::Status FillAssisted(const VaultCore& core, const AttributeRow& row,
                          const RowKeys& keys, CarriedVersion& out) {
  const PersonKey& key = *keys.assisted;
  LIMPID_ASSIGN_OR_RETURN(const RowLabel label,
                          core.codec().OpenLabel(key, row));
  if (label.attribute != out.attribute) {
    return absl::DataLossError("a row is not about what its label says");
  }
  out.about = label.about;
  if (row.state == RowState::kErased) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(
      StoredValue value,
      core.OpenValue(key, row, out.attribute, keys.authority));
  if (value.about != label.about) {
    base::Wipe(value.value_json);
    return absl::DataLossError("a row is not of the days its label says");
  }
  out.value_json = std::move(value.value_json);
  out.provenance = std::move(value.provenance);
  out.origin.vault = value.origin.value_or(core.identity());
  return absl::OkStatus();
}

absl::Status FillSealed(const VaultCore& core, const AttributeRow& row,
                        CarriedVersion& out) {
  if (row.state == RowState::kErased) return absl::OkStatus();
  LIMPID_ASSIGN_OR_RETURN(auto payload, core.origins().Unwrap(row));
  out.origin =
      payload.origin.value_or(SealedOrigin{core.identity(), row.owner.id});
  out.sealed = SealedParts{row.id, row.generation, row.label, row.wrap,
                           std::move(payload.bytes)};
  return absl::OkStatus();
}

}  // namespace

std::optional<crypto::KeyId> SealedKeyOf(std::span<const SlotRow> slots,
                                         std::uint32_t generation) {
  // All slots of one generation are of one key (KeyStore::InsertBeside).
  const auto found = std::find_if(
      slots.begin(), slots.end(),
      [&](const SlotRow& slot) { return slot.generation == generation; });
  return found == slots.end() ? std::nullopt : std::optional(found->key_id);
}

absl::StatusOr<std::string> LineOfRow(const VaultCore& core,
                                      const AttributeRow& row,
                                      std::string_view attribute,
                                      const RowKeys& keys) {
  const auto entry = core.catalogue().Find(attribute, row.schema_version);
  if (!entry.ok() ||
      (row.custody == Custody::kAssisted && keys.assisted == nullptr)) {
    return absl::DataLossError("a row is of a schema or key that is not there");
  }
  CarriedVersion out;
  out.attribute = attribute;
  out.version = row.version;
  out.schema_version = row.schema_version;
  out.schema = SchemaDigest((*entry)->definition);
  out.custody = row.custody;
  out.put_time = absl::FromUnixMillis(row.put_ms);
  if (row.state == RowState::kErased) {
    out.erase_time = absl::FromUnixMillis(row.erase_ms);
  }
  LIMPID_RETURN_IF_ERROR(row.custody == Custody::kSealed
                             ? FillSealed(core, row, out)
                             : FillAssisted(core, row, keys, out));
  if (out.sealed) out.key_id = keys.sealed;
  return VersionLine(out);
}

std::string LineOfSlot(const VaultCore& core, const PersonCaller& caller,
                       Slot slot) {
  if (!slot.origin) {
    slot.origin = SealedOrigin{core.identity(), caller.holder};
  }
  return SlotLine(slot);
}

}  // namespace limpid::vault
