// Takes an attribute with its history out of the server's hands: every version
// is sealed on this device, in the order of what she said, and only then is
// erased what the server could open. docs/formats/device-files.md

#ifndef LIMPID_CLIENTS_CPP_CUSTODY_MOVE_H_
#define LIMPID_CLIENTS_CPP_CUSTODY_MOVE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/sealed_client.h"
#include "clients/cpp/vault_client.h"
#include "clients/cpp/vault_erasure_client.h"
#include "common/base/clock.h"
#include "limpid/vault/v1/person_vault_service.pb.h"

namespace limpid::client {

// How far the move of one attribute has come.
struct MoveProgress {
  // From versions to the copies that were sealed of them.
  std::map<std::uint64_t, std::uint64_t> copies;
  // Copies in whose place others were sealed since; they go at the end.
  std::set<std::uint64_t> stale;
  // The version being sealed, the newest one before, and the time that is
  // sealed in its copy: a copy that came without being noted is looked for
  // behind that version, and known by this time. What she put elsewhere
  // meanwhile may be the same value.
  struct Pending {
    std::uint64_t version = 0;
    std::uint64_t newest = 0;
    // Milliseconds since 1970; none in notes of earlier versions.
    std::optional<std::int64_t> put_ms;
    friend bool operator==(const Pending&, const Pending&) = default;
  };
  std::optional<Pending> pending;

  // Notes that `copy` was sealed of `version`.
  void Add(std::uint64_t version, std::uint64_t copy);

  friend bool operator==(const MoveProgress&, const MoveProgress&) = default;
};

// The file in which a move that broke off is found again. Thread-compatible;
// its user holds the lock.
class MoveNotes {
 public:
  MoveNotes(std::filesystem::path file, std::string source_id)
      : file_(std::move(file)), source_id_(std::move(source_id)) {}

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  // Nothing yet where there is no file, or it is of another vault.
  //
  // Errors:
  //   kDataLoss  the file is not one: IsAboutOwnFile.
  absl::StatusOr<MoveProgress> Read(std::string_view attribute) const;
  // Durable on return; without `progress` nothing is left of the attribute.
  // Errors: those of Read and of writing.
  [[nodiscard]] absl::Status Write(
      std::string_view attribute,
      const std::optional<MoveProgress>& progress) const;

 private:
  std::filesystem::path file_;
  std::string source_id_;
};

// Thread-compatible. All given must outlive it.
class CustodyMove {
 public:
  CustodyMove(SealedClient& sealed, VaultClient& values,
              VaultErasureClient& erasures, const MoveNotes& notes,
              const base::Clock& clock)
      : sealed_(sealed),
        values_(values),
        erasures_(erasures),
        notes_(notes),
        clock_(clock) {}

  struct Moved {
    // Versions that were sealed, by an earlier call that broke off included.
    std::uint64_t count = 0;
    // The newest version now; 0 when nothing had to be moved.
    std::uint64_t newest = 0;
  };

  // Versions get new numbers and the time of now; sealed ones between or behind
  // those of the server are sealed anew where the order needs it, those that
  // another device puts meanwhile included. Broken off, it is called again on
  // this device and goes on: until every version is sealed nothing is erased,
  // and the newest one is an older value.
  //
  // Errors: those of the clients, and
  //   kFailedPrecondition  a hold stands, or another process of this device
  //                        moves something; nothing was sealed.
  //   kAborted             something was put again and again meanwhile; nothing
  //                        was erased.
  absl::StatusOr<Moved> Run(std::string_view attribute);

 private:
  // `put_time` of what is sealed is that of its seal, else none is kept.
  absl::StatusOr<OpenedValue> ValueOf(std::string_view attribute,
                                      const vault::v1::AttributeVersion& of);
  // What is kept, oldest first.
  absl::StatusOr<std::vector<vault::v1::AttributeVersion>> Kept(
      std::string_view attribute);
  // Notes the copy that came without being noted.
  absl::Status SettlePending(
      std::string_view attribute,
      const std::vector<vault::v1::AttributeVersion>& kept,
      MoveProgress& progress);
  // Takes out of what is stale all that is not what a copy is: nothing is
  // erased because a file says so.
  absl::Status DropStrangers(
      std::string_view attribute,
      const std::vector<vault::v1::AttributeVersion>& kept,
      MoveProgress& progress);
  absl::StatusOr<std::uint64_t> SealOne(std::string_view attribute,
                                        const vault::v1::AttributeVersion& of,
                                        std::uint64_t newest,
                                        MoveProgress& progress);
  // Returns the newest version afterwards.
  absl::StatusOr<std::uint64_t> SealAll(
      std::string_view attribute,
      const std::vector<vault::v1::AttributeVersion>& kept,
      MoveProgress& progress);
  // SealAll, until nothing was put meanwhile; `kept` is as it is then.
  absl::StatusOr<std::uint64_t> SealUntilStill(
      std::string_view attribute,
      std::vector<vault::v1::AttributeVersion>& kept, MoveProgress& progress);
  // That each copy opens to what it is of, before anything is erased.
  absl::Status CheckCopies(std::string_view attribute,
                           const std::vector<vault::v1::AttributeVersion>& kept,
                           const MoveProgress& progress);

  SealedClient& sealed_;
  VaultClient& values_;
  VaultErasureClient& erasures_;
  const MoveNotes& notes_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_CUSTODY_MOVE_H_
