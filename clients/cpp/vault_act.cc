#include "clients/cpp/vault_act.h"

#include <optional>
#include <string>

#include "clients/cpp/release_act.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/receipt/access_entry.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

constexpr std::string_view kDisclosureLabel = "limpid/vault/disclosure/1";
constexpr std::string_view kActLabel = "limpid/vault/act/1";
constexpr std::string_view kContext = "vault-act";

// The members of an act that say what was done to what.
struct Told {
  std::uint8_t act = 0;
  std::uint64_t counter = 0;
  base::ByteArray<base::kIdBytes> source{};
  base::ByteArray<base::kIdBytes> holder{};
  std::string attribute;
  std::uint64_t version = 0;
  base::Digest32 body{};
};

// What an answer says about an act, whichever answer it is.
struct Shown {
  std::string_view opening;
  std::string_view commitment;
  bool logged = false;
  std::uint64_t leaf_index = 0;
};

absl::Status ReadAct(base::ByteView encoded, Told& out) {
  base::ByteReader reader(encoded);
  reader.Label(kActLabel);
  out.act = reader.U8();
  out.counter = reader.U64();
  reader.Raw(32);  // Previous head.
  reader.Raw(32);  // Map root.
  out.source = reader.Array<base::kIdBytes>();
  out.holder = reader.Array<base::kIdBytes>();
  out.attribute = reader.LpText();
  reader.U32();  // Schema version.
  out.version = reader.U64();
  reader.Raw(16);  // Key id.
  out.body = reader.Array<32>();
  reader.U64();  // Time.
  return reader.Finish();
}

bool Opens(const Shown& shown, const AskedAct& asked, Told& told) {
  base::ByteReader reader(base::AsBytes(shown.opening));
  reader.Label(kDisclosureLabel);
  const auto opening = reader.Array<32>();
  const base::ByteView encoded = reader.Lp();
  if (!reader.Finish().ok() || !ReadAct(encoded, told).ok()) return false;
  if (base::AsText(receipt::Commit(opening, kContext, encoded)) !=
      shown.commitment) {
    return false;
  }
  return told.act == static_cast<int>(asked.act) &&
         told.attribute == asked.attribute && told.version == asked.version &&
         base::FormatIdText("src", told.source) == asked.source_id &&
         (!asked.holder || told.holder == *asked.holder) &&
         (!shown.logged ||
          (told.counter > 0 && told.counter - 1 == shown.leaf_index));
}

// None when it is not the act of that batch.
std::optional<base::Digest32> BodyOfReleases(const v1::ReleaseBatch& batch,
                                             std::string_view source_id,
                                             std::uint64_t number) {
  AskedAct asked;
  asked.source_id = std::string(source_id);
  asked.version = number;
  asked.act = v1::VAULT_ACT_ADMIN;
  Told told;
  const Shown shown = {batch.opening(), batch.commitment(), batch.logged(),
                       batch.leaf_index()};
  if (!Opens(shown, asked, told)) return std::nullopt;
  return told.body;
}

absl::Status SomethingElse() {
  return absl::DataLossError(
      "the vault answered with something else than the act that was asked "
      "about");
}

}  // namespace

absl::Status CheckAct(const v1::GetVaultLogProofResponse& answer,
                      const AskedAct& asked) {
  Told told;
  const Shown shown = {answer.opening(), answer.commitment(),
                       answer.state() == v1::LOG_STATE_LOGGED,
                       answer.leaf_index()};
  return Opens(shown, asked, told) ? absl::OkStatus() : SomethingElse();
}

absl::Status CheckErasure(const v1::GetErasureCertificateResponse& answer,
                          const AskedAct& asked) {
  Told told;
  const Shown shown = {answer.opening(), answer.commitment(), answer.logged(),
                       answer.leaf_index()};
  const base::Digest32 hash =
      crypto::Sha256(base::AsBytes(answer.certificate()));
  return Opens(shown, asked, told) && told.body == hash ? absl::OkStatus()
                                                        : SomethingElse();
}

absl::Status CheckReleases(const v1::ReleaseBatch& batch,
                           std::string_view source_id, std::uint64_t number) {
  const auto body = BodyOfReleases(batch, source_id, number);
  const base::Digest32 hash = crypto::Sha256(base::AsBytes(batch.batch()));
  return body && *body == hash ? absl::OkStatus() : SomethingElse();
}

absl::StatusOr<base::Digest32> DigestOfDamaged(const v1::ReleaseBatch& batch,
                                               std::string_view source_id) {
  const auto body = BodyOfReleases(batch, source_id, batch.number());
  if (!body) return SomethingElse();
  return *body;
}

}  // namespace limpid::client
