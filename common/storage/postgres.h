// A Database in one schema of a PostgreSQL server, 15 or later. The same
// promises as a SQLCipher file, except that the server sees what is stored:
// seal before you store. Several processes may have one schema open; their
// writers take turns. docs/adr/2026-11-28-postgresql-engine.md

#ifndef LIMPID_COMMON_STORAGE_POSTGRES_H_
#define LIMPID_COMMON_STORAGE_POSTGRES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/storage/database.h"

namespace limpid::storage {

struct PostgresOptions {
  // libpq's, as keywords or as a URI; names at least `host`. Never logged and
  // never part of an error, since it may hold a password: better to name a
  // `passfile`. A host that is no socket directory is spoken to over TLS with
  // the server's certificate verified: sslmode verify-full unless it says
  // verify-ca.
  std::string connection;
  // Lower-case letters, digits and '_', a letter first, at most
  // kMaxSchemaBytes. One per port and installation.
  std::string schema;
  std::vector<Migration> migrations;
  // Read calls that run at once; more wait. Each is a connection.
  int reader_count = 4;
};

inline constexpr std::size_t kMaxSchemaBytes = 48;

// Makes the schema (or fills an empty one that an administrator made) at the
// newest version and opens it; all of it or nothing.
//
// Errors:
//   kAlreadyExists  the schema holds something.
//   others          as OpenPostgres.
absl::StatusOr<std::unique_ptr<Database>> CreatePostgres(
    PostgresOptions options);

// Opens an existing one, migrating an older schema in one transaction.
//
// Of the promises of Database, these read differently here:
// - Write: kUnavailable with the words "it is not known" is the case after
//   which every later Write is refused until the database is opened again: the
//   connection was lost while committing, or the server did not confirm its
//   standby. Any other kUnavailable stored nothing of the call, and the next
//   Write connects anew: to the same server, or it is refused as well.
// - After an error of Session the work must end: its later statements are
//   answered with that error, and so is its call.
// - A text with a NUL byte or that is no UTF-8 is kInvalidArgument; bytes that
//   may hold either belong in BYTEA.
// - CheckIntegrity reads every row, which finds what the server's own page
//   checksums find; they authenticate nothing.
// - Checkpoint does nothing: the server decides.
//
// Errors:
//   kInvalidArgument     the connection string or the schema's name is
//                        malformed, or asks for an unverified server.
//   kNotFound            no such schema, or nothing of ours in it.
//   kFailedPrecondition  the schema is newer than this program; the server is
//                        older than 15, a standby, or set so that a commit
//                        could be lost (fsync, full_page_writes,
//                        synchronous_commit off) or text would be compared
//                        otherwise than byte by byte.
//   kUnavailable         the server cannot be reached or refused us.
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(PostgresOptions options);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_POSTGRES_H_
