#include "vault/statistics/budget.h"

#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "vault/statistics/statistic.h"

namespace limpid::vault {
namespace {

constexpr auto kSuite = crypto::Suite::kXChaCha20Poly1305;
constexpr std::string_view kBudgetLabel = "limpid/vault-budget/1";
constexpr std::string_view kAnswerLabel = "limpid/vault-statistic/1";

base::Bytes BudgetAad(const BudgetKey& place) {
  return base::ByteWriter(kBudgetLabel)
      .U16(place.owner.shard)
      .Raw(place.owner.id.bytes())
      .Raw(place.name_key)
      .Take();
}

base::Bytes AnswerAad(const base::Digest32& question) {
  return base::ByteWriter(kAnswerLabel).Raw(question).Take();
}

}  // namespace

bool Budget::Spend(const base::Digest32& asked, absl::Time now) {
  const auto present = static_cast<std::uint32_t>(
      absl::ToCivilYear(now, absl::UTCTimeZone()).year());
  Budget next = *this;
  // A clock that goes back gives no new year.
  if (present > next.year) next = {present, 0, {}};
  if (next.question != asked) {
    if (next.spent_milli + kAnswerEpsilonMilli > kYearEpsilonMilli) {
      return false;
    }
    next.spent_milli += kAnswerEpsilonMilli;
    next.question = asked;
  }
  *this = next;
  return true;
}

base::Bytes SealBudget(const base::SecretBytes& key, const BudgetKey& place,
                       const Budget& budget) {
  return crypto::Seal(kSuite, key, place.owner.id.bytes(), BudgetAad(place),
                      base::ByteWriter()
                          .U32(budget.year)
                          .U32(budget.spent_milli)
                          .Raw(budget.question)
                          .bytes());
}

absl::StatusOr<Budget> OpenBudget(const base::SecretBytes& key,
                                  const BudgetKey& place,
                                  base::ByteView sealed) {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes plain,
      crypto::Open(key, place.owner.id.bytes(), BudgetAad(place), sealed));
  base::ByteReader reader(plain);
  Budget out;
  out.year = reader.U32();
  out.spent_milli = reader.U32();
  out.question = reader.Array<32>();
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored budget is damaged");
  }
  return out;
}

base::Bytes SealAnswer(const base::SecretBytes& key,
                       const base::Digest32& question, base::ByteView answer) {
  return crypto::Seal(kSuite, key, {}, AnswerAad(question), answer);
}

absl::StatusOr<base::Bytes> OpenAnswer(const base::SecretBytes& key,
                                       const base::Digest32& question,
                                       base::ByteView sealed) {
  return crypto::Open(key, {}, AnswerAad(question), sealed);
}

}  // namespace limpid::vault
