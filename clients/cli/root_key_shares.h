// What the commands that make shares of a root key have in common.

#ifndef LIMPID_CLIENTS_CLI_ROOT_KEY_SHARES_H_
#define LIMPID_CLIENTS_CLI_ROOT_KEY_SHARES_H_

#include <filesystem>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "clients/cli/terminal.h"
#include "common/json/value.h"
#include "server/provision/make_shares.h"

namespace limpid::cli {

// --root-key-shares, --share-dir and --share-holder.
void AddShareOptions(CLI::App& command, std::string& counts,
                     server::WantedShares& wanted);

// `wanted` with `counts`, "2/3", read into it.
//
// Errors: wrong usage, when they are no counts or there is no directory.
absl::StatusOr<server::WantedShares> SharesOf(const std::string& counts,
                                              server::WantedShares wanted);

// What to do with the files.
void ShowShares(const std::vector<std::filesystem::path>& files,
                Terminal& shown);
json::Value FilesAsJson(const std::vector<std::filesystem::path>& files);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_ROOT_KEY_SHARES_H_
