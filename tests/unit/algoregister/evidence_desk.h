// A desk over a register in memory, and a bundle for it.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_EVIDENCE_DESK_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_EVIDENCE_DESK_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "algoregister/registration/content.h"
#include "algoregister/store/memory_evidence_store.h"
#include "algoregister/upload/evidence_desk.h"
#include "algoregister/version/version.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {

// Counts f: 16, 8, 4, 12; m: 15, 5, 5, 25.
inline std::string BundleText(std::string_view claimed) {
  return absl::StrCat(
      R"({"claims":[{"metric":"dp_difference","value":)", std::string(claimed),
      R"(}],"format":"limpid-evidence-bundle/1","manifest":{"favourable":)"
      R"("positive","groups":["sex"],"k":4,"label":{"column":"label",)"
      R"("negative":"0","positive":"1"},"level":0.95,"prediction":{"column":)"
      R"("said","negative":"0","positive":"1"},"tau":0.8},"table":[{"fn":4,)"
      R"("fp":8,"group":{"sex":"f"},"tn":12,"tp":16},{"fn":5,"fp":5,)"
      R"("group":{"sex":"m"},"tn":25,"tp":15}]})");
}

inline constexpr std::string_view kGroups =
    R"([{"attribute":"sex","group":"f","n":40,"tp":16,"fp":8,"fn":4,"tn":12},)"
    R"({"attribute":"sex","group":"m","n":50,"tp":15,"fp":5,"fn":5,"tn":25}])";

class EvidenceDeskTest : public ::testing::Test {
 protected:
  // An evaluation's content with these fields, each a JSON value.
  static json::Value Content(
      std::initializer_list<std::pair<std::string_view, std::string>> fields) {
    json::Value content = NewContent(RegistrationKind::kEvaluation);
    SetField(content, "title", GivenText("en", "Test of the router"));
    for (const auto& [name, text] : fields) {
      SetField(content, name, Given(json::ParseStrict(text).value()));
    }
    content.Remove("kind");
    return content;
  }
  Version Publish(const json::Value& content) {
    const auto draft = house_.target.PrepareNew(
        house_.By(house_.publisher), RegistrationKind::kEvaluation, content);
    EXPECT_THAT(draft, testing::IsOk());
    const auto version = house_.Publish(*draft);
    EXPECT_THAT(version, testing::IsOk());
    return *version;
  }

  RegisterHouse house_;
  MemoryEvidenceStore bundles_;
  EvidenceDesk desk_{{house_.store, bundles_, house_.clock}};
};

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_EVIDENCE_DESK_H_
