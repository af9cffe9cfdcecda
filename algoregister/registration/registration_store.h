// Where versions are kept. The port of the register's domain: what it promises
// is in tests/conformance/registration_store_conformance.h.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_REGISTRATION_STORE_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_REGISTRATION_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/links/link.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/registration/ids.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// The newest published version in short.
struct Head {
  RegistrationId registration;
  std::uint32_t number = 0;
  RegistrationState state = RegistrationState::kActive;
  std::string title;
  std::optional<RegistrationId> organisation;
  absl::Time draft_time;

  friend bool operator==(const Head&, const Head&) = default;
};

struct ListFilter {
  std::optional<RegistrationKind> kind;
  std::optional<RegistrationId> organisation;
  // Compared with titles after folding A-Z; empty matches all.
  std::string title_prefix;
  bool include_retired = false;
};

// The row a page ended with.
struct ListCursor {
  // Folded title.
  std::string title_key;
  RegistrationId registration;
};

struct LogPlace {
  RegistrationId registration;
  std::uint32_t number = 0;
  std::uint64_t leaf_index = 0;
  // Millisecond resolution.
  absl::Time logged_time = absl::UnixEpoch();
  // The version's public content from whoever just added it; null lets the
  // store read it back. Must outlive the call.
  const json::Value* content = nullptr;
};

// A registration with a link that was asked for, and where in it.
struct Referrer {
  Head head;
  std::string pointer;

  friend bool operator==(const Referrer&, const Referrer&) = default;
};

// The row a page of referrers ended with.
struct ReferrerCursor {
  // Folded title.
  std::string title_key;
  RegistrationId registration;
  std::string pointer;
};

// One foreign id of a scheme.
struct OwnedAlias {
  std::string id;
  RegistrationId registration;
};

// Lower-cases A to Z: the order and prefix match of lists.
std::string FoldTitle(std::string_view title);

// Writes are durable on return and seen by every later read. Thread-safe.
// Versions are invisible to every read but Pending and FindAlias until they
// are marked as logged.
class RegistrationStore {
 public:
  virtual ~RegistrationStore() = default;

  // Adds all of `versions` (without leaf_index) or none, with the aliases and
  // snapshots of their contents. A version that is there already with the same
  // leaf counts as added.
  //
  // Errors:
  //   kAborted        one is not version 1 or the successor of the newest one
  //                   stored or earlier in `versions`.
  //   kAlreadyExists  an alias or snapshot belongs to another registration.
  virtual absl::Status Add(std::span<const NewVersion> versions) = 0;
  // Makes versions visible at their places in the log. Repeating is harmless.
  //
  // Errors:
  //   kNotFound  no such version; none was marked.
  virtual absl::Status MarkLogged(std::span<const LogPlace> places) = 0;
  // Versions added and not marked, in the order they were added.
  virtual absl::StatusOr<std::vector<Version>> Pending() const = 0;
  // One more than the largest place marked, 0 before the first.
  virtual absl::StatusOr<std::uint64_t> LoggedSize() const = 0;
  // At most `limit` versions whose place in the log is `first` or behind it, in
  // the order of their places. What was marked once is never followed by a mark
  // before it, so that a reader who goes on behind the last one misses none.
  virtual absl::StatusOr<std::vector<Version>> LoggedFrom(
      std::uint64_t first, std::size_t limit) const = 0;

  // A version, the newest for number 0.
  //
  // Errors:
  //   kNotFound  no such registration or version.
  virtual absl::StatusOr<Version> Get(const RegistrationId& registration,
                                      std::uint32_t number) const = 0;
  // The version that was the newest one visible at `time`.
  //
  // Errors:
  //   kNotFound  none was visible then.
  virtual absl::StatusOr<Version> GetAt(const RegistrationId& registration,
                                        absl::Time time) const = 0;
  // At most `limit` versions with numbers above `after`, oldest first.
  virtual absl::StatusOr<std::vector<Version>> History(
      const RegistrationId& registration, std::uint32_t after,
      std::size_t limit) const = 0;
  // Errors:
  //   kNotFound  no such registration.
  virtual absl::StatusOr<Head> GetHead(
      const RegistrationId& registration) const = 0;
  // At most `limit` heads after `after`, by folded title and id bytes.
  virtual absl::StatusOr<std::vector<Head>> List(
      const ListFilter& filter, const std::optional<ListCursor>& after,
      std::size_t limit) const = 0;
  virtual absl::StatusOr<std::uint64_t> Count(
      const ListFilter& filter) const = 0;

  // Which registration an alias belongs to, if any.
  virtual absl::StatusOr<std::optional<RegistrationId>> FindAlias(
      const Alias& alias) const = 0;
  // How many aliases a scheme has.
  virtual absl::StatusOr<std::uint64_t> CountAliases(
      std::string_view scheme) const = 0;
  // At most `limit` aliases of a scheme after the one with the id `after`, by
  // the bytes of their ids.
  virtual absl::StatusOr<std::vector<OwnedAlias>> ListAliases(
      std::string_view scheme, std::string_view after,
      std::size_t limit) const = 0;
  // The active organisation with exactly this title: of several one that
  // `keeper` keeps, and of those the one whose first version came into the log
  // first. Never by its id, which whoever publishes it may choose.
  virtual absl::StatusOr<std::optional<RegistrationId>> FindOrganisation(
      std::string_view title,
      const std::optional<PublisherId>& keeper) const = 0;
  // The dataset a snapshot belongs to, if any.
  virtual absl::StatusOr<std::optional<RegistrationId>> FindSnapshot(
      const SnapshotId& snapshot) const = 0;

  // Takes the fields out of visible versions, with everything derived from
  // them: titles of lists, owners, aliases, links; and keeps the record. All or
  // nothing. One that is erased already keeps its first record. What was erased
  // is in no file of the store any more when this returns.
  //
  // Errors:
  //   kNotFound  a version or its field does not exist; nothing was erased.
  virtual absl::Status EraseFields(std::span<const FieldErasure> erasures) = 0;
  // By version and pointer.
  virtual absl::StatusOr<std::vector<FieldErasure>> Erasures(
      const RegistrationId& registration) const = 0;

  // At most `limit` links of newest visible versions after `after`, by folded
  // title, id bytes and pointer.
  virtual absl::StatusOr<std::vector<Referrer>> Referrers(
      const LinkQuery& query, const std::optional<ReferrerCursor>& after,
      std::size_t limit) const = 0;
  // Writes the links of at most `limit` registrations that have none by the
  // current kLinkRules, and returns how many: a start calls it until it is 0.
  virtual absl::StatusOr<std::size_t> FillLinks(std::size_t limit) = 0;

 protected:
  RegistrationStore() = default;
  RegistrationStore(const RegistrationStore&) = default;
  RegistrationStore& operator=(const RegistrationStore&) = default;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_REGISTRATION_STORE_H_
