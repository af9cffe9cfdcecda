// That a draft is the change somebody asked for: what a publisher compares
// before signing, so that the register chooses nothing a publisher did.

#ifndef LIMPID_CLIENTS_CPP_DRAFT_CHECK_H_
#define LIMPID_CLIENTS_CPP_DRAFT_CHECK_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/json/value.h"
#include "common/receipt/registration.h"
#include "limpid/algoregister/v1/publish_service.pb.h"

namespace limpid::client {

// A draft's time may differ from that of the device by as much. The register
// takes none older; a leaf's time is public for ever.
inline constexpr absl::Duration kMaxDraftDistance = absl::Hours(24);

// A draft, taken apart: its parts say the same registration, version and kind.
// That the leaf's digests are the fields', receipt::SignRegistrationLeaf checks
// when it signs.
struct ReadDraft {
  receipt::RegistrationLeaf leaf;
  std::vector<receipt::FieldDisclosure> fields;
  json::Value content;

  // Errors:
  //   kDataLoss  malformed, or its parts differ.
  static absl::StatusOr<ReadDraft> From(
      const algoregister::v1::VersionDraft& draft);
};

// Whether `draft`, out of `answer`, is the change `request` asks for: its
// registration, kind, state and reason, drafted now, by a publisher. Of a
// creation and an update also the whole content; of a snapshot that it stands
// there as asked. What a retirement or a snapshot carries on of the version
// before is not compared, nor the value of a part that an update with
// `keep_restricted` keeps: the publisher did not send it and signs the
// register's word for it. That it stands for a field that was sent with an
// audience and without a part, and that no other part is there, is compared.
//
// Errors:
//   kDataLoss  it is another one; the message says in what.
absl::Status CheckIsAskedFor(
    const ReadDraft& draft,
    const algoregister::v1::PrepareVersionRequest& request,
    const algoregister::v1::PrepareVersionResponse& answer, absl::Time now);

// Whether `drafts`, those of `row` in its order, are an import's for `reason`,
// drafted now, and what the row says becomes of it. That the content is the
// row's is the register's word.
//
// Errors:
//   kDataLoss  they are not; the message says in what.
absl::Status CheckIsOfRow(const std::vector<ReadDraft>& drafts,
                          const algoregister::v1::ImportRow& row,
                          std::string_view reason, absl::Time now);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_DRAFT_CHECK_H_
