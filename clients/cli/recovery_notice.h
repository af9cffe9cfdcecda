// What a person is told, loudly and on every command that speaks to her vault
// about what is sealed, when a recovery of her sealed key is under way.

#ifndef LIMPID_CLIENTS_CLI_RECOVERY_NOTICE_H_
#define LIMPID_CLIENTS_CLI_RECOVERY_NOTICE_H_

#include <string>

#include "limpid/vault/v1/sealed_vault_service.pb.h"

namespace limpid::cli {

// One line; `recovery` waits, is open, or was handed out.
std::string RecoveryAlarm(const vault::v1::Recovery& recovery);

// How far it is, for a table: "waits until 2026-11-20 11:00:00".
std::string RecoveryText(const vault::v1::Recovery& recovery);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_RECOVERY_NOTICE_H_
