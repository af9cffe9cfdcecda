// The only way to plaintext for services: Reader::Release spends one permit,
// checks it against the request it was made for, opens exactly the lines it
// names and keeps it open until the answer is on its way.
// docs/formats/permit.md, "What a vault checks"

#ifndef LIMPID_VAULT_READER_READER_H_
#define LIMPID_VAULT_READER_READER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/day.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/permit.h"
#include "common/receipt/release_batch.h"
#include "vault/attribute/definition.h"
#include "vault/connectors/connector.h"
#include "vault/connectors/source_fetcher.h"
#include "vault/core.h"
#include "vault/custody/copy_desk.h"
#include "vault/gate/consent_gate.h"
#include "vault/gate/release_permit.h"
#include "vault/portability/move_desk.h"

namespace limpid::vault {

class ReleaseTrail;

// What became of one attribute. Numbers are those of limpid.vault.v1.Reason
// and, up to 13, of receipt::Reason.
enum class ReadReason : std::uint8_t {
  kReleased = 0,
  kNoConsent = 1,
  kPurpose = 2,
  kExpired = 3,
  kPaused = 4,
  kWithdrawn = 5,
  kRevoked = 6,
  kInvalidated = 7,
  kLimit = 8,
  kPolicy = 9,
  // The vault's own as well: the form cannot be made of the stored value.
  kForm = 10,
  kCaller = 11,
  kNoticeOutdated = 12,
  kRepresentative = 13,
  // Permitted, but nothing is stored, or nothing of the permit's days.
  kNoValue = 14,
  // Permitted, but only the person's devices can open it, and none has made a
  // copy for this record, version and form.
  kSealed = 15,
  // Permitted, but the person moved to another operator.
  kMoved = 16,
  // Permitted, but a source that the person linked did not answer, or not in
  // time, or not so that it may be used.
  kSourceUnavailable = 17,
};

struct ReadLine {
  std::string attribute;
  ReadReason reason = ReadReason::kNoConsent;
  // What follows is set when released.
  receipt::Form form = receipt::Form::kFull;
  std::string derivation;
  std::string parameters;
  // Of has_entitlement/1, once the value was looked at: whether it passes its
  // test. The answer is that of all needs together (entitlements.h).
  std::optional<bool> met;
  // RFC 8785: the value, or the derivation's answer.
  std::string value_json;
  // The answer as an SD-JWT, when the form is attested.
  std::string attestation;
  // 0 under a permit with days: the number would tell of what lies outside.
  std::uint64_t version = 0;
  // In place of the value where it is sealed: docs/formats/grant-copy.md.
  base::Bytes sealed_copy;
  // Of a value that came from a source, in the forms full and derived: its
  // name here.
  std::string source;
  // In the form full alone: when it held, as the source says. Whole days: what
  // is finer could tell two services that they read of one person.
  std::optional<absl::Time> as_of;
};

// Overwrites the values in memory.
void WipeValues(std::vector<ReadLine>& lines);

// Values under a permit that is still open. Move-only; wipes the values when it
// goes, and drops the permit unless it was closed. Thread-compatible.
class Release {
 public:
  Release(Release&& other) noexcept = default;
  Release& operator=(Release&& other) noexcept;
  Release(const Release&) = delete;
  Release& operator=(const Release&) = delete;
  ~Release();

  // In the order of the permit.
  [[nodiscard]] std::vector<ReadLine>& lines() { return lines_; }
  [[nodiscard]] const receipt::Permit& permit() const { return facts_; }
  // Where the person went; then no line is released.
  [[nodiscard]] const std::optional<NewOperator>& moved_to() const {
    return moved_to_;
  }
  // What sources have to be asked for before the lines are whole; lines are
  // places in lines(). Their reason is kSourceUnavailable until they were.
  [[nodiscard]] const std::vector<Wanted>& wanted() const { return wanted_; }
  // On the monotonic clock.
  [[nodiscard]] absl::Duration lease_end() const { return lease_end_; }
  // Wall time after which a client must discard the values.
  [[nodiscard]] absl::Time valid_until() const { return valid_until_; }

  // Runs `hand_over` under the fence lock if no fence has reached the permit
  // and neither lease nor record has run out, and returns whether it ran. See
  // PermitHold::HandOverIfLive. Values that cannot be noted do not leave.
  bool HandOver(absl::FunctionRef<void()> hand_over);
  // At most once; see PermitHold::Close.
  void Close(Closing closing) { permit_.Close(closing); }

 private:
  friend class Reader;
  Release(ReleasePermit permit, receipt::Permit facts, absl::Duration lease_end,
          const base::Clock& clock, const receipt::ReleaseRequestFields& asked);

