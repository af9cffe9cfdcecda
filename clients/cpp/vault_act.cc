#include "clients/cpp/vault_act.h"

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/wire.h"
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
  std::string attribute;
  std::uint64_t version = 0;
};

absl::Status ReadAct(base::ByteView encoded, Told& out) {
  base::ByteReader reader(encoded);
  reader.Label(kActLabel);
  out.act = reader.U8();
  out.counter = reader.U64();
  reader.Raw(32);  // Previous head.
  reader.Raw(32);  // Map root.
  out.source = reader.Array<base::kIdBytes>();
  reader.Raw(base::kIdBytes);  // Holder.
  out.attribute = reader.LpText();
  reader.U32();  // Schema version.
  out.version = reader.U64();
  reader.Raw(16);  // Key id.
  reader.Raw(32);  // Body.
  reader.U64();    // Time.
  return reader.Finish();
}

bool Opens(const v1::GetVaultLogProofResponse& answer, const AskedAct& asked) {
  base::ByteReader reader(base::AsBytes(answer.opening()));
  reader.Label(kDisclosureLabel);
  const auto opening = reader.Array<32>();
  const base::ByteView encoded = reader.Lp();
  Told told;
  if (!reader.Finish().ok() || !ReadAct(encoded, told).ok()) return false;
  if (base::AsText(receipt::Commit(opening, kContext, encoded)) !=
      answer.commitment()) {
    return false;
  }
  const bool logged = answer.state() == v1::LOG_STATE_LOGGED;
  return told.act == static_cast<int>(asked.act) &&
         told.attribute == asked.attribute && told.version == asked.version &&
         base::FormatIdText("src", told.source) == asked.source_id &&
         (!logged ||
          (told.counter > 0 && told.counter - 1 == answer.leaf_index()));
}

}  // namespace

absl::Status CheckAct(const v1::GetVaultLogProofResponse& answer,
                      const AskedAct& asked) {
  if (Opens(answer, asked)) return absl::OkStatus();
  return absl::DataLossError(
      "the vault answered with something else than the act that was asked "
      "about");
}

}  // namespace limpid::client
