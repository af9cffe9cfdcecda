// The schema of consent's two databases. A shipped migration is never edited:
// append the next.

#include <vector>

#include "consent/store/row_migration.h"
#include "consent/store/sql_ledger_store.h"

namespace limpid::consent {

// NOLINTBEGIN(bugprone-suspicious-missing-comma): statements of many lines
std::vector<storage::Migration> LedgerMigrations() {
  storage::Migration first;
  first.statements = {
      // One row: the newest numbers, and the epoch under which one may write.
      "CREATE TABLE head (id BIGINT PRIMARY KEY, epoch BIGINT NOT NULL, "
      "clock BIGINT NOT NULL, position BIGINT NOT NULL, event BIGINT NOT NULL, "
      "stop BIGINT NOT NULL)",
      "INSERT INTO head (id, epoch, clock, position, event, stop) "
      "VALUES (1, 0, 0, 0, 0, 0)",
      "CREATE TABLE personal (shard BIGINT NOT NULL, person BYTEA NOT NULL, "
      "kind BIGINT NOT NULL, id BYTEA NOT NULL, sequence BIGINT NOT NULL, "
      "lookup BYTEA, state BIGINT NOT NULL, created BIGINT NOT NULL, "
      "due BIGINT, payload BYTEA NOT NULL, "
      "PRIMARY KEY (shard, person, kind, id, sequence))",
      // Entries, the many, have neither lookup nor due: they cost no index.
      "CREATE UNIQUE INDEX personal_lookup ON personal (kind, lookup) "
      "WHERE lookup IS NOT NULL",
      "CREATE INDEX personal_due ON personal (due) WHERE due IS NOT NULL",
      "CREATE TABLE public_row (kind BIGINT NOT NULL, id BYTEA NOT NULL, "
      "created BIGINT NOT NULL, payload BYTEA NOT NULL, "
      "PRIMARY KEY (kind, id))",
      "CREATE TABLE event (service BYTEA NOT NULL, position BIGINT NOT NULL, "
      "shard BIGINT NOT NULL, person BYTEA NOT NULL, record BYTEA NOT NULL, "
      "created BIGINT NOT NULL, payload BYTEA NOT NULL, "
      "PRIMARY KEY (service, position))",
      "CREATE TABLE leaf (position BIGINT PRIMARY KEY, "
      "commitment BYTEA NOT NULL)",
      "CREATE TABLE stop (sequence BIGINT PRIMARY KEY, kind BIGINT NOT NULL, "
      "subject BYTEA NOT NULL, revision BIGINT NOT NULL, time BIGINT NOT NULL)",
      "CREATE TABLE plan (first_position BIGINT PRIMARY KEY, "
      "count BIGINT NOT NULL, first_index BIGINT NOT NULL, "
      "padded BIGINT NOT NULL, seed BYTEA NOT NULL, done BIGINT NOT NULL)",
  };
  storage::Migration second;
  second.statements = {
      // Newest commit of the redo tail in these tables.
      "ALTER TABLE head ADD COLUMN tail BIGINT NOT NULL DEFAULT 0",
  };
  storage::Migration third;
  third.statements = {
      // Numbers of persons, from 1. docs/formats/row-places.md
      "CREATE TABLE person (number BIGINT PRIMARY KEY, shard BIGINT NOT NULL, "
      "person BYTEA NOT NULL)",
      "CREATE UNIQUE INDEX person_id ON person (shard, person)",
      "CREATE TABLE person_row (place BIGINT PRIMARY KEY, "
      "number BIGINT NOT NULL, shard BIGINT NOT NULL, person BYTEA NOT NULL, "
      "kind BIGINT NOT NULL, id BYTEA NOT NULL, sequence BIGINT NOT NULL, "
      "lookup BYTEA, state BIGINT NOT NULL, created BIGINT NOT NULL, "
      "due BIGINT, payload BYTEA NOT NULL)",
      // By kind first: entries, the many, share no page of it with the rest.
      "CREATE UNIQUE INDEX person_row_key ON person_row "
      "(kind, number, id, sequence)",
      "CREATE UNIQUE INDEX person_row_lookup ON person_row (kind, lookup) "
      "WHERE lookup IS NOT NULL",
      "CREATE INDEX person_row_due ON person_row (due) WHERE due IS NOT NULL",
  };
  third.work = &MoveRowsOfPersons;
  storage::Migration fourth;
  fourth.statements = {
      // What names somebody is found when her account is erased.
      // docs/formats/account-erasure.md
      "CREATE INDEX event_person ON event (person, position)",
  };
  storage::Migration fifth;
  fifth.statements = {
      // Deletion duties that wait for an answer, in the order of RowKey: those
      // that have one, the many, are not in it. docs/formats/row-places.md
      "CREATE INDEX person_row_open_duty ON person_row "
      "(state, shard, person, id, sequence) "
      "WHERE kind = 9 AND state <= 3",
  };
  return {first, second, third, fourth, fifth};
}
// NOLINTEND(bugprone-suspicious-missing-comma)

std::vector<storage::Migration> PersonKeyMigrations() {
  storage::Migration first;
  first.statements = {
      "CREATE TABLE person_key (person BYTEA PRIMARY KEY, "
      "epoch BIGINT NOT NULL, wrap BYTEA NOT NULL)",
  };
  storage::Migration second;
  second.statements = {
      "CREATE TABLE person_log_key (person BYTEA PRIMARY KEY, "
      "epoch BIGINT NOT NULL, wrap BYTEA NOT NULL)",
  };
  storage::Migration third;
  third.statements = {
      // Both keys in one row. docs/formats/row-places.md
      "CREATE TABLE person_keys (place BIGINT PRIMARY KEY, "
      "person BYTEA NOT NULL, epoch BIGINT, wrap BYTEA, log_epoch BIGINT, "
      "log_wrap BYTEA)",
  };
  third.work = &MovePersonKeys;
  return {first, second, third};
}

}  // namespace limpid::consent
