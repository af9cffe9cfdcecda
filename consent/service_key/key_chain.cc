#include "consent/service_key/key_chain.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/tlog/tree.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {
namespace {

using receipt::ServiceKeyEntry;
using receipt::ServiceKeyKind;
using Key = receipt::ServiceKeys::Key;

constexpr std::string_view kLabel = "limpid/service-key-chain/1";

// A key that the service shall have, as its entry begins.
struct Wanted {
  ServicePublicKey key;
  std::string path;
};

// Signing keys before the encryption keys that they prove.
std::vector<Wanted> WantedOf(const Service& service) {
  std::vector<Wanted> out;
  for (std::size_t i = 0; i < service.keys.size(); ++i) {
    out.push_back({{ServiceKeyKind::kCertificate, service.keys[i], {}, {}},
                   absl::StrCat("spki_thumbprints[", i, "]")});
  }
  for (std::size_t i = 0; i < service.public_keys.size(); ++i) {
    out.push_back(
        {service.public_keys[i], absl::StrCat("public_keys[", i, "]")});
  }
  std::stable_partition(out.begin(), out.end(), [](const Wanted& one) {
    return one.key.kind != ServiceKeyKind::kEncryption;
  });
  return out;
}

const Key* Find(const std::vector<Key>& keys, ServiceKeyKind kind,
                const receipt::ServiceKeyBytes& bytes) {
  const auto found = std::find_if(
      keys.begin(), keys.end(),
      [&](const Key& key) { return key.kind == kind && key.bytes == bytes; });
  return found == keys.end() ? nullptr : &*found;
}

bool IsRetired(const Key& key) { return key.retired != absl::InfiniteFuture(); }

bool WasRetired(const ServiceKeyChain& chain, ServiceKeyKind kind,
                const receipt::ServiceKeyBytes& bytes) {
  const Key* const key = Find(chain.keys.keys(), kind, bytes);
  return key != nullptr && IsRetired(*key);
}

// Signs entries behind those of a chain.
class Pen {
 public:
  Pen(ServiceKeyChain& chain, const crypto::Ed25519PrivateKey& key)
      : chain_(chain), key_(key) {}

  void Write(ServiceKeyEntry entry) {
    entry.service = chain_.service.bytes();
    entry.number = static_cast<std::uint32_t>(chain_.entries.size() + 1);
    if (!chain_.entries.empty()) {
      entry.predecessor = tlog::LeafHash(chain_.entries.back());
    }
    chain_.entries.push_back(receipt::SignServiceKeyEntry(entry, key_));
  }

 private:
  ServiceKeyChain& chain_;
  const crypto::Ed25519PrivateKey& key_;
};

void Retire(const Key& key, absl::Time now, Pen& pen) {
  ServiceKeyEntry entry;
  entry.kind = key.kind;
  entry.key = key.bytes;
  entry.valid_from = key.valid_from;
  // A key is never retired before it began, whatever the clock says.
  entry.retired = std::max(now, key.valid_from);
  pen.Write(std::move(entry));
}

void Begin(const ServicePublicKey& key, absl::Time now, Pen& pen) {
  ServiceKeyEntry entry;
  entry.kind = key.kind;
  entry.key = key.key;
  entry.valid_from = now;
  entry.prover = key.prover;
  entry.proof = key.proof;
  pen.Write(std::move(entry));
}

}  // namespace

base::Bytes ServiceKeyChain::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(service.bytes())
      .U32(logged_count)
      .U32(static_cast<std::uint32_t>(entries.size()));
  for (const base::Bytes& entry : entries) out.Raw(entry);
  return out.Take();
}

absl::StatusOr<ServiceKeyChain> ServiceKeyChain::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  ServiceKeyChain out;
  out.service = ServiceId(reader.Array<16>());
  out.logged_count = reader.U32();
  const std::uint32_t count = reader.U32();
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    out.entries.push_back(
        base::ToBytes(reader.Raw(receipt::kServiceKeyEntryBytes)));
  }
  if (!reader.Finish().ok() || out.logged_count > count) {
    return absl::DataLossError("a stored chain of a service's keys is damaged");
  }
  return out;
}

absl::Status Follow(const crypto::Ed25519PublicKey& operator_key,
                    ServiceKeyChain& chain) {
  LIMPID_ASSIGN_OR_RETURN(
      chain.keys, receipt::ServiceKeys::Follow(chain.service.bytes(),
                                               operator_key, chain.entries));
  return absl::OkStatus();
}

absl::Status CheckContinues(const ServiceKeyChain& chain,
                            const Service& service) {
  std::size_t count = chain.keys.keys().size();
  for (const Wanted& wanted : WantedOf(service)) {
    const Key* const known =
        Find(chain.keys.keys(), wanted.key.kind, wanted.key.key);
    if (known == nullptr) ++count;
    if (known != nullptr && IsRetired(*known)) {
      return absl::InvalidArgumentError(absl::StrCat(
          wanted.path, ": was removed before; a key never comes back"));
    }
  }
  if (count <= kMaxKeysEver) return absl::OkStatus();
  return absl::ResourceExhaustedError("the service has had too many keys");
}

absl::StatusOr<ServiceKeyChain> Continued(
    ServiceKeyChain chain, const Service& service, absl::Time now,
    const crypto::Ed25519PrivateKey& operator_key) {
  const absl::Time at = absl::FromUnixMillis(absl::ToUnixMillis(now));
  const std::vector<Wanted> wanted = WantedOf(service);
  const std::vector<Key> known = chain.keys.keys();
  const std::size_t before = chain.entries.size();
  chain.service = service.id;
  Pen pen(chain, operator_key);
  for (const Key& key : known) {
    const bool stays =
        std::any_of(wanted.begin(), wanted.end(), [&key](const Wanted& one) {
          return one.key.kind == key.kind && one.key.key == key.bytes;
        });
    if (!stays && !IsRetired(key)) Retire(key, at, pen);
  }
  for (const Wanted& one : wanted) {
    if (Find(known, one.key.kind, one.key.key) == nullptr) {
      Begin(one.key, at, pen);
    }
  }
  if (chain.entries.size() == before) return chain;
  LIMPID_RETURN_IF_ERROR(Follow(operator_key.PublicKey(), chain));
  return chain;
}

Service WithoutRetired(Service service, const ServiceKeyChain& chain) {
  std::erase_if(service.keys, [&](const base::Digest32& key) {
    return WasRetired(chain, ServiceKeyKind::kCertificate, key);
  });
  std::erase_if(service.public_keys, [&](const ServicePublicKey& one) {
    return WasRetired(chain, one.kind, one.key) ||
           WasRetired(chain, ServiceKeyKind::kSigning, one.prover.bytes);
  });
  return service;
}

PublicRow RowOf(const base::SecretBytes& row_key,
                const ServiceKeyChain& chain) {
  PublicRow row;
  row.kind = PublicKind::kServiceKeys;
  row.id = base::ToBytes(chain.service.bytes());
  row.payload = SealPublic(row_key, row.kind, row.id, chain.Encode());
  return row;
}

}  // namespace limpid::consent
