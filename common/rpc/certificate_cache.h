// What a client certificate says about its caller, remembered for a minute:
// parsing one costs more than a whole call.

#ifndef LIMPID_COMMON_RPC_CERTIFICATE_CACHE_H_
#define LIMPID_COMMON_RPC_CERTIFICATE_CACHE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::rpc {

struct CertificateIdentity {
  base::Digest32 spki_thumbprint{};
  bool administrator = false;
  // Parsed, and within its validity at the time of the look.
  bool usable = false;
};

// Thread-safe.
class CertificateCache {
 public:
  // Certificates kept; a server has at most some hundred services. When full it
  // starts afresh.
  static constexpr std::size_t kLimit = 1024;
  // A certificate that ran out on an open connection counts at most this long.
  static constexpr absl::Duration kLife = absl::Minutes(1);

  // Empty `admin_ca_pem`: nobody is an administrator. `clock` must outlive the
  // cache.
  CertificateCache(std::string admin_ca_pem, const base::Clock& clock)
      : admin_ca_pem_(std::move(admin_ca_pem)), clock_(clock) {}

  CertificateIdentity Look(std::string_view pem);

 private:
  struct Remembered {
    CertificateIdentity identity;
    absl::Duration until;
  };

  [[nodiscard]] CertificateIdentity Read(std::string_view pem) const;

  const std::string admin_ca_pem_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::unordered_map<std::string, Remembered> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_CERTIFICATE_CACHE_H_
