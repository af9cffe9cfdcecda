// An agency of a few lines: it knows persons under random names, answers
// questions about them with signed statements, and lies as a test tells it.
// docs/formats/source-statement.md

#ifndef LIMPID_TESTS_TESTING_TEST_AGENCY_H_
#define LIMPID_TESTS_TESTING_TEST_AGENCY_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/jose/jwk.h"
#include "common/json/value.h"

namespace limpid::testing {

struct AgencyReply {
  int status = 200;
  std::string content_type = "application/jose";
  std::string body;
};

// Thread-safe, but for what is set before it is asked.
class TestAgency {
 public:
  // `issuer` is the address that vaults know it by.
  explicit TestAgency(std::string issuer);

  void Hold(const std::string& subject, const std::string& attribute,
            std::string value_json);
  void Forget(const std::string& subject, const std::string& attribute);

  // Answers a question below its address: "/attribute", "/holdings",
  // "/rectification".
  AgencyReply Answer(std::string_view path, std::string_view body);

  // What its page gives a person who showed who she is.
  [[nodiscard]] std::string LinkFor(const std::string& subject,
                                    const std::string& audience,
                                    const crypto::Ed25519PublicKey& person,
                                    absl::Time now) const;
  // Any claims of any type, by its key.
  [[nodiscard]] std::string Sign(std::string_view typ,
                                 const json::Value& claims) const;

  [[nodiscard]] const crypto::Ed25519PublicKey& key() const {
    return key_.PublicKey();
  }
  [[nodiscard]] const std::string& issuer() const { return issuer_; }
  [[nodiscard]] std::size_t question_count() const;
  // The last question, as it came.
  [[nodiscard]] std::string last_question() const;

  // Change the claims before signing, and the reply after.
  std::function<void(json::Value&)> change;
  std::function<void(AgencyReply&)> damage;
  // Of statements: when the values held.
  absl::Time as_of = absl::FromUnixSeconds(1'700'000'000);
  // "done", "accepted", or a ground to refuse with.
  std::string rectification = "done";

 private:
  using Place = std::pair<std::string, std::string>;

  void Attribute(const json::Value& question, json::Value& claims);
  void Holdings(const json::Value& question, json::Value& claims);
  void Rectification(const json::Value& question, json::Value& claims);

  const std::string issuer_;
  const crypto::Ed25519PrivateKey key_;
  mutable base::Mutex mutex_;
  std::map<Place, std::string> values_ ABSL_GUARDED_BY(mutex_);
  std::size_t questions_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_TEST_AGENCY_H_
