#include "common/storage/postgres_status.h"

#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::storage {
namespace {

constexpr std::size_t kClassBytes = 2;

absl::Status OfOneCode(std::string_view code) {
  if (code == "23505") {
    return absl::AlreadyExistsError("a row with this key exists");
  }
  // A value of another type, or a number that left BIGINT: STRICT tables of
  // SQLite call both a constraint.
  if (code == "42804" || code == "22003") {
    return absl::FailedPreconditionError(
        "a constraint of the database refused the change");
  }
  if (code == "25006") {
    return absl::FailedPreconditionError("the database is read-only here");
  }
  if (code == "42501") {
    return absl::FailedPreconditionError(
        "the server's role lacks a privilege on the schema");
  }
  if (code == "53100") {
    return absl::ResourceExhaustedError(
        "no space is left on the disk that holds the database");
  }
  if (code == "53200") return absl::ResourceExhaustedError("out of memory");
  if (code == "22021" || code == "22P05") {
    return absl::InvalidArgumentError(
        "a text holds bytes that are no UTF-8 text without NUL");
  }
  if (code == "55P03") return absl::UnavailableError("the database is busy");
  return absl::OkStatus();
}

absl::Status OfClass(std::string_view code) {
  const std::string_view of = code.substr(0, kClassBytes);
  if (of == "23") {
    return absl::FailedPreconditionError(
        "a constraint of the database refused the change");
  }
  if (of == "54") {
    return absl::InvalidArgumentError("a value is too large to store");
  }
  if (of == "XX" && code != "XX000") {
    return absl::DataLossError("a page of the database is damaged");
  }
  if (of == "58") {
    return absl::UnavailableError("the disk that holds the database failed");
  }
  // Class 40 means that somebody wrote without taking the writer's lock.
  if (of == "40") {
    return absl::UnavailableError(
        "another program changed the same rows: the transaction was undone");
  }
  if (of == "08" || of == "53" || of == "57" || code == "25P03") {
    return absl::UnavailableError("the server ended the transaction");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FromSqlState(std::string_view code) {
  if (code.empty()) {
    return absl::UnavailableError("the connection to the database was lost");
  }
  if (absl::Status status = OfOneCode(code); !status.ok()) return status;
  if (absl::Status status = OfClass(code); !status.ok()) return status;
  return absl::InternalError(absl::StrCat("the database refused a statement (",
                                          base::ToAbsl(code), ")"));
}

}  // namespace limpid::storage
