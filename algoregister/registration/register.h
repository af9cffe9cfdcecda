// The register's one writer: drafts versions, publishes signed ones and the
// entries of services' keys, and resumes what a crash cut short. Both are
// public once they are durable, in the log, and marked there; in that order.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_REGISTER_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_REGISTER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/bridge/snapshots.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/import_names.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/register_listeners.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/service_key/service_key_store.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/value.h"
#include "common/tlog/log.h"

namespace limpid::algoregister {

// A draft older than this was made for another day; the time in a leaf is
// public for ever.
inline constexpr absl::Duration kMaxDraftAge = absl::Hours(24);
// Of one service: a device reads and checks all of them, at about 0.2 ms each.
inline constexpr std::size_t kMaxServiceKeyEntries = 2'000;

// Operators of consent that released something for one snapshot.
inline constexpr std::size_t kMaxTrainingOperators = 100;

// Who asks for a draft, and how it will be signed.
struct Author {
  const Publisher& publisher;
  crypto::Ed25519PublicKey key;
  AuthorRole role = AuthorRole::kPublisher;
  std::string_view reason;
};

// Thread-safe.
class Register {
 public:
  // All six must outlive the register.
  struct Parts {
    RegistrationStore& store;
    tlog::Log& log;
    const base::Clock& clock;
    crypto::RandomSource& random;
    ServiceKeyStore& service_keys;
    const ImportNames& import_names;
  };

  explicit Register(const Parts& parts)
      : parts_(parts), started_(parts_.clock.Now()) {}
  Register(const Register&) = delete;
  Register& operator=(const Register&) = delete;
  ~Register() = default;

  // Finishes what a crash left between store and log. Call first; idempotent.
  //
  // Errors:
  //   kDataLoss  the log holds an entry that the store does not know, or lacks
  //              one that the store says it has: one of them is a copy.
  absl::Status Recover();

  // Drafts for a publisher to sign. `content` is {"aliases", "fields"}, as
  // PrepareVersion of limpid.algoregister.v1 describes it.
  //
  // Errors:
  //   kInvalidArgument     content or reason break the rules ("<JSON pointer>:
  //                        reason"), or the key is not the publisher's.
  //   kPermissionDenied    another publisher keeps the registration; or it gets
  //                        an alias that imports go by, and this one may not.
  //   kNotFound            no such registration or snapshot.
  //   kFailedPrecondition  the registration is retired, the snapshot sealed; a
  //                        use of what refuses validation (mim5/stated.h).
  //   kAlreadyExists       an alias or a snapshot's id is another's.
  absl::StatusOr<Draft> PrepareNew(const Author& author, RegistrationKind kind,
                                   const json::Value& content);
  // With `keep_restricted` the parts of the newest version go on where
  // `content` has their field with an audience and no part of its own for it.
  absl::StatusOr<Draft> PrepareUpdate(const Author& author,
                                      const RegistrationId& registration,
                                      const json::Value& content,
                                      bool keep_restricted = false);
  absl::StatusOr<Draft> PrepareRetirement(const Author& author,
                                          const RegistrationId& registration);
  absl::StatusOr<Draft> PrepareSnapshot(const Author& author,
                                        const RegistrationId& dataset,
                                        const SnapshotId& snapshot,
                                        std::string_view name);
  absl::StatusOr<Draft> PrepareSeal(const Author& author,
                                    const RegistrationId& dataset,
                                    const SnapshotId& snapshot);

  // Checks, seals and publishes one draft from outside. The same draft again
  // answers the same.
  //
  // Errors: as above, those of CheckedDraft::Check and SealedDraft::Seal, and
  //   kAborted  another version was published since.
  absl::StatusOr<Version> Publish(const Publisher& publisher,
                                  const SignedDraft& draft);

  // Publishes groups with one log append, each group whole or not at all; a
  // group may refer to earlier ones. One status per group. Looks at what stands
  // in the register alone: that a draft is what its author signed, its type
  // says.
  using Group = std::vector<SealedDraft>;
  std::vector<absl::Status> PublishGroups(std::span<const Group> groups);

  // Publishes an entry of a service's key that one of `operators` signed,
  // behind those the service has; its place in the log. The same entry again
  // answers the same. Checks the whole chain as a device does that follows it,
  // so that nothing comes into it which would make every device refuse it for
  // ever.
  //
  // Errors:
  //   kInvalidArgument     no such entry, or none of them signed it.
  //   kAlreadyExists       another entry has its place in the chain.
  //   kFailedPrecondition  one before it is missing, it is the first and the id
  //                        a snapshot's, or a rule of
  //                        receipt::ServiceKeys::Follow is broken.
  //   kPermissionDenied    the service's keys are another operator's.
  //   kResourceExhausted   the service has kMaxServiceKeyEntries.
  absl::StatusOr<std::uint64_t> PublishServiceKey(
      std::span<const crypto::Ed25519PublicKey> operators,
      base::ByteView entry);

  // Erases one field, value and salt, from one version or from all, and keeps
  // a public record of it. Leaves, digests and proofs stay as they are. With
  // `check_only` nothing is erased: the answer lists what would be. Repeating
  // is harmless and answers what was erased before.
  //
  // Errors:
  //   kInvalidArgument  as CheckErasureOrder; or the ground repeats a text of
  //                     the field, and it is public.
  //   kNotFound         no such registration or version; or none of those
  //                     meant has the field or had it erased.
  //   kAborted          the registration changed again and again meanwhile;
  //                     nothing was erased.
  //   others            of the listener: the store has erased it, and a
  //                     repeated call tells the listener again.
  absl::StatusOr<ErasureOutcome> EraseField(const ErasureOrder& order,
                                            bool check_only);
  // Call before anybody publishes or erases.
  void Tell(RegisterListeners listeners) { listeners_ = std::move(listeners); }

