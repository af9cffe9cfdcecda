// A ReleasePermit is the vault's only way to plaintext for a service: a lease
// to release, signed by consent. Only a ConsentGate can make one (passkey), so
// the compiler holds the rule; the reader checks the signature again, so that a
// faulty gate does not suffice. docs/formats/permit.md

#ifndef LIMPID_VAULT_GATE_RELEASE_PERMIT_H_
#define LIMPID_VAULT_GATE_RELEASE_PERMIT_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "common/base/bytes.h"
#include "common/receipt/batch.h"

namespace limpid::vault {

class ConsentGate;

// A permit as consent sends it.
struct SignedPermit {
  // receipt::Permit, encoded.
  base::Bytes item;
  receipt::BatchProof proof;
};

// How a permit ended. Numbers are those of receipt::AccessOutcome: the person
// reads it in her log.
enum class Closing : std::uint8_t {
  // The answer was handed to the network layer, which has finished with it, and
  // held everything that was permitted.
  kSent = 1,
  // No value was and none will be sent.
  kDropped = 2,
  // The answer was handed over and broke off: bytes of it may have left.
  kFailed = 3,
  // As kSent, but a part of what was permitted was not there.
  kPartial = 4,
};

// The live side of one permit: whether a fence (withdraw, pause, narrow) has
// reached it. vault::Fences is the implementation for fences that arrive in
// this process. Thread-safe.
class PermitHold {
 public:
  virtual ~PermitHold() = default;
  PermitHold(const PermitHold&) = delete;
  PermitHold& operator=(const PermitHold&) = delete;

  // Runs `hand_over` under the fence lock if no fence has reached the permit,
  // and returns whether it ran. `hand_over` may only queue bytes for sending:
  // it must not block and must not call back here. At most once per permit.
  virtual bool HandOverIfLive(absl::FunctionRef<void()> hand_over) = 0;

  // Says that nothing more will be sent under the permit. Called exactly once
  // per permit, whatever becomes of the handler.
  virtual void Close(Closing closing) = 0;

 protected:
  PermitHold() = default;
};

// Move-only; spent by vault::Reader::Release, which also closes it. One that is
// destroyed unspent closes itself as dropped. Thread-compatible.
class ReleasePermit {
 public:
  // Proof that a ConsentGate is calling.
  class Passkey {
   private:
    friend class ConsentGate;
    explicit Passkey() = default;
  };

  // `permit` is not checked yet; `hold` must not be null.
  ReleasePermit(Passkey passkey, SignedPermit permit,
                std::unique_ptr<PermitHold> hold);
  ReleasePermit(ReleasePermit&& other) noexcept = default;
  ReleasePermit& operator=(ReleasePermit&& other) noexcept;
  ReleasePermit(const ReleasePermit&) = delete;
  ReleasePermit& operator=(const ReleasePermit&) = delete;
  ~ReleasePermit();

  // False once moved from or closed.
  [[nodiscard]] bool open() const { return hold_ != nullptr; }
  // Unchecked: the reader checks it.
  [[nodiscard]] const SignedPermit& signed_permit() const { return permit_; }

  // See PermitHold. False as well when the permit is not open.
  bool HandOverIfLive(absl::FunctionRef<void()> hand_over);
  // Closes the hold; a second call does nothing.
  void Close(Closing closing);

 private:
  SignedPermit permit_;
  std::unique_ptr<PermitHold> hold_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_GATE_RELEASE_PERMIT_H_
