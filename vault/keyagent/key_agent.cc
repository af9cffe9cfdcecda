#include "vault/keyagent/key_agent.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/jose/tokens.h"
#include "common/receipt/batch.h"

namespace limpid::vault {
namespace {

// The calls of a person in which her own values are opened: read, compared
// with what she stores again, carried away. In no other does a proof of hers
// open anything.
constexpr std::array<std::string_view, 4> kMethods = {
    "/limpid.vault.v1.PersonVaultService/GetAttribute",
    "/limpid.vault.v1.PersonVaultService/PutAttribute",
    "/limpid.vault.v1.PortabilityService/ExportVault",
    "/limpid.vault.v1.PortabilityService/ImportLines"};

absl::Status Denied() {
  return absl::PermissionDeniedError("the key agent refused");
}

absl::Status BudgetSpent() {
  return absl::ResourceExhaustedError(
      "the key agent has opened values of as many persons as it may in a "
      "minute, or as one service may have of them: try again later, or raise "
      "persons_per_minute");
}

bool Releases(const receipt::PermitLine& line, std::string_view attribute) {
  // Cohorts have permits of their own, and are opened by none of these.
  return line.attribute == attribute && line.form != receipt::Form::kAggregate;
}

}  // namespace

KeyAgent::KeyAgent(KeyAgentOptions options, crypto::X25519PrivateKey key,
                   const base::Clock& clock, AgentEventSink tell)
    : options_(std::move(options)),
      key_(std::move(key)),
      clock_(clock),
      tell_(std::move(tell)),
      audience_(options_.vault.source.Text()),
      token_issuer_(options_.token_key),
      started_(clock.Now()),
      services_(options_.persons_per_minute),
      themselves_(options_.persons_per_minute) {
  LIMPID_CHECK(options_.persons_per_minute > 0);
  clock_.Begin(started_, base::kMaxClockJump);
}

absl::StatusOr<std::vector<base::SecretBytes>> KeyAgent::Open(
    const DekAuthority& authority, std::span<const base::ByteView> boxes) {
  if (boxes.empty() || boxes.size() > kMaxBoxes) {
    return absl::InvalidArgumentError("a request has 1 to 64 boxes");
  }
  LIMPID_ASSIGN_OR_RETURN(const absl::Time now, Now());
  if (const auto* const permit = std::get_if<const SignedPermit*>(&authority)) {
    absl::Time end;
    const auto facts = CheckPermit(**permit, now, end);
    if (!facts.ok()) return Refuse();
    return OpenFor({HolderId(facts->holder), &*facts, end}, boxes, now);
  }
  if (const auto* const proof = std::get_if<const PersonProof*>(&authority)) {
    const auto holder = CheckProof(**proof, now);
    if (!holder.ok()) return Refuse();
    return OpenFor({*holder}, boxes, now);
  }
  return Refuse();
}

absl::StatusOr<receipt::Permit> KeyAgent::CheckPermit(
    const SignedPermit& signed_permit, absl::Time now, absl::Time& end) const {
  LIMPID_RETURN_IF_ERROR(receipt::VerifyBatchItem(
      signed_permit.proof, receipt::BatchKind::kPermits, signed_permit.item,
      options_.permit_key));
  LIMPID_ASSIGN_OR_RETURN(receipt::Permit permit,
                          receipt::Permit::Decode(signed_permit.item));
  const absl::Time decided = signed_permit.proof.head.time;
  const absl::Duration apart = options_.clock_difference;
  end = decided + permit.lease + apart;
  if (permit.source != options_.vault.source.bytes() ||
      // An agent before this one may have opened it.
      decided < started_ + apart || decided > now + apart || now >= end ||
      now >= permit.not_after) {
    return Denied();
  }
  return permit;
}

absl::StatusOr<HolderId> KeyAgent::CheckProof(const PersonProof& proof,
                                              absl::Time now) const {
  if (std::find(kMethods.begin(), kMethods.end(), proof.method) ==
      kMethods.end()) {
    return Denied();
  }
  // It may come again, so that it does not matter what an agent before this
  // one saw.
  const jose::Expected expected{audience_, proof.method, now};
  LIMPID_ASSIGN_OR_RETURN(
      const jose::SourceToken token,
      jose::VerifySourceToken(proof.source_token, token_issuer_, expected));
  LIMPID_RETURN_IF_ERROR(
      jose::VerifyProof(proof.proof, token, proof.source_token, expected)
          .status());
  LIMPID_ASSIGN_OR_RETURN(const HolderId holder, HolderId::Parse(token.holder));
  if (holder.none()) return Denied();
  return holder;
}

absl::StatusOr<std::vector<base::SecretBytes>> KeyAgent::OpenFor(
    const Allowed& allowed, std::span<const base::ByteView> boxes,
    absl::Time now) {
  std::vector<BoxedDek> opened;
  opened.reserve(boxes.size());
  for (const base::ByteView box : boxes) {
    auto boxed = OpenDekBox(key_, box);
    if (!boxed.ok() || !Covers(allowed, *boxed)) return Refuse();
    opened.push_back(*std::move(boxed));
  }
  const absl::Status spent = Spend(allowed, opened, now);
  if (absl::IsResourceExhausted(spent)) {
    Tell(AgentEvent::kBudgetSpent);
    return spent;
  }
  if (!spent.ok()) return Refuse();
  std::vector<base::SecretBytes> out;
  out.reserve(opened.size());
  for (BoxedDek& boxed : opened) out.push_back(std::move(boxed.dek));
  return out;
}

bool KeyAgent::Covers(const Allowed& allowed, const BoxedDek& boxed) const {
  if (boxed.vault != options_.vault || boxed.holder != allowed.holder) {
    return false;
  }
  if (allowed.permit == nullptr) return true;
  const auto& lines = allowed.permit->lines;
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
    return Releases(line, boxed.attribute);
  });
}

