// What the configuration says, in the words of the vault.

#ifndef LIMPID_SERVER_ROLES_VAULT_SETTINGS_H_
#define LIMPID_SERVER_ROLES_VAULT_SETTINGS_H_

#include "common/crypto/aead.h"
#include "server/config.h"
#include "server/logging.h"
#include "vault/attribute/usage.h"
#include "vault/erasure/certificate.h"
#include "vault/suites/suite_rotation.h"

namespace limpid::server {

// All of a configuration that was checked.
vault::Retention RetentionOf(const Config& config);
vault::PersonLimits LimitsOf(const Config& config);
crypto::Suite SuiteOf(const Config& config);

// Tells of stored values that do not open. `log` must outlive it.
vault::SuiteRotation::Alarm AlarmOn(Logger& log);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_VAULT_SETTINGS_H_
