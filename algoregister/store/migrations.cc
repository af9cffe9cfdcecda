// The register's schema. Nothing in it is personal, so no row is sealed; the
// file is encrypted all the same.

#include <vector>

#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_ticket_store.h"
#include "common/storage/database.h"

namespace limpid::algoregister {

// NOLINTBEGIN(bugprone-suspicious-missing-comma): statements of many lines
namespace {

storage::Migration First() {
  storage::Migration out;
  out.statements = {
      // One row per version. `place` is the order of adding; `leaf_index` is
      // null until the log has it. `fields` holds content and salts.
      "CREATE TABLE register_version ("
      "registration BYTEA NOT NULL, number BIGINT NOT NULL, "
      "kind BIGINT NOT NULL, state BIGINT NOT NULL, role BIGINT NOT NULL, "
      "draft_ms BIGINT NOT NULL, publisher BYTEA NOT NULL, "
      "leaf BYTEA NOT NULL, leaf_hash BYTEA NOT NULL, fields TEXT NOT NULL, "
      "title TEXT NOT NULL, title_key BYTEA NOT NULL, organisation BYTEA, "
      "place BIGINT NOT NULL, leaf_index BIGINT, "
      "PRIMARY KEY (registration, number))",
      "CREATE UNIQUE INDEX register_version_place ON register_version (place)",
      "CREATE UNIQUE INDEX register_version_leaf_index "
      "ON register_version (leaf_index)",
      // One row per registration: its newest logged version, for lists.
      "CREATE TABLE register_head ("
      "registration BYTEA NOT NULL, number BIGINT NOT NULL, "
      "kind BIGINT NOT NULL, state BIGINT NOT NULL, draft_ms BIGINT NOT NULL, "
      "title TEXT NOT NULL, title_key BYTEA NOT NULL, organisation BYTEA, "
      "PRIMARY KEY (registration))",
      "CREATE INDEX register_head_title "
      "ON register_head (title_key, registration)",
      "CREATE INDEX register_head_organisation "
      "ON register_head (organisation, title_key, registration)",
      // Foreign ids and snapshots: each belongs to one registration for ever.
      "CREATE TABLE register_alias (scheme TEXT NOT NULL, "
      "foreign_id TEXT NOT NULL, kind BIGINT NOT NULL, "
      "registration BYTEA NOT NULL, PRIMARY KEY (scheme, foreign_id))",
      "CREATE TABLE register_snapshot (snapshot BYTEA NOT NULL, "
      "kind BIGINT NOT NULL, registration BYTEA NOT NULL, "
      "PRIMARY KEY (snapshot))",
      "CREATE TABLE register_publisher (publisher BYTEA NOT NULL, "
      "request BYTEA NOT NULL, name TEXT NOT NULL, importer BIGINT NOT NULL, "
      "PRIMARY KEY (publisher))",
      "CREATE UNIQUE INDEX register_publisher_request "
      "ON register_publisher (request)",
      // use_of_key: 1 certificate thumbprint, 2 signing key.
      "CREATE TABLE register_publisher_key (use_of_key BIGINT NOT NULL, "
      "key_bytes BYTEA NOT NULL, publisher BYTEA NOT NULL, "
      "place BIGINT NOT NULL, PRIMARY KEY (use_of_key, key_bytes))",
      "CREATE INDEX register_publisher_key_owner "
      "ON register_publisher_key (publisher, use_of_key, place)",
  };
  return out;
}

storage::Migration ServiceKeys() {
  storage::Migration out;
  out.statements = {
      // Keys of services, one row per entry of the log; columns as above.
      "CREATE TABLE register_service_key (service BYTEA NOT NULL, "
      "number BIGINT NOT NULL, entry BYTEA NOT NULL, place BIGINT NOT NULL, "
      "leaf_index BIGINT, PRIMARY KEY (service, number))",
      "CREATE UNIQUE INDEX register_service_key_place "
      "ON register_service_key (place)",
      "CREATE UNIQUE INDEX register_service_key_leaf_index "
      "ON register_service_key (leaf_index)",
  };
  return out;
}

storage::Migration History() {
  storage::Migration out;
  out.statements = {
      // When a version became visible; of older ones the draft is what is
      // known.
      "ALTER TABLE register_version ADD COLUMN logged_ms BIGINT",
      "UPDATE register_version SET logged_ms = draft_ms "
      "WHERE leaf_index IS NOT NULL",
      // What stays of erased fields.
      "CREATE TABLE register_erasure (registration BYTEA NOT NULL, "
      "number BIGINT NOT NULL, pointer TEXT NOT NULL, kind BIGINT NOT NULL, "
      "erased_ms BIGINT NOT NULL, ground TEXT NOT NULL, role BIGINT NOT NULL, "
      "PRIMARY KEY (registration, number, pointer))",
      // Links of newest logged versions, and by which rules they were found:
      // null before the first time.
      "CREATE TABLE register_link (registration BYTEA NOT NULL, "
      "link BIGINT NOT NULL, pointer TEXT NOT NULL, "
      "target_key BYTEA NOT NULL, "
      "PRIMARY KEY (registration, link, pointer, target_key))",
      "CREATE INDEX register_link_target "
      "ON register_link (link, target_key, registration)",
      "ALTER TABLE register_head ADD COLUMN link_rules BIGINT",
      // Readers of restricted parts; audiences are joined by blanks.
      "CREATE TABLE register_reader (reader BYTEA NOT NULL, "
      "request BYTEA NOT NULL, name TEXT NOT NULL, audiences TEXT NOT NULL, "
      "removed BIGINT NOT NULL, read_count BIGINT NOT NULL, "
      "PRIMARY KEY (reader))",
      "CREATE UNIQUE INDEX register_reader_request "
      "ON register_reader (request)",
      "CREATE TABLE register_reader_certificate (thumbprint BYTEA NOT NULL, "
      "reader BYTEA NOT NULL, place BIGINT NOT NULL, "
      "PRIMARY KEY (thumbprint))",
      "CREATE INDEX register_reader_certificate_owner "
      "ON register_reader_certificate (reader, place)",
  };
  return out;
}

storage::Migration Evidence() {
  storage::Migration out;
  out.statements = {
      // Bundles of evidence by the SHA-256 of their bytes, at most 4 MiB each.
      "CREATE TABLE register_evidence (digest BYTEA NOT NULL, "
      "publisher BYTEA NOT NULL, added_ms BIGINT NOT NULL, "
      "size_bytes BIGINT NOT NULL, bytes BYTEA NOT NULL, "
      "PRIMARY KEY (digest))",
      "CREATE INDEX register_evidence_publisher "
      "ON register_evidence (publisher, size_bytes)",
  };
  return out;
}

storage::Migration EvidenceErasure() {
  storage::Migration out;
  out.statements = {
      // What stays of an erased bundle: null until then, and its bytes empty
      // afterwards.
      "ALTER TABLE register_evidence ADD COLUMN erased_ms BIGINT",
      "ALTER TABLE register_evidence ADD COLUMN ground TEXT",
      "ALTER TABLE register_evidence ADD COLUMN role BIGINT",
  };
  return out;
}

storage::Migration VersionBodies() {
  storage::Migration out;
  out.statements = {
      // What is long in a version, written once: marking its place rewrites
      // the row, and with it every page that the row is long. Rows from before
      // keep `leaf` and `fields` in register_version; the others have them
      // empty there.
      "CREATE TABLE register_version_body (place BIGINT NOT NULL, "
      "leaf BYTEA NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (place))",
  };
  return out;
}

}  // namespace
// NOLINTEND(bugprone-suspicious-missing-comma)

// In the order in which they came; each version of the schema is one more.
std::vector<storage::Migration> RegisterMigrations() {
  return {First(),           ServiceKeys(),     History(),      Evidence(),
          TicketMigration(), EvidenceErasure(), VersionBodies()};
}

}  // namespace limpid::algoregister
