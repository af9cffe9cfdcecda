// Acts whose rows somebody with the key of the database calls something else:
// the commitment covers the act and not its row.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/testing/database_home.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/portability/move_desk.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kSize[] = "household.size";
constexpr char kSecret[] = "health.disability";

class Relabelled : public ::testing::Test {
 protected:
  Relabelled() {
    world_.Put(world_.anna, kSize, "3");
    world_.Put(world_.anna, kSecret, "true");
    world_.gate.Grant(kSize);
  }
  void Change(std::string_view sql,
              std::initializer_list<storage::Value> values) {
    ASSERT_THAT(database_->Write([&](storage::Session& session) {
      const auto changed = session.Execute(sql, values);
      EXPECT_EQ(*changed, 1);
      return changed.status();
    }),
                IsOk());
  }
  // The row of the act of a put, called something else.
  void Call(std::string_view attribute, ActKind kind, const NameKey& name) {
    const NameKey was =
        world_.core->blinder().NameKeyOf(world_.anna.holder, attribute);
    Change("UPDATE act SET kind = $1, name_key = $2 WHERE name_key = $3",
           {static_cast<std::int64_t>(kind), base::ByteView(name),
            base::ByteView(was)});
  }

  testing::FileHome home_;
  std::unique_ptr<storage::Database> database_ =
      home_.Create(VaultStoreMigrations()).value();
  VaultWorld world_{NewMemoryKeyStore(), NewSqlVaultStore(*database_),
                    crypto::Suite::kXChaCha20Poly1305,
                    NewSqlCopyStore(*database_)};
  MoveDesk moves_{*world_.core};
};

// Else a service would be told that she moved to an operator whose name is that
// of an attribute which it may not know of.
TEST_F(Relabelled, APutIsNoMoveAndNamesNothing) {
  ASSERT_THAT(world_.Read({kSize}), IsOk());
  Call(kSecret, ActKind::kMove, NameKey());
  const auto lost = StatusIs(absl::StatusCode::kDataLoss);
  const auto answer = world_.Read({kSize});
  EXPECT_THAT(answer, lost);
  EXPECT_EQ(answer.status().ToString().find(kSecret), std::string::npos);
  EXPECT_THAT(moves_.Get(world_.anna), lost);
}

TEST_F(Relabelled, APutIsNoErasure) {
  const NameKey name =
      world_.core->blinder().NameKeyOf(world_.anna.holder, kSize);
  Call(kSize, ActKind::kErase, name);
  const auto lost = StatusIs(absl::StatusCode::kDataLoss);
  EXPECT_THAT(world_.desk.CertificateOfVersion(world_.anna, kSize, 1), lost);
  EXPECT_THAT(world_.person.Prove(world_.anna, kSize, 1, ActKind::kErase),
              lost);
}

// Another version's act, or another person's.
TEST_F(Relabelled, AnActIsOfItsVersionAndItsPerson) {
  const NameKey name =
      world_.core->blinder().NameKeyOf(world_.anna.holder, kSize);
  Change("UPDATE act SET version = 9 WHERE name_key = $1",
         {base::ByteView(name)});
  EXPECT_THAT(world_.person.Prove(world_.anna, kSize, 9, ActKind::kPut),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::vault
