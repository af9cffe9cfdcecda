// The schema of the vault's two databases. A shipped migration is never edited:
// append the next.

#include <vector>

#include "vault/store/sql_acts.h"
#include "vault/store/sql_erasure.h"
#include "vault/store/sql_recovery.h"
#include "vault/store/sql_source_links.h"
#include "vault/store/sql_store.h"
#include "vault/store/trail_stores.h"

namespace limpid::vault {
namespace {

// The keys of a shard stand together, so that a pass that wraps them anew
// writes each page once and not once for each key.
storage::Migration InOrderOfShards() {
  return {{
      "ALTER TABLE key_slot RENAME TO key_slot_before",
      "CREATE TABLE key_slot ("
      "shard BIGINT NOT NULL, owner BYTEA NOT NULL, custody BIGINT NOT NULL, "
      "generation BIGINT NOT NULL, slot_kind BIGINT NOT NULL, "
      "slot_id BYTEA NOT NULL, key_id BYTEA NOT NULL, epoch BIGINT NOT NULL, "
      "created BIGINT NOT NULL, outer_wrap BYTEA NOT NULL, "
      "PRIMARY KEY (shard, owner, custody, slot_kind, generation, slot_id)) "
      "WITHOUT ROWID",
      "INSERT INTO key_slot (shard, owner, custody, generation, slot_kind, "
      "slot_id, key_id, epoch, created, outer_wrap) "
      "SELECT shard, owner, custody, generation, slot_kind, slot_id, key_id, "
      "epoch, created, outer_wrap FROM key_slot_before "
      "ORDER BY shard, owner, custody, slot_kind, generation, slot_id",
      "DROP TABLE key_slot_before",
      "CREATE INDEX key_slot_epoch ON key_slot (epoch, shard)",
      "ALTER TABLE copy_key RENAME TO copy_key_before",
      "CREATE TABLE copy_key ("
      "shard BIGINT NOT NULL, owner BYTEA NOT NULL, record_key BYTEA NOT NULL, "
      "key_id BYTEA NOT NULL, epoch BIGINT NOT NULL, created BIGINT NOT NULL, "
      "outer_wrap BYTEA NOT NULL, PRIMARY KEY (shard, owner, record_key)) "
      "WITHOUT ROWID",
      "INSERT INTO copy_key (shard, owner, record_key, key_id, epoch, created, "
      "outer_wrap) SELECT shard, owner, record_key, key_id, epoch, created, "
      "outer_wrap FROM copy_key_before ORDER BY shard, owner, record_key",
      "DROP TABLE copy_key_before",
      "CREATE INDEX copy_key_epoch ON copy_key (epoch, shard)",
  }};
}

// A person may have as many rows as vault.person_versions says, and one row of
// hers is not looked for among all of them.
storage::Migration LookedForDirectly() {
  return {{
      "CREATE INDEX attribute_id ON attribute (shard, owner, id)",
      "CREATE INDEX attribute_kept ON attribute "
      "(shard, owner, name_key, version) WHERE state = 1",
      "CREATE INDEX act_generation ON act "
      "(shard, owner, generation, counter)",
      // Of keys that were made: ActKind::kKey.
      "CREATE INDEX act_key ON act (counter) WHERE kind = 3",
  }};
}

}  // namespace

std::vector<storage::Migration> VaultStoreMigrations() {
  return {
      storage::Migration{{
          "CREATE TABLE attribute ("
          "shard BIGINT NOT NULL, owner BYTEA NOT NULL, row_kind BIGINT NOT "
          "NULL, "
          "id BYTEA NOT NULL, name_key BYTEA NOT NULL, version BIGINT NOT "
          "NULL, "
          "schema_version BIGINT NOT NULL, request_key BYTEA NOT NULL, "
          "custody BIGINT NOT NULL, generation BIGINT NOT NULL, "
          "state BIGINT NOT NULL, put_time BIGINT NOT NULL, "
          "erase_time BIGINT NOT NULL, label BYTEA NOT NULL, wrap BYTEA NOT "
          "NULL, "
          "payload BYTEA NOT NULL, "
          "PRIMARY KEY (shard, owner, name_key, version))",
          "CREATE UNIQUE INDEX attribute_request "
          "ON attribute (shard, owner, request_key)",
          "CREATE TABLE act ("
          "counter BIGINT NOT NULL PRIMARY KEY, shard BIGINT NOT NULL, "
          "owner BYTEA NOT NULL, kind BIGINT NOT NULL, name_key BYTEA NOT "
          "NULL, "
          "version BIGINT NOT NULL, generation BIGINT NOT NULL, "
          "act_time BIGINT NOT NULL, commitment BYTEA NOT NULL, "
          "head BYTEA NOT NULL, disclosure BYTEA NOT NULL)",
          "CREATE INDEX act_of ON act (shard, owner, name_key, version, kind)",
          "CREATE TABLE definition (id TEXT NOT NULL, "
          "schema_version BIGINT NOT NULL, body BYTEA NOT NULL, "
          "PRIMARY KEY (id, schema_version))",
      }},
      storage::Migration{{
          "CREATE TABLE budget ("
          "shard BIGINT NOT NULL, owner BYTEA NOT NULL, name_key BYTEA NOT "
          "NULL, "
          "payload BYTEA NOT NULL, PRIMARY KEY (shard, owner, name_key))",
          "CREATE TABLE statistic (question BYTEA NOT NULL PRIMARY KEY, "
          "epoch BIGINT NOT NULL, payload BYTEA NOT NULL)",
      }},
      storage::Migration{{
          "CREATE TABLE grant_copy ("
          "shard BIGINT NOT NULL, owner BYTEA NOT NULL, record_key BYTEA NOT "
          "NULL, "
          "name_key BYTEA NOT NULL, copy_id BYTEA NOT NULL, version BIGINT NOT "
          "NULL, "
          "not_after BIGINT NOT NULL, outer_copy BYTEA NOT NULL, "
          "PRIMARY KEY (shard, owner, record_key, name_key))",
      }},
      ErasureMigration(),
      storage::Migration{{
          "CREATE INDEX grant_copy_over ON grant_copy (not_after)",
      }},
      RecoveryMigration(),
      HandedOutMigration(),
      SourceLinkMigration(),
      TrailMigration(),
      LookedForDirectly(),
      RatedActsMigration()};
}

std::vector<storage::Migration> KeyStoreMigrations() {
  return {storage::Migration{{
              "CREATE TABLE key_slot ("
              "shard BIGINT NOT NULL, owner BYTEA NOT NULL, custody BIGINT NOT "
              "NULL, "
              "generation BIGINT NOT NULL, slot_kind BIGINT NOT NULL, "
              "slot_id BYTEA NOT NULL, key_id BYTEA NOT NULL, epoch BIGINT NOT "
              "NULL, "
              "created BIGINT NOT NULL, outer_wrap BYTEA NOT NULL, "
              "PRIMARY KEY (shard, owner, custody, slot_kind, generation, "
              "slot_id))",
          }},
          storage::Migration{{
              "CREATE TABLE copy_key ("
              "shard BIGINT NOT NULL, owner BYTEA NOT NULL, "
              "record_key BYTEA NOT NULL, key_id BYTEA NOT NULL, "
              "epoch BIGINT NOT NULL, created BIGINT NOT NULL, "
              "outer_wrap BYTEA NOT NULL, "
              "PRIMARY KEY (shard, owner, record_key))",
          }},
          storage::Migration{{
              "CREATE TABLE tombstone ("
              "sequence BIGINT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL, "
              "shard BIGINT NOT NULL, owner BYTEA NOT NULL, "
              "row_id BYTEA NOT NULL, made BIGINT NOT NULL, "
              "done BIGINT NOT NULL)",
              "CREATE UNIQUE INDEX tombstone_of "
              "ON tombstone (shard, owner, row_id)",
          }},
          storage::Migration{{
              "CREATE INDEX key_slot_epoch ON key_slot (epoch, shard)",
              "CREATE INDEX copy_key_epoch ON copy_key (epoch, shard)",
          }},
          InOrderOfShards()};
}

}  // namespace limpid::vault
