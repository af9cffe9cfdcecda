// Imports of a profile into a register in memory.

#ifndef LIMPID_TESTS_UNIT_ALGOREGISTER_IMPORT_AS_H_
#define LIMPID_TESTS_UNIT_ALGOREGISTER_IMPORT_AS_H_

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "algoregister/profile/import_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {

// Plans and publishes; an empty plan where the file as a whole is broken.
inline std::shared_ptr<const ImportPlan> ImportAs(RegisterHouse& house,
                                                  std::string_view profile,
                                                  std::string_view file,
                                                  bool complete = false) {
  ImportRequest request = house.RequestFor(file);
  request.profile = profile;
  request.complete = complete;
  const auto plan = house.desk.Plan(house.publisher, request);
  EXPECT_THAT(plan, testing::IsOk());
  if (!plan.ok()) return std::make_shared<ImportPlan>();
  if ((*plan)->counts.drafts == 0) return *plan;
  EXPECT_THAT(
      house.desk.Commit(
          house.publisher, (*plan)->id, house.SignAll(**plan),
          [](const ImportProgress& /*done*/) { return absl::OkStatus(); }),
      testing::IsOk());
  return *plan;
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_UNIT_ALGOREGISTER_IMPORT_AS_H_