  // What is to be noted of a hand-over but its time; none where nothing is.
  [[nodiscard]] std::optional<receipt::ReleaseNote> NoteOf() const;
  [[nodiscard]] bool Noted(std::optional<receipt::ReleaseNote>& note);

  ReleasePermit permit_;
  receipt::Permit facts_;
  // On the monotonic clock.
  absl::Duration lease_end_;
  const base::Clock* clock_;
  absl::Time valid_until_;
  // Of the request, which the permit repeats.
  std::string purpose_;
  base::ByteArray<16> nonce_{};
  std::optional<NewOperator> moved_to_;
  std::vector<ReadLine> lines_;
  std::vector<Wanted> wanted_;
  // Null where nothing is noted.
  ReleaseTrail* trail_ = nullptr;
};

// Thread-safe.
class Reader {
 public:
  // `consent_key` signs permits. All must outlive the reader and its releases;
  // without `copies` nothing sealed is released, without `trail` what is
  // released is not noted.
  Reader(VaultCore& core, const crypto::Ed25519PublicKey& consent_key,
         CopyDesk* copies = nullptr, ReleaseTrail* trail = nullptr);

  // Releases what `permit` names. `request` is what was asked of the gate and
  // `sent_at` the monotonic time right before. Spends the permit whatever
  // happens.
  //
  // Errors:
  //   kDataLoss     the permit is forged, was spent before, or was made for
  //                 another vault, service or request, or names more than was
  //                 asked; or a stored value does not open. Alarm.
  //   kUnavailable  its lease or its record has run out.
  absl::StatusOr<class Release> Release(ReleasePermit&& permit,
                                        const ReleaseRequest& request,
                                        absl::Duration sent_at);

  // Puts what came for one of `release.wanted()` into its line, in the form
  // that the permit names, and wipes it. Returns false when the source's value
  // breaks the catalogue, so that it may not be used: alarm.
  bool Fill(class Release& release, const Wanted& wanted, Fetched fetched);

  // Answers what is asked of several lines together. Once, when every wanted
  // line was filled or is given up.
  void Conclude(class Release& release);

 private:
  // Verified batch heads remembered: a batch is decided within milliseconds,
  // so few are open at once.
  static constexpr std::size_t kRememberedHeads = 64;

  // Access ids are random, and a signed permit is not of an enemy's choosing.
  struct HashOfRandom {
    std::size_t operator()(const base::ByteArray<16>& bytes) const {
      std::size_t out = 0;
      std::memcpy(&out, bytes.data(), sizeof(out));
      return out;
    }
  };

  absl::StatusOr<receipt::Permit> Verify(const SignedPermit& permit);
  bool HeadIsSigned(const receipt::BatchProof& proof);
  absl::Status CheckFits(const receipt::Permit& permit,
                         const ReleaseRequest& request) const;
  absl::Status Spend(const receipt::Permit& permit);
  absl::Status Fill(class Release& release);
  // Whether the catalogue lets `line` out in its form; its definition then.
  CatalogueEntryPtr EntryFor(const ReadLine& line) const;
  // Which of the lines that have no row sources are to be asked for.
  absl::Status FindSources(class Release& release, const Owner& owner,
                           const std::vector<std::size_t>& missing);
  // Makes the line's form of `value_json`, which is wiped.
  absl::Status MakeForm(const class Release& release, std::string& value_json,
                        ReadLine& line);
  absl::Status FillLine(const class Release& release, AttributeRow& row,
                        ReadLine& line);
  // Puts the derivation's answer in place of the value, signed if the form says
  // so; says why not in the line.
  absl::Status Answer(const class Release& release, std::string& value_json,
                      ReadLine& line);
  // The answer, signed if the form says so, as the line's value.
  void Put(const class Release& release, const json::Value& parameters,
           const json::Value& answer, ReadLine& line);
  absl::Status FillSealed(const receipt::Permit& permit,
                          const AttributeRow& row, ReadLine& line);

  VaultCore& core_;
  const crypto::Ed25519PublicKey consent_key_;
  CopyDesk* const copies_;
  ReleaseTrail* const trail_;
  base::Mutex mutex_;
  std::deque<base::Digest32> recent_heads_ ABSL_GUARDED_BY(mutex_);
  std::set<base::Digest32> heads_ ABSL_GUARDED_BY(mutex_);
  // Access ids of spent permits with the time they may be forgotten: when no
  // lease can reach any more.
  std::deque<std::pair<absl::Duration, base::ByteArray<16>>> spent_order_
      ABSL_GUARDED_BY(mutex_);
  std::unordered_set<base::ByteArray<16>, HashOfRandom> spent_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_READER_READER_H_
