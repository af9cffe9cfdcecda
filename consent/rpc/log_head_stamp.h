// Puts the signed head of her log beside each answer to a person.
// docs/formats/log-head.md

#ifndef LIMPID_CONSENT_RPC_LOG_HEAD_STAMP_H_
#define LIMPID_CONSENT_RPC_LOG_HEAD_STAMP_H_

#include "common/rpc/auth_policy.h"
#include "consent/consent.h"
#include "consent/log/log_heads.h"

namespace limpid::consent {

// Thread-safe.
class LogHeadStamp final : public rpc::AnswerStamp {
 public:
  // `consent` must outlive it.
  explicit LogHeadStamp(Consent& consent) : heads_(consent) {}

  // Nothing when the head cannot be read: the answer stands without it.
  base::Bytes For(const rpc::Caller& caller) override;

 private:
  LogHeads heads_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_LOG_HEAD_STAMP_H_
