// Versions for the search index without a register behind them: contents, the
// next place of a log, and nothing signed.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_SEARCH_FIXTURE_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_SEARCH_FIXTURE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/search/index.h"
#include "algoregister/version/version.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"

namespace limpid::algoregister::search {

using Fields = std::vector<std::pair<std::string, json::Value>>;

inline json::Value State(std::string_view json_text) {
  return json::ParseStrict(json_text).value();
}

inline const absl::Time kFirstDay =
    absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone());

// A log of versions, and the index that follows it.
class IndexHouse {
 public:
  static json::Value Content(RegistrationKind kind, const Fields& fields) {
    json::Value content = NewContent(kind);
    for (const auto& [name, field] : fields) SetField(content, name, field);
    content.Set("reason", "because");
    return content;
  }

  // The next version of `id`.
  const Version& Publish(const RegistrationId& id, const Fields& fields,
                         RegistrationState state = RegistrationState::kActive) {
    Version version;
    version.registration = id;
    version.number = ++numbers_[id];
    version.state = state;
    version.draft_time =
        kFirstDay + absl::Hours(static_cast<std::int64_t>(log.size()));
    version.fields = receipt::DiscloseContent(Content(id.kind, fields),
                                              crypto::SystemRandom());
    version.leaf_index = 2 * log.size();
    log.push_back(std::move(version));
    index.Apply(log.back());
    return log.back();
  }
  RegistrationId New(RegistrationKind kind, const Fields& fields) {
    const RegistrationId id = RegistrationId::Random(kind);
    Publish(id, fields);
    return id;
  }
  RegistrationId Organisation(std::string_view name) {
    return New(RegistrationKind::kOrganisation,
               {{"name", Given(json::Value(name))}});
  }
  RegistrationId Deployment(std::string_view title, std::string_view goal = "",
                            Fields more = {}) {
    more.emplace_back("title", GivenText("nl", title));
    if (!goal.empty()) more.emplace_back("goal", GivenText("nl", goal));
    return New(RegistrationKind::kDeployment, more);
  }

  [[nodiscard]] SearchAnswer Ask(const Filter& filter) const {
    return index.Search(filter, 0, 1'000);
  }
  [[nodiscard]] EntrySnapshot Snapshot() const {
    return EntrySnapshot(index.entries());
  }
  [[nodiscard]] std::vector<std::string> Titles(const Filter& filter) const {
    std::vector<std::string> out;
    for (const Hit& hit : Ask(filter).hits) {
      out.push_back(index.entry(hit.place).title);
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> Find(std::string_view words) const {
    return Titles({.query = std::string(words)});
  }

  std::vector<Version> log;
  SearchIndex index;

 private:
  std::map<RegistrationId, std::uint32_t> numbers_;
};

}  // namespace limpid::algoregister::search

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_SEARCH_FIXTURE_H_
