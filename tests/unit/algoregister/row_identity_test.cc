// Which registration a row is of where its id stands in several rows.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/ids.h"
#include "common/base/text.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/unit/algoregister/fixture.h"
#include "tests/unit/algoregister/import_as.h"

namespace limpid::algoregister {
namespace {

using base::ToAbsl;

// A file of the inventory of 2025 with a bureau, an id and a name per row.
struct UseCase {
  std::string_view bureau;
  std::string_view id;
  std::string_view name;
  std::string_view goal = "To help.";
};

std::string Inventory(const std::vector<UseCase>& rows) {
  std::string out =
      "agency_name,agency_bureau,id,use_case_name,problem_solved\n";
  for (const UseCase& row : rows) {
    absl::StrAppend(&out, "Agency,", ToAbsl(row.bureau), ",", ToAbsl(row.id),
                    ",", ToAbsl(row.name), ",", ToAbsl(row.goal), "\n");
  }
  return out;
}

std::shared_ptr<const ImportPlan> Import(RegisterHouse& house,
                                         const std::vector<UseCase>& rows,
                                         bool complete = false) {
  return ImportAs(house, "omb-2025", Inventory(rows), complete);
}

RegistrationId NamedBy(const RegisterHouse& house, std::string_view id) {
  const auto found = house.store.FindAlias({"omb-2025", std::string(id)});
  EXPECT_TRUE(found.ok() && found->has_value()) << id;
  return found.ok() && *found ? **found : RegistrationId{};
}

std::string TitleNow(const RegisterHouse& house, const RegistrationId& id) {
  return TextOf(ContentOf(*house.store.Get(id, 0)), "title", "en");
}

TEST(IdsInSeveralRows, AreToldApartByWhatTheRegisterKnows) {
  RegisterHouse house;
  Import(house, {{"One", "X", "Sorting"}, {"Two", "X", "Mapping"}});
  const RegistrationId first = NamedBy(house, "X");
  EXPECT_EQ(TitleNow(house, first), "Sorting");
  const auto again =
      Import(house, {{"Two", "X", "Mapping"}, {"One", "X", "Sorting"}});
  EXPECT_EQ(again->counts.unchanged, 2U);
  EXPECT_EQ(again->counts.drafts, 0U);
  // A row that came before both is a new one.
  const auto third = Import(house, {{"New", "X", "Routing"},
                                    {"Two", "X", "Mapping"},
                                    {"One", "X", "Sorting"}});
  EXPECT_EQ(third->counts.unchanged, 2U);
  EXPECT_EQ(third->counts.added, 1U);
  EXPECT_EQ(TitleNow(house, first), "Sorting");
}

TEST(IdsInSeveralRows, OneThatChangedIsTheOneThatIsLeft) {
  RegisterHouse house;
  Import(house, {{"One", "X", "Sorting"}, {"Two", "X", "Mapping"}});
  const RegistrationId first = NamedBy(house, "X");
  const auto plan =
      Import(house, {{"Two", "X", "Mapping"}, {"One", "X", "Sorting mail"}});
  EXPECT_EQ(plan->counts.changed, 1U);
  EXPECT_EQ(plan->counts.unchanged, 1U);
  EXPECT_EQ(TitleNow(house, first), "Sorting mail");
}

// Nobody can say which of two it is: neither replaces the other.
TEST(IdsInSeveralRows, OfWhichNoneIsKnownNameNone) {
  RegisterHouse house;
  Import(house, {{"One", "X", "Sorting"}});
  const RegistrationId first = NamedBy(house, "X");
  const auto plan =
      Import(house, {{"Two", "X", "Mapping"}, {"Three", "X", "Routing"}}, true);
  EXPECT_EQ(plan->counts.added, 2U);
  EXPECT_EQ(plan->counts.removed, 1U);
  EXPECT_EQ(TitleNow(house, first), "Sorting");
}

TEST(IdsInSeveralRows, TheSameTitleIsToldApartByTheOtherFields) {
  RegisterHouse house;
  Import(house, {{"One", "X", "Sorting", "Mail."}});
  const auto plan = Import(house, {{"Two", "X", "Sorting", "Parcels."},
                                   {"One", "X", "Sorting", "Mail."}});
  EXPECT_EQ(plan->counts.unchanged, 1U);
  EXPECT_EQ(plan->counts.added, 1U);
  EXPECT_EQ(plan->rows.back().outcome, ImportOutcome::kUnchanged);
}

// The row that had the id is gone, and the other has it alone.
TEST(IdsInSeveralRows, ARowKnownByItsKeyDoesNotTakeTheOthersPlace) {
  RegisterHouse house;
  Import(house, {{"One", "X", "Sorting"}, {"Two", "X", "Mapping"}});
  const RegistrationId first = NamedBy(house, "X");
  const auto plan = Import(house, {{"Two", "X", "Mapping"}}, true);
  EXPECT_EQ(plan->counts.unchanged, 1U);
  EXPECT_EQ(plan->counts.removed, 1U);
  EXPECT_EQ(TitleNow(house, first), "Sorting");
}

// Nothing but the id names one of two rows with the same key.
TEST(IdsInSeveralRows, OfOneKeyTooAreToldApartByWhatTheySay) {
  RegisterHouse house;
  const UseCase one = {"One", "X", "Sorting", "Mail."};
  const UseCase two = {"One", "X", "Sorting", "Parcels."};
  EXPECT_EQ(Import(house, {one, two})->counts.added, 2U);
  EXPECT_EQ(Import(house, {one, two})->counts.unchanged, 2U);
  EXPECT_EQ(Import(house, {two, one})->counts.unchanged, 2U);
}

TEST(IdsInSeveralRows, OfTheRealInventoryDoNotHangOnTheOrder) {
  LIMPID_SHARED_OR_SKIP(path, "data/algoregister/us/omb-2025-individual.csv");
  const std::string file = testing::ReadFile(path);
  RegisterHouse house;
  const auto first = ImportAs(house, "omb-2025", file);
  // Records of several lines, last first.
  std::vector<std::string> records;
  bool quoted = false;
  std::string record;
  for (const char c : file) {
    if (c == '"') quoted = !quoted;
    record.push_back(c);
    if (c == '\n' && !quoted) records.push_back(std::move(record));
    if (c == '\n' && !quoted) record.clear();
  }
  if (!record.empty()) records.push_back(record + "\n");
  std::reverse(records.begin() + 1, records.end());
  std::string reversed;
  for (const std::string& one : records) reversed += one;
  const auto again = ImportAs(house, "omb-2025", reversed);
  EXPECT_EQ(again->counts.added, 0U);
  EXPECT_EQ(again->counts.rejected, first->counts.rejected);
  // Rows without an id that organisation, bureau and title do not tell apart
  // are the first one's.
  for (const PlannedRow& row : again->rows) {
    const bool counted = row.outcome == ImportOutcome::kRejected;
    if (row.foreign_id.empty() || counted) continue;
    EXPECT_EQ(row.outcome, ImportOutcome::kUnchanged) << row.line;
  }
}

}  // namespace
}  // namespace limpid::algoregister
