// Where the keys of a person stand in a SQL database, and how those of an
// earlier schema get there, on both engines. docs/formats/row-places.md

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/storage/session.h"
#include "consent/store/places.h"
#include "consent/store/sql_ledger_store.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/places_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using storage::Session;
using testing::EarlierOf;
using testing::IdOfNumber;

using KeyPlaces = testing::PlacesFixture;

absl::Status InsertKeyAsBefore(storage::Database& database,
                               std::string_view sql, const PersonId& person,
                               const PersonKeyStore::Wrapped& key) {
  return database.Write([&](Session& session) {
    return session
        .Execute(sql, {person.bytes(), std::int64_t{key.epoch}, key.wrap})
        .status();
  });
}

TEST_P(KeyPlaces, KeysOfAnEarlierVersionAreTheSameAfterwards) {
  Create(EarlierOf(PersonKeyMigrations()));
  constexpr unsigned kPersons = 300;
  // Some have one key, some both; the first ids begin alike.
  const auto person_of = [](unsigned number) {
    base::ByteArray<16> bytes = IdOfNumber<PersonId>(number).bytes();
    if (number < 10) bytes[0] = 1;
    return PersonId(bytes);
  };
  const auto key_of = [](unsigned number) {
    return PersonKeyStore::Wrapped{number + 1,
                                   base::Bytes(number % 200 + 1, 7)};
  };
  for (unsigned i = 0; i < kPersons; ++i) {
    if (i % 3 != 0) {
      ASSERT_THAT(
          InsertKeyAsBefore(*database_,
                            "INSERT INTO person_key (person, epoch, wrap) "
                            "VALUES ($1, $2, $3)",
                            person_of(i), key_of(i)),
          IsOk());
    }
    if (i % 3 != 1) {
      ASSERT_THAT(
          InsertKeyAsBefore(*database_,
                            "INSERT INTO person_log_key (person, epoch, wrap) "
                            "VALUES ($1, $2, $3)",
                            person_of(i), key_of(1'000 + i)),
          IsOk());
    }
  }
  ASSERT_THAT(Open(PersonKeyMigrations()), IsOk());
  const auto keys = MakeSqlPersonKeyStore(*database_);
  for (unsigned i = 0; i < kPersons; ++i) {
    const auto key = keys->Get(person_of(i));
    ASSERT_THAT(key, IsOk());
    ASSERT_EQ(key->has_value(), i % 3 != 0) << i;
    if (*key) {
      EXPECT_EQ(**key, key_of(i)) << i;
    }
    const auto log_key = keys->GetLogKey(person_of(i));
    ASSERT_THAT(log_key, IsOk());
    ASSERT_EQ(log_key->has_value(), i % 3 != 1) << i;
    if (*log_key) {
      EXPECT_EQ(**log_key, key_of(1'000 + i)) << i;
    }
  }
  EXPECT_EQ(Numbers("SELECT count(*) FROM person_keys"),
            std::vector<std::int64_t>{kPersons});
  EXPECT_FALSE(Execute("DELETE FROM person_key", {}).ok());
  EXPECT_FALSE(Execute("DELETE FROM person_log_key", {}).ok());
}

TEST_P(KeyPlaces, PersonsWhoseIdsBeginAlikeKeepTheirOwnKeys) {
  Create(PersonKeyMigrations());
  const auto keys = MakeSqlPersonKeyStore(*database_);
  const auto person_of = [](std::uint8_t number) {
    base::ByteArray<16> bytes{};
    bytes[15] = number;
    return PersonId(bytes);
  };
  for (std::uint8_t i = 0; i < kKeyPlaces; ++i) {
    ASSERT_THAT(keys->Insert(person_of(i), {i, {i, 1}}), IsOk());
    ASSERT_THAT(keys->PutLogKey(person_of(i), {i, {i, 2}}), IsOk());
  }
  EXPECT_THAT(keys->Insert(person_of(kKeyPlaces), {1, {1}}),
              StatusIs(absl::StatusCode::kInternal));
  // What goes in the middle hides nothing behind it, and leaves its place.
  ASSERT_THAT(keys->Erase(person_of(5)), IsOk());
  for (std::uint8_t i = 0; i < kKeyPlaces; ++i) {
    if (i == 5) continue;
    EXPECT_EQ(**keys->Get(person_of(i)), (PersonKeyStore::Wrapped{i, {i, 1}}));
    EXPECT_EQ(**keys->GetLogKey(person_of(i)),
              (PersonKeyStore::Wrapped{i, {i, 2}}));
    EXPECT_THAT(keys->Insert(person_of(i), {9, {9}}),
                StatusIs(absl::StatusCode::kAlreadyExists));
  }
  EXPECT_FALSE(keys->Get(person_of(5))->has_value());
  ASSERT_THAT(keys->Insert(person_of(kKeyPlaces), {3, {3}}), IsOk());
  EXPECT_EQ(**keys->Get(person_of(kKeyPlaces)),
            (PersonKeyStore::Wrapped{3, {3}}));
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyPlaces, ::testing::Bool(),
                         [](const auto& which) {
                           return which.param ? "Postgres" : "SqlCipher";
                         });

}  // namespace
}  // namespace limpid::consent
