#include "vault/keys/blind.h"

#include <algorithm>
#include <cstddef>

#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::vault {
namespace {

base::ByteArray<16> FirstHalf(const base::Digest32& digest) {
  base::ByteArray<16> out{};
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

base::Digest32 Blinder::Keyed(base::ByteView canonical) const {
  return crypto::KeyedBlake2b256(index_key_, {canonical});
}

Owner Blinder::OwnerOf(const HolderId& holder) const {
  base::ByteWriter writer("limpid/vault/shard/1");
  const base::Digest32 digest = Keyed(writer.Raw(holder.bytes()).bytes());
  base::ByteReader reader(digest);
  return Owner{static_cast<std::uint16_t>(reader.U16() % kShardCount), holder};
}

NameKey Blinder::NameKeyOf(const HolderId& holder,
                           std::string_view attribute) const {
  base::ByteWriter writer("limpid/vault/name/1");
  return FirstHalf(Keyed(writer.Raw(holder.bytes()).Lp(attribute).bytes()));
}

RequestKey Blinder::RequestKeyOf(const HolderId& holder,
                                 const base::ByteArray<16>& request_id) const {
  base::ByteWriter writer("limpid/vault/request/1");
  return FirstHalf(Keyed(writer.Raw(holder.bytes()).Raw(request_id).bytes()));
}

RecordKey Blinder::RecordKeyOf(const HolderId& holder,
                               const base::ByteArray<16>& record) const {
  base::ByteWriter writer("limpid/vault/record/1");
  return FirstHalf(Keyed(writer.Raw(holder.bytes()).Raw(record).bytes()));
}

SourceKey Blinder::SourceKeyOf(const HolderId& holder,
                               std::string_view source) const {
  base::ByteWriter writer("limpid/vault/source/1");
  return FirstHalf(Keyed(writer.Raw(holder.bytes()).Lp(source).bytes()));
}

}  // namespace limpid::vault
