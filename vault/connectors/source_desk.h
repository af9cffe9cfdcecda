// What a person does with sources: link herself, see what is linked, take a
// link back, ask what they hold, ask to have it put right. Who she is was
// settled before; who she is at a source, that source says.
// docs/connectors.md

#ifndef LIMPID_VAULT_CONNECTORS_SOURCE_DESK_H_
#define LIMPID_VAULT_CONNECTORS_SOURCE_DESK_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/person_vault.h"
#include "vault/connectors/connector.h"
#include "vault/connectors/own_calls.h"
#include "vault/connectors/source_link.h"
#include "vault/connectors/source_set.h"
#include "vault/core.h"

namespace limpid::vault {

struct NewLink {
  std::string source;
  // Of the source; Connector::CheckLink.
  std::string proof;
  // In any order, each once.
  std::vector<LinkedAttribute> attributes;
};

struct LinkDone {
  SourceLink link;
  DoneAct act;
};

// The owner's links, under whichever key they are now.
//
// Errors:
//   kDataLoss  one does not open.
absl::StatusOr<std::vector<SourceLink>> LinksOf(VaultCore& core,
                                                const Owner& owner);

// Thread-safe. Blocks on the store, and where it says so on a source, for
// Source::time_limit at most but for what a resolver takes.
class SourceDesk {
 public:
  // Both must outlive it, and it what it was given to run.
  SourceDesk(VaultCore& core, const SourceSet& sources)
      : core_(core), sources_(sources) {}

  // Errors of all calls that name a source:
  //   kNotFound  this vault knows no such source.

  // Links the caller, or replaces what she linked there. What is kept in the
  // vault goes before what a source says: an attribute with a kept version is
  // not linked. Asks the source.
  //
  // Errors: those of Connector::CheckLink, and
  //   kInvalidArgument     an attribute that the source is not asked about or
  //                        that the catalogue has not; computed without a
  //                        derivation; SourceLink::Check.
  //   kFailedPrecondition  an attribute is kept here or linked elsewhere; she
  //                        moved away, or was erased here.
  absl::StatusOr<LinkDone> Link(const PersonCaller& caller, NewLink link);

  // Hers, by source; also those of sources that are configured no more.
  absl::StatusOr<std::vector<SourceLink>> List(const PersonCaller& caller);

  // Errors: (never kNotFound because a source is configured no more)
  //   kNotFound  she is not linked there.
  absl::StatusOr<DoneAct> Unlink(const PersonCaller& caller,
                                 std::string_view source);

  // What the source holds of her. Asks the source.
  //
  // Errors: those of Connector, and
  //   kNotFound  she is not linked there.
  absl::StatusOr<std::vector<Holding>> Holdings(const PersonCaller& caller,
                                                std::string_view source);

  // `request.person` asks; `request.subject` is looked up. Asks the source.
  //
  // Errors: those of Connector, and
  //   kNotFound         she is not linked there.
  //   kInvalidArgument  the value breaks the schema of the catalogue.
  absl::StatusOr<RectificationAnswer> RequestRectification(
      RectificationRequest request, std::string_view source);

  // Whether a call needs a link that is there.
  enum class Needs { kLink, kNothing };
  // Runs `work` where `source` is waited for, unless it can be refused before:
  // no thread is taken for whoever is not linked there. `work` ends its turn
  // once it needs the source no more.
  //
  // Errors:
  //   kNotFound           she is not linked there, and that is needed.
  //   kResourceExhausted  she waits for this source already, or as many persons
  //                       as may (OwnCalls), or everybody does.
  absl::Status Run(const PersonCaller& caller, std::string_view source,
                   Needs needs, std::function<void(OwnCalls::Turn&)> work);

  [[nodiscard]] const SourceSet& sources() const { return sources_; }

 private:
  absl::StatusOr<const Source*> Known(std::string_view name) const;
  absl::Status CheckAttributes(const Source& source,
                               const SourceLink& link) const;
  // That she keeps nothing of `link` here, and has it nowhere else of `others`,
  // her links.
  absl::Status CheckFree(const VaultReads& reads, const Owner& owner,
                         const std::vector<SourceLink>& others,
                         const SourceLink& link) const;
  absl::StatusOr<DoneAct> Log(VaultTransaction& transaction, ActKind kind,
                              const Owner& owner, const SourceLink& link,
                              const PersonKey& key) const;
  // The caller's link, or who she is in this vault.
  absl::StatusOr<SourceLink> LinkTo(const PersonCaller& caller,
                                    std::string_view source);

  VaultCore& core_;
  const SourceSet& sources_;
  OwnCalls own_calls_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_SOURCE_DESK_H_
