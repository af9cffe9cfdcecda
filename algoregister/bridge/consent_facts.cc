#include "algoregister/bridge/consent_facts.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "algoregister/registration/register.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/receipt/consent_facts.h"

namespace limpid::algoregister {
namespace {

constexpr std::string_view kOperatorLabel = "limpid/consent-facts-operator/1";

// One operator's entries, by their numbers from 1, months ascending. Whoever
// may publish keys of services can sign some for a service of this id, which
// anybody can compute: they come first, are skipped, and none follows facts.
class Chain {
 public:
  Chain(const ServiceKeyStore& entries, const crypto::Ed25519PublicKey& key)
      : entries_(entries), id_(FactsIdOf(key)) {}

  absl::StatusOr<std::optional<StoredServiceKey>> At(
      std::uint32_t number) const {
    LIMPID_ASSIGN_OR_RETURN(auto found, entries_.List(id_, number - 1, 1));
    if (found.empty() || found.front().number != number) {
      return std::optional<StoredServiceKey>();
    }
    return std::optional(std::move(found.front()));
  }

  // The greatest number whose entry `holds` or is no facts, 0 for none: it
  // holds for a beginning of the chain.
  template <typename Holds>
  absl::StatusOr<std::uint32_t> LastThat(const Holds& holds) const {
    std::uint32_t behind = 1;
    LIMPID_ASSIGN_OR_RETURN(bool more, Test(behind, holds));
    while (more) {
      behind *= 2;
      LIMPID_ASSIGN_OR_RETURN(more, Test(behind, holds));
    }
    std::uint32_t last = behind / 2;
    while (last + 1 < behind) {
      const std::uint32_t middle = last + (behind - last) / 2;
      LIMPID_ASSIGN_OR_RETURN(const bool held, Test(middle, holds));
      (held ? last : behind) = middle;
    }
    return last;
  }

 private:
  template <typename Holds>
  absl::StatusOr<bool> Test(std::uint32_t number, const Holds& holds) const {
    LIMPID_ASSIGN_OR_RETURN(const auto entry, At(number));
    if (!entry) return false;
    if (!receipt::IsConsentFacts(entry->entry)) return true;
    LIMPID_ASSIGN_OR_RETURN(const receipt::ConsentFactsEntry facts,
                            receipt::ParseConsentFacts(entry->entry));
    return holds(facts.facts.month);
  }

  const ServiceKeyStore& entries_;
  const receipt::ServiceIdBytes id_;
};

absl::StatusOr<receipt::ConsentFactsEntry> ParseOf(
    base::ByteView entry, std::span<const crypto::Ed25519PublicKey> operators) {
  auto parsed = receipt::ParseConsentFacts(entry);
  if (parsed.ok() && std::find(operators.begin(), operators.end(),
                               parsed->operator_key) != operators.end()) {
    return parsed;
  }
  return absl::InvalidArgumentError(
      "entry: not consent facts that an operator known here has signed");
}

}  // namespace

receipt::ServiceIdBytes FactsIdOf(
    const crypto::Ed25519PublicKey& operator_key) {
  const base::Digest32 hash = crypto::Sha256(
      base::ByteWriter(kOperatorLabel).Raw(operator_key.bytes).bytes());
  receipt::ServiceIdBytes out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

absl::StatusOr<std::optional<StoredServiceKey>> FindConsentFacts(
    const ServiceKeyStore& entries,
    const crypto::Ed25519PublicKey& operator_key,
    std::optional<absl::CivilMonth> month) {
  const Chain chain(entries, operator_key);
  LIMPID_ASSIGN_OR_RETURN(const std::uint32_t last,
                          chain.LastThat([&](absl::CivilMonth one) {
                            return !month || one <= *month;
                          }));
  if (last == 0) return std::optional<StoredServiceKey>();
  LIMPID_ASSIGN_OR_RETURN(auto found, chain.At(last));
  if (found && !receipt::IsConsentFacts(found->entry)) found.reset();
  if (!found || !month) return found;
  LIMPID_ASSIGN_OR_RETURN(const receipt::ConsentFactsEntry facts,
                          receipt::ParseConsentFacts(found->entry));
  if (facts.facts.month != *month) found.reset();
  return found;
}

absl::StatusOr<std::uint64_t> Register::PublishConsentFacts(
    std::span<const crypto::Ed25519PublicKey> operators, base::ByteView entry) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::ConsentFactsEntry next,
                          ParseOf(entry, operators));
  const base::MutexLock lock(mutex_);
  LIMPID_RETURN_IF_ERROR(RecoverLocked());
  LIMPID_ASSIGN_OR_RETURN(
      const std::optional<StoredServiceKey> newest,
      FindConsentFacts(parts_.service_keys, next.operator_key, std::nullopt));
  if (newest) {
    if (newest->entry == base::ToBytes(entry)) {
      return newest->leaf_index.value_or(0);
    }
    LIMPID_ASSIGN_OR_RETURN(const receipt::ConsentFactsEntry before,
                            receipt::ParseConsentFacts(newest->entry));
    if (before.facts.month >= next.facts.month) {
      // A month that is sent again after later ones.
      LIMPID_ASSIGN_OR_RETURN(
          const std::optional<StoredServiceKey> same,
          FindConsentFacts(parts_.service_keys, next.operator_key,
                           next.facts.month));
      if (same && same->entry == base::ToBytes(entry)) {
        return same->leaf_index.value_or(0);
      }
      return absl::AlreadyExistsError(
          "this operator has published the consent facts of the month");
    }
  }
  const Chain chain(parts_.service_keys, next.operator_key);
  LIMPID_ASSIGN_OR_RETURN(
      const std::uint32_t last,
      chain.LastThat([](absl::CivilMonth /*month*/) { return true; }));
  StoredServiceKey stored = {.service = FactsIdOf(next.operator_key),
                             .number = last + 1,
                             .entry = base::ToBytes(entry),
                             .leaf_index = {}};
  LIMPID_RETURN_IF_ERROR(Commit(stored));
  return stored.leaf_index.value_or(0);
}

}  // namespace limpid::algoregister
