#include "vault/keys/dek_box.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kBoxLabel = "limpid/vault/dek-box/1";
constexpr std::string_view kContentsLabel = "limpid/vault/boxed-dek/1";
constexpr std::string_view kKeyIdLabel = "limpid/vault/dek-box-key-id/1";

absl::Status Broken() {
  return absl::DataLossError("a key for the key agent does not open");
}

}  // namespace

crypto::KeyId DekBoxKeyId(const crypto::X25519PublicKey& agent) {
  base::ByteWriter writer(kKeyIdLabel);
  const base::Digest32 digest = crypto::Sha256(writer.Raw(agent.bytes).bytes());
  crypto::KeyId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

absl::StatusOr<base::Bytes> SealDekBox(const crypto::X25519PublicKey& agent,
                                       const BoxedDek& contents) {
  base::ByteWriter plain(kContentsLabel);
  plain.Lp(contents.vault.operator_name)
      .Raw(contents.vault.source.bytes())
      .Raw(contents.holder.bytes())
      .Lp(contents.attribute)
      .U32(contents.schema_version)
      .U64(contents.version)
      .Raw(contents.row)
      // Last: a buffer that grew before it holds nothing secret.
      .Raw(contents.dek.Reveal(base::SecretAccess::Get()));
  base::Bytes bytes = plain.Take();
  const auto sealed = agent.Seal(bytes);
  base::Wipe(bytes);
  LIMPID_RETURN_IF_ERROR(sealed.status());
  base::ByteWriter box(kBoxLabel);
  return box.Raw(DekBoxKeyId(agent)).Lp(*sealed).Take();
}

absl::StatusOr<BoxedDek> OpenDekBox(const crypto::X25519PrivateKey& agent,
                                    base::ByteView box) {
  base::ByteReader outer(box);
  outer.Label(kBoxLabel);
  const auto key_id = outer.Array<crypto::KeyId{}.size()>();
  const base::ByteView sealed = outer.Lp();
  if (!outer.Finish().ok() || key_id != DekBoxKeyId(agent.PublicKey())) {
    return Broken();
  }
  const auto plain = agent.Open(sealed);
  if (!plain.ok()) return Broken();
  base::ByteReader reader(plain->Reveal(base::SecretAccess::Get()));
  reader.Label(kContentsLabel);
  BoxedDek out;
  out.vault.operator_name = reader.LpText();
  out.vault.source = SourceId(reader.Array<base::kIdBytes>());
  out.holder = HolderId(reader.Array<base::kIdBytes>());
  out.attribute = reader.LpText();
  out.schema_version = reader.U32();
  out.version = reader.U64();
  out.row = reader.Array<crypto::KeyId{}.size()>();
  out.dek = base::SecretBytes::Copy(reader.Raw(crypto::kAeadKeyBytes));
  if (!reader.Finish().ok()) return Broken();
  return out;
}

}  // namespace limpid::vault
