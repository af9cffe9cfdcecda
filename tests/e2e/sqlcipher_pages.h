// The pages of a SQLCipher database and of its write-ahead log, decrypted, free
// pages and slack included: what somebody with the database's key would see. A
// second reading of the page format, so that no code of ours is trusted here.

#ifndef LIMPID_TESTS_E2E_SQLCIPHER_PAGES_H_
#define LIMPID_TESTS_E2E_SQLCIPHER_PAGES_H_

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/secret.h"

namespace limpid::testing {

// `key` is the 48-byte raw key. Every page on its own, as stored last or
// earlier; an absent file has none.
std::vector<std::string> DecryptPages(const std::filesystem::path& database,
                                      const base::SecretBytes& key);

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_E2E_SQLCIPHER_PAGES_H_