  // How often fields were erased since the start: for copies of what was read.
  [[nodiscard]] std::uint64_t erasure_count() const { return erasures_.load(); }

  // Publishes an operator's commitment to the releases of a sealed snapshot
  // (docs/formats/training-commitment.md); its place in the log. The same entry
  // again answers the same.
  //
  // Errors:
  //   kInvalidArgument     no such entry, or none of `operators` signed it.
  //   kNotFound            no dataset lists the snapshot.
  //   kFailedPrecondition  the snapshot is not sealed.
  //   kAlreadyExists       this operator has committed to it.
  //   kResourceExhausted   kMaxTrainingOperators have.
  absl::StatusOr<std::uint64_t> PublishTrainingCommitment(
      std::span<const crypto::Ed25519PublicKey> operators,
      base::ByteView entry);

  // Publishes an operator's consent facts of a month
  // (docs/formats/consent-facts.md); their place in the log. The same entry
  // again answers the same.
  //
  // Errors:
  //   kInvalidArgument    no such entry, or none of `operators` signed it.
  //   kAlreadyExists      this operator has published others of this month, or
  //                       of a later one.
  absl::StatusOr<std::uint64_t> PublishConsentFacts(
      std::span<const crypto::Ed25519PublicKey> operators,
      base::ByteView entry);

  // Whether an active system is registered under this id: what consent asks
  // before it lets an agreement name one.
  absl::StatusOr<bool> SystemExists(const RegistrationId& system) const;
  // Whether the active system says that it trains on the snapshot, and the
  // snapshot is open in an active dataset: what consent asks before it lets a
  // read name both.
  absl::StatusOr<bool> MayTrain(const RegistrationId& system,
                                const SnapshotId& snapshot) const;
  // State of a snapshot in the newest version of its dataset.
  //
  // Errors:
  //   kNotFound  no dataset has it.
  absl::StatusOr<SnapshotState> StateOfSnapshot(
      const SnapshotId& snapshot) const;
  // The dataset that lists it.
  //
  // Errors:
  //   kNotFound  none does.
  absl::StatusOr<RegistrationId> DatasetOfSnapshot(
      const SnapshotId& snapshot) const;
  struct Keeper {
    PublisherId publisher;
    // Not as an importer of what another body registered.
    bool in_its_own_name = false;
  };
  // Of this version; none unless it is published. Version 0 never is.
  absl::StatusOr<std::optional<Keeper>> KeeperOf(
      const RegistrationId& registration, std::uint32_t version) const;

 private:
  // What groups of one append see beyond the store.
  struct Batch {
    // Index into `added`.
    std::map<RegistrationId, std::size_t> newest;
    std::map<Alias, RegistrationId> aliases;
    std::vector<NewVersion> added;
    // In the store, which never loses one: many rows name the same few.
    std::set<RegistrationId> known;
  };

  absl::StatusOr<Draft> DraftNext(const Author& author,
                                  const RegistrationId& registration,
                                  const std::optional<Version>& newest,
                                  RegistrationState state, json::Value content,
                                  absl::Time now);
  // The newest version, which the author keeps.
  absl::StatusOr<Version> Own(const Author& author,
                              const RegistrationId& registration) const;
  absl::StatusOr<std::optional<Version>> Newest(
      const RegistrationId& registration, const Batch& batch) const;
  [[nodiscard]] absl::Status CheckAliases(const RegistrationId& registration,
                                          const json::Value& content,
                                          bool may_import,
                                          const Batch& batch) const;
  [[nodiscard]] absl::Status CheckReferences(const json::Value& content,
                                             Batch& batch) const;
  // That a system's refusal of validation does not stand against the use.
  [[nodiscard]] absl::Status CheckValidation(const json::Value& content,
                                             const Batch& batch) const;
  // Adds the version, unless it is published already.
  absl::Status Stage(const SealedDraft& draft, Batch& batch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // That `next` may follow `newest`, if there is one.
  [[nodiscard]] absl::Status CheckFollows(const SealedDraft& draft,
                                          const NewVersion& next,
                                          const Version* newest) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[nodiscard]] bool IsPublished(const SealedDraft& draft,
                                 const std::optional<Version>& newest) const;
  [[nodiscard]] absl::Status CheckNotErasedSince(absl::Time draft_time,
                                                 const Version& newest) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Record(NewVersion version, Batch& batch);
  // Takes back what a refused group staged.
  static void Truncate(std::size_t size, Batch& batch);
  absl::Status Commit(std::vector<NewVersion> versions)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Commit(StoredServiceKey& key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // `plan` is what is left to erase of the history as it is.
  absl::StatusOr<ErasureOutcome> EraseLocked(const ErasureOrder& order,
                                             ErasureOutcome plan,
                                             bool check_only)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RecoverLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The log holds nothing unmarked behind this.
  absl::StatusOr<std::uint64_t> MarkedSize() const;

  Parts parts_;
  // Held from the check of a draft or entry to the mark of its place.
  base::Mutex mutex_;
  // The stores may hold what the log has not, or not marked.
  bool unfinished_ ABSL_GUARDED_BY(mutex_) = true;
  std::atomic<std::uint64_t> erasures_ = 0;
  // When the last erasure of each ended, in this process.
  std::map<RegistrationId, absl::Time> erased_ ABSL_GUARDED_BY(mutex_);
  const absl::Time started_;
  RegisterListeners listeners_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_REGISTER_H_