absl::Status KeyAgent::Spend(const Allowed& allowed,
                             const std::vector<BoxedDek>& opened,
                             absl::Time now) {
  const base::MutexLock lock(mutex_);
  // Another call may have seen a later time since, and forgotten its use.
  if (allowed.permit != nullptr && latest_ >= allowed.end) return Denied();
  while (!used_order_.empty() && used_order_.front().first <= now) {
    used_.erase(used_order_.front().second);
    used_order_.pop_front();
  }
  std::set<Used> uses;
  if (allowed.permit != nullptr) {
    for (const BoxedDek& boxed : opened) {
      Used use(allowed.permit->access, boxed.attribute);
      if (used_.contains(use) || !uses.insert(std::move(use)).second) {
        return Denied();
      }
    }
  }
  // Before anything is marked: who is refused for now may come again.
  const absl::Duration moment = clock_.Monotonic();
  const bool admitted =
      allowed.permit != nullptr
          ? services_.Admit(allowed.holder, allowed.permit->service_key, moment)
          : themselves_.Admit(allowed.holder, {}, moment);
  if (!admitted) return BudgetSpent();
  for (const Used& use : uses) {
    used_.insert(use);
    used_order_.emplace_back(allowed.end, use);
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> KeyAgent::Now() {
  const base::GuardedClock::Reading reading = clock_.Read();
  if (!reading.believed) {
    Tell(AgentEvent::kClockJumped);
    return Denied();
  }
  const base::MutexLock lock(mutex_);
  latest_ = std::max(latest_, reading.time);
  return latest_;
}

void KeyAgent::Tell(AgentEvent event) {
  if (tell_ == nullptr) return;
  const absl::Duration now = clock_.Monotonic();
  {
    const base::MutexLock lock(mutex_);
    absl::Duration& told = told_[static_cast<std::size_t>(event)];
    if (now < told + absl::Minutes(1)) return;
    told = now;
  }
  tell_(event);
}

absl::Status KeyAgent::Refuse() {
  Tell(AgentEvent::kRefused);
  return Denied();
}

}  // namespace limpid::vault
