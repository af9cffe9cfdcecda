// An agency's register beside a world: over mutual TLS, named "tax" in the
// vault's configuration, asked of income.annual and person.birth_date.

#ifndef LIMPID_TESTS_TESTING_WORLD_AGENCY_BESIDE_H_
#define LIMPID_TESTS_TESTING_WORLD_AGENCY_BESIDE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/test_agency.h"
#include "tests/testing/tls.h"
#include "tests/testing/world/world.h"

namespace limpid::testing {

class AgencyBeside {
 public:
  // Writes its files to `directory`, which exists, and restarts the world with
  // a vault that may ask. Aborts when that fails. `world` must outlive it.
  AgencyBeside(World& world, std::filesystem::path directory);

  TestAgency& agency() { return *agency_; }
  // Every reply comes so late from now on.
  void Delay(absl::Duration delay);
  // Answers nobody any more.
  void Stop() { receiver_.reset(); }
  // What its page gives the owner of `key`, whom it knows as `subject`.
  [[nodiscard]] std::string LinkFor(const std::string& subject,
                                    const crypto::Ed25519PublicKey& key) const;
  // Links her vault so that the attributes are asked for.
  void Link(const std::string& subject, Person& person,
            const std::vector<std::string>& attributes);

 private:
  Reply Answer(const ReceivedRequest& request);
  std::string Write(const std::string& name, const std::string& text) const;
  void Configure();

  World& world_;
  const std::filesystem::path directory_;
  const TestTls tls_;
  base::Mutex mutex_;
  absl::Duration delay_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<TestAgency> agency_;
  std::unique_ptr<HttpsReceiver> receiver_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_WORLD_AGENCY_BESIDE_H_
