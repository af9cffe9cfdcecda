// The register's stores in memory, on SQLCipher and on PostgreSQL, and on these
// two closed and opened again after each step.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_STORE_HARNESS_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_STORE_HARNESS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "algoregister/feedback/ticket_store.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/restricted/reader.h"
#include "algoregister/service_key/service_key_store.h"
#include "algoregister/store/memory_evidence_store.h"
#include "algoregister/store/memory_reader_store.h"
#include "algoregister/store/memory_registration_store.h"
#include "algoregister/store/memory_service_key_store.h"
#include "algoregister/store/memory_ticket_store.h"
#include "algoregister/store/sql_evidence_store.h"
#include "algoregister/store/sql_reader_store.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_service_key_store.h"
#include "algoregister/store/sql_ticket_store.h"
#include "algoregister/upload/evidence_store.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/shared.h"

namespace limpid::algoregister {

class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  virtual RegistrationStore& versions() = 0;
  virtual PublisherStore& publishers() = 0;
  virtual ServiceKeyStore& service_keys() = 0;
  virtual RestrictedReaderStore& readers() = 0;
  virtual EvidenceStore& evidence() = 0;
  virtual TicketStore& tickets() = 0;
  // Between two steps of a test.
  virtual void Step() {}
};

class MemoryHarness final : public StoreHarness {
 public:
  RegistrationStore& versions() override { return versions_; }
  PublisherStore& publishers() override { return publishers_; }
  ServiceKeyStore& service_keys() override { return service_keys_; }
  RestrictedReaderStore& readers() override { return readers_; }
  EvidenceStore& evidence() override { return evidence_; }
  TicketStore& tickets() override { return tickets_; }

 private:
  MemoryRegistrationStore versions_;
  MemoryPublisherStore publishers_;
  MemoryServiceKeyStore service_keys_;
  MemoryReaderStore readers_;
  MemoryEvidenceStore evidence_;
  MemoryTicketStore tickets_;
};

class SqlHarness final : public StoreHarness {
 public:
  explicit SqlHarness(bool reopen) : reopen_(reopen) {
    Take(storage::Database::Create(Options()));
  }
  RegistrationStore& versions() override { return *versions_; }
  PublisherStore& publishers() override { return *publishers_; }
  ServiceKeyStore& service_keys() override { return *service_keys_; }
  RestrictedReaderStore& readers() override { return *readers_; }
  EvidenceStore& evidence() override { return *evidence_; }
  TicketStore& tickets() override { return *tickets_; }
  void Step() override {
    if (!reopen_) return;
    database_.reset();
    Take(storage::Database::Open(Options()));
  }

 private:
  storage::Options Options() {
    storage::Options options;
    options.path = folder_.path() / "store.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    options.migrations = RegisterMigrations();
    return options;
  }
  void Take(absl::StatusOr<std::unique_ptr<storage::Database>> opened) {
    LIMPID_CHECK(opened.ok());
    database_ = *std::move(opened);
    versions_.emplace(*database_);
    publishers_.emplace(*database_);
    service_keys_.emplace(*database_);
    readers_.emplace(*database_);
    evidence_.emplace(*database_);
    tickets_.emplace(*database_);
  }

  bool reopen_;
  testing::TempDir folder_;
  std::unique_ptr<storage::Database> database_;
  std::optional<SqlRegistrationStore> versions_;
  std::optional<SqlPublisherStore> publishers_;
  std::optional<SqlServiceKeyStore> service_keys_;
  std::optional<SqlReaderStore> readers_;
  std::optional<SqlEvidenceStore> evidence_;
  std::optional<SqlTicketStore> tickets_;
};

class PostgresHarness final : public StoreHarness {
 public:
  explicit PostgresHarness(bool reopen) : reopen_(reopen) {
    Take(home_.Create(RegisterMigrations()));
  }
  RegistrationStore& versions() override { return *versions_; }
  PublisherStore& publishers() override { return *publishers_; }
  ServiceKeyStore& service_keys() override { return *service_keys_; }
  RestrictedReaderStore& readers() override { return *readers_; }
  EvidenceStore& evidence() override { return *evidence_; }
  TicketStore& tickets() override { return *tickets_; }
  void Step() override {
    if (!reopen_) return;
    database_.reset();
    Take(home_.Open(RegisterMigrations()));
  }

 private:
  void Take(std::unique_ptr<storage::Database> database) {
    database_ = std::move(database);
    versions_.emplace(*database_);
    publishers_.emplace(*database_);
    service_keys_.emplace(*database_);
    readers_.emplace(*database_);
    evidence_.emplace(*database_);
    tickets_.emplace(*database_);
  }

  bool reopen_;
  testing::PostgresHome home_;
  std::unique_ptr<storage::Database> database_;
  std::optional<SqlRegistrationStore> versions_;
  std::optional<SqlPublisherStore> publishers_;
  std::optional<SqlServiceKeyStore> service_keys_;
  std::optional<SqlReaderStore> readers_;
  std::optional<SqlEvidenceStore> evidence_;
  std::optional<SqlTicketStore> tickets_;
};

struct Implementation {
  std::string name;
  std::function<std::unique_ptr<StoreHarness>()> make;
  // Why it cannot be here; empty when it can.
  std::string absent;
};

inline std::vector<Implementation> Implementations() {
  return {
      {"Memory", [] { return std::make_unique<MemoryHarness>(); }},
      {"SqlCipher", [] { return std::make_unique<SqlHarness>(false); }},
      {"SqlCipherReopened", [] { return std::make_unique<SqlHarness>(true); }},
      {"Postgres", [] { return std::make_unique<PostgresHarness>(false); },
       testing::PostgresServer::WhyAbsent()},
      {"PostgresReopened",
       [] { return std::make_unique<PostgresHarness>(true); },
       testing::PostgresServer::WhyAbsent()},
  };
}

inline std::string ImplementationName(
    const ::testing::TestParamInfo<Implementation>& info) {
  return info.param.name;
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_STORE_HARNESS_H_
