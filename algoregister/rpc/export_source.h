// One export, made while it is read: pages of the store become rows, rows
// become chunks. Holds a page and a chunk, however long the export is.

#ifndef LIMPID_ALGOREGISTER_RPC_EXPORT_SOURCE_H_
#define LIMPID_ALGOREGISTER_RPC_EXPORT_SOURCE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/export.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/registration_store.h"
#include "limpid/algoregister/v1/register_service.pb.h"

namespace limpid::algoregister {

// Thread-compatible.
class ExportSource {
 public:
  static constexpr std::size_t kChunkBytes = std::size_t{64} << 10U;
  // Heads read at once: little enough that filling a message is quick.
  static constexpr std::size_t kPageHeads = 50;
  // Names of organisations kept.
  static constexpr std::size_t kMaxNames = 1'000;

  // Both must outlive the source.
  ExportSource(const Profile& profile, const RegistrationStore& store,
               ListFilter filter)
      : store_(store), filter_(std::move(filter)), exporter_(profile) {}

  // Fills the next message; false after the last. Errors are the store's.
  absl::StatusOr<bool> Next(v1::ExportRegistrationsResponse& part);

 private:
  enum class Stage { kBegin, kRows, kEnd };

  absl::Status AddRow();
  absl::Status ReadPage();
  absl::Status ReadNames(const json::Value& content);

  const RegistrationStore& store_;
  ListFilter filter_;
  Exporter exporter_;
  Stage stage_ = Stage::kBegin;
  std::deque<Head> page_;
  bool last_page_ = false;
  std::optional<ListCursor> after_;
  OrganisationNames names_;
  std::string text_;
  std::deque<Dropped> dropped_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_EXPORT_SOURCE_H_
