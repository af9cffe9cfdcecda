// Writes registrations in the shape of another register, and says what that
// shape cannot carry. Reading the result back gives the same content hashes
// where nothing was dropped.
// docs/formats/profiles.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_EXPORT_H_
#define LIMPID_ALGOREGISTER_PROFILE_EXPORT_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// What an export left out.
struct Dropped {
  RegistrationId registration;
  // RFC 6901; empty for the whole registration.
  std::string pointer;
  std::string reason;
};

struct ExportItem {
  RegistrationId registration;
  // A valid content.
  json::Value content;
  // Of the version: when it was drafted, and who keeps the registration.
  absl::Time drafted = absl::UnixEpoch();
  PublisherId publisher;
};

// Names of the organisations that items refer to.
using OrganisationNames = std::map<RegistrationId, std::string>;

// One export, item by item: what the calls return, one after the other, is the
// file. Keeps one item in memory. Thread-compatible.
class Exporter {
 public:
  explicit Exporter(const Profile& profile) : profile_(profile) {}

  // What stands before the first row.
  std::string Begin();
  // The row of `item`, perhaps nothing; tells `dropped` what it leaves out.
  // `names` has those that the item refers to.
  std::string Add(const ExportItem& item, const OrganisationNames& names,
                  std::vector<Dropped>& dropped);
  // What stands behind the last row.
  std::string End();

 private:
  std::string AddJson(const json::Value& row);
  std::string AddDocument(json::Value document);

  const Profile& profile_;
  std::size_t count_ = 0;
  // The first document, until a second one makes it a list.
  std::optional<json::Value> first_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_EXPORT_H_
