#include "server/far_register.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "server/listener_files.h"

namespace limpid::server {
namespace {

constexpr std::size_t kMaxPemBytes = 64UL * 1024;

absl::StatusOr<std::string> ReadPem(const Config& config,
                                    std::string_view path) {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes bytes,
      base::ReadFileBytes(config.Resolve(path), kMaxPemBytes));
  return base::ToText(bytes);
}

}  // namespace

absl::StatusOr<rpc::ChannelOptions> ReadFarRegister(const Config& config) {
  rpc::ChannelOptions out;
  out.address = config.consent_register_address;
  LIMPID_ASSIGN_OR_RETURN(out.ca_pem,
                          ReadPem(config, config.consent_register_ca));
  LIMPID_ASSIGN_OR_RETURN(out.certificate_pem,
                          ReadPem(config, config.consent_register_certificate));
  LIMPID_RETURN_IF_ERROR(CheckKeptFromOthers(
      "the private key", config.Resolve(config.consent_register_private_key)));
  LIMPID_ASSIGN_OR_RETURN(out.private_key_pem,
                          ReadPem(config, config.consent_register_private_key));
  return out;
}

}  // namespace limpid::server
