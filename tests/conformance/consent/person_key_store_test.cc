// Every obligation of PersonKeyStore, against the stores of
// ledger_store_test.cc.

#include <memory>

#include "absl/status/status.h"
#include "consent/ledger/store.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Backend;
using testing::IdOf;

class PersonKeyStoreConformance : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (testing::IsPostgres(GetParam())) LIMPID_NEEDS_POSTGRES();
    stores_ = testing::MakeStores(GetParam());
  }
  PersonKeyStore& keys() {
    if (testing::IsReopened(GetParam())) stores_->Reopen();
    return stores_->keys();
  }

  std::unique_ptr<testing::Stores> stores_;
};

TEST_P(PersonKeyStoreConformance, PersonKeysAreInsertedOnce) {
  const PersonKeyStore::Wrapped key{3, {1, 0, 2}};
  ASSERT_THAT(keys().Insert(IdOf<PersonId>(1), key), IsOk());
  EXPECT_THAT(keys().Insert(IdOf<PersonId>(1), {4, {9}}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(**keys().Get(IdOf<PersonId>(1)), key);
  EXPECT_FALSE(keys().Get(IdOf<PersonId>(2))->has_value());
}

TEST_P(PersonKeyStoreConformance, ALogKeyIsReplaced) {
  const auto ann = IdOf<PersonId>(1);
  EXPECT_FALSE(keys().GetLogKey(ann)->has_value());
  const PersonKeyStore::Wrapped first{3, {1, 0, 2}};
  ASSERT_THAT(keys().PutLogKey(ann, first), IsOk());
  EXPECT_EQ(**keys().GetLogKey(ann), first);
  const PersonKeyStore::Wrapped second{4, base::Bytes(90'000, 7)};
  ASSERT_THAT(keys().PutLogKey(ann, second), IsOk());
  EXPECT_EQ(**keys().GetLogKey(ann), second);
  // Beside the person's key, and each person's own.
  EXPECT_FALSE(keys().Get(ann)->has_value());
  EXPECT_FALSE(keys().GetLogKey(IdOf<PersonId>(2))->has_value());
}

TEST_P(PersonKeyStoreConformance, ErasedKeysAreGoneAndOthersStay) {
  const auto ann = IdOf<PersonId>(1);
  const auto bob = IdOf<PersonId>(2);
  const PersonKeyStore::Wrapped key{3, {1, 0, 2}};
  for (const PersonId& person : {ann, bob}) {
    ASSERT_THAT(keys().Insert(person, key), IsOk());
    ASSERT_THAT(keys().PutLogKey(person, key), IsOk());
  }
  ASSERT_THAT(keys().Erase(ann), IsOk());
  EXPECT_FALSE(keys().Get(ann)->has_value());
  EXPECT_FALSE(keys().GetLogKey(ann)->has_value());
  EXPECT_EQ(**keys().Get(bob), key);
  EXPECT_EQ(**keys().GetLogKey(bob), key);
  // None is no error; half of one goes as well.
  EXPECT_THAT(keys().Erase(ann), IsOk());
  EXPECT_THAT(keys().Erase(IdOf<PersonId>(3)), IsOk());
  const auto carol = IdOf<PersonId>(4);
  ASSERT_THAT(keys().PutLogKey(carol, key), IsOk());
  ASSERT_THAT(keys().Erase(carol), IsOk());
  EXPECT_FALSE(keys().GetLogKey(carol)->has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Stores, PersonKeyStoreConformance,
    ::testing::Values(Backend::kMemory, Backend::kSqlCipher,
                      Backend::kSqlCipherReopened, Backend::kTailed,
                      Backend::kTailedReopened, Backend::kPostgres,
                      Backend::kPostgresReopened),
    [](const auto& which) { return testing::BackendName(which.param); });

}  // namespace
}  // namespace limpid::consent
