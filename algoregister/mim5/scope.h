// What an answer to MIM5 is about: the deployments and systems of a subject,
// each read once. For this folder alone.

#ifndef LIMPID_ALGOREGISTER_MIM5_SCOPE_H_
#define LIMPID_ALGOREGISTER_MIM5_SCOPE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/registration_store.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// A registration in its newest version.
struct Known {
  RegistrationId id;
  std::uint32_t version = 0;
  std::string title;
  json::Value content;
};

// What a field refers to, without its content.
struct NamedOne {
  RegistrationId id;
  std::string title;
};

// Reads registrations. Thread-compatible.
class Reading {
 public:
  explicit Reading(const RegistrationStore& store) : store_(store) {}

  // Errors:
  //   kNotFound  nothing is registered under it.
  //
  // Kept, with its content, and read once: of the scope of an answer alone.
  absl::StatusOr<const Known*> Of(const RegistrationId& id);
  // Read and not kept.
  [[nodiscard]] absl::StatusOr<Known> Once(const RegistrationId& id) const;
  // The title that lists show; read once, without the content.
  absl::StatusOr<std::string> ListedTitle(const RegistrationId& id);
  // By id and title, what a given field of `content` refers to; nothing when it
  // refers to nothing that is there.
  absl::StatusOr<std::optional<NamedOne>> NameOf(const json::Value& content,
                                                 std::string_view field);
  // The same with its content, which is kept; null for nothing.
  absl::StatusOr<const Known*> Named(const json::Value& content,
                                     std::string_view field);
  [[nodiscard]] const RegistrationStore& store() const { return store_; }

 private:
  const RegistrationStore& store_;
  std::map<RegistrationId, Known> known_;
  std::map<RegistrationId, std::string> titles_;
};

struct Scope {
  const Known* subject = nullptr;
  // In the order of their titles; nothing retired but the subject itself.
  std::vector<const Known*> deployments;
  // Own ones, and those that the deployments use; each once.
  std::vector<const Known*> systems;
  // False when the subject has more than `most` of one of them.
  bool complete = true;
};

// Errors:
//   kInvalidArgument  the subject is of another kind.
//   kNotFound         nothing is registered under it.
absl::StatusOr<Scope> ScopeOf(const RegistrationId& subject, std::size_t most,
                              Reading& reading);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MIM5_SCOPE_H_
