// An encrypted database file: one writer whose callers share a commit, readers
// on connections of their own. Refuses to guess: a wrong key, a newer schema,
// a damaged page or a second process is one sentence, and nothing is changed.
// docs/adr/2026-11-20-storage-engine.md

#ifndef LIMPID_COMMON_STORAGE_DATABASE_H_
#define LIMPID_COMMON_STORAGE_DATABASE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "common/storage/session.h"

namespace limpid::storage {

// One step of the schema; the first brings a database from version 0 to 1.
// Never edited once shipped: append the next.
struct Migration {
  std::vector<std::string> statements;
  // What SQL cannot do, after them and in the same transaction; null for
  // nothing. Killed, the whole migration begins again.
  absl::Status (*work)(Session& session) = nullptr;
};

struct Options {
  std::filesystem::path path;
  // kRawKeyBytes bytes, random, this database's alone.
  base::SecretBytes key;
  std::vector<Migration> migrations;
  // Read calls that run at once; more wait.
  int reader_count = 4;
  // Page cache of each connection. Cold reads pay decryption, warm ones do not
  // (vault.md section 5), so it is larger than SQLite's 2 MB.
  std::int64_t cache_bytes = 32 << 20;
  // Open authenticates every page first: about 1 s per 300 MB.
  bool check_all_pages = false;
};

// 32 bytes of AES key, 16 of salt (the salt is the first 16 bytes of the file).
inline constexpr std::size_t kRawKeyBytes = 48;

using Work = absl::FunctionRef<absl::Status(Session&)>;

// Thread-safe. Destroy it only when no call is running.
class Database {
 public:
  // Makes a new database file (0600) at the newest schema version and opens
  // it. A crash leaves no half-made file behind under `path`.
  //
  // Errors:
  //   kAlreadyExists    `path` exists.
  //   kInvalidArgument  the key has another length.
  //   others            as Open.
  static absl::StatusOr<std::unique_ptr<Database>> Create(Options options);

  // Opens an existing one, migrating an older schema in one transaction.
  //
  // Errors:
  //   kNotFound            no such file.
  //   kFailedPrecondition  the key is not this file's; the file is not
  //                        encrypted; the schema is newer than this program.
  //   kUnavailable         another process has it open; the disk failed.
  //   kDataLoss            a page failed authentication.
  static absl::StatusOr<std::unique_ptr<Database>> Open(Options options);

  virtual ~Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `work` in a transaction that is on the disk (fsynced) when OK is
  // returned; a Read that starts after that sees it. Transactions are
  // serialised; callers that arrive together share one fsync. If `work`
  // fails, its own changes alone are undone and its status is returned. May
  // run `work` on another caller's thread while this one waits. `work` runs
  // at most once, calls neither Write nor Read of this database, and must not
  // act on the outside: the commit comes after it.
  //
  // Errors: those of Session and of `work`, and
  //   kResourceExhausted  no space is left: the call is undone; works again
  //                       when there is space.
  //   kUnavailable        the disk failed: it is not known whether anything of
  //                       this call was stored; every later Write is refused
  //                       until the database is opened again.
  virtual absl::Status Write(Work work) = 0;

  // Runs `work` on one unchanging snapshot; statements that change anything
  // fail. Waits when reader_count calls are running.
  virtual absl::Status Read(Work work) const = 0;

  // Authenticates every page and checks the structure, on a connection of its
  // own. Writes wait for it. While there is a write-ahead log, pages of the
  // file that nothing uses are left out.
  //
  // Errors:
  //   kDataLoss  a page failed authentication, or the structure is damaged.
  virtual absl::Status CheckIntegrity() const = 0;

  // Moves what the write-ahead log holds into the file and empties the log. The
  // engine moves by itself as the log grows; backups, tests and whoever erases
  // ask for it. Tried for 10 s; each try holds up reads for 5 ms and writes for
  // some 60 ms at most, beside the disk. On a server there is nothing to do.
  //
  // Errors: those of Session, and
  //   kUnavailable  a read that takes longer keeps the log: nothing is lost,
  //                 and some of what was deleted may still be in it; works
  //                 again later. Or the disk failed, as Write says.
  virtual absl::Status Checkpoint() = 0;

 protected:
  Database() = default;
};

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_DATABASE_H_
