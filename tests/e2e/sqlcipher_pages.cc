#include "tests/e2e/sqlcipher_pages.h"

#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"

namespace limpid::testing {
namespace {

// https://www.zetetic.net/sqlcipher/design: a page ends with a reserve of a
// 16-byte initialisation vector and a 64-byte HMAC; the first page begins with
// the salt.
constexpr std::size_t kPage = 4096;
constexpr std::size_t kReserve = 80;
constexpr std::size_t kSalt = 16;
// https://www.sqlite.org/fileformat2.html section 4.
constexpr std::size_t kWalHeader = 32;
constexpr std::size_t kFrameHeader = 24;

std::string DecryptPage(std::string_view page, std::size_t skip,
                        base::ByteView key) {
  const std::string_view iv = page.substr(kPage - kReserve);
  const std::string_view body = page.substr(skip, kPage - kReserve - skip);
  base::Bytes out(body.size() + kSalt);
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  const auto* const in = base::AsBytes(body).data();
  EXPECT_EQ(EVP_DecryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr,
                               key.data(), base::AsBytes(iv).data()),
            1);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  EXPECT_EQ(EVP_DecryptUpdate(context.get(), out.data(), &size, in,
                              static_cast<int>(body.size())),
            1);
  out.resize(static_cast<std::size_t>(size));
  return base::ToText(out);
}

std::string Contents(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? ReadFile(path) : "";
}

}  // namespace

std::vector<std::string> DecryptPages(const std::filesystem::path& database,
                                      const base::SecretBytes& key) {
  const base::ByteView raw = key.Reveal(base::SecretAccess::Get());
  std::vector<std::string> pages;
  const std::string file = Contents(database);
  for (std::size_t at = 0; at + kPage <= file.size(); at += kPage) {
    pages.push_back(DecryptPage(std::string_view(file).substr(at, kPage),
                                at == 0 ? kSalt : 0, raw));
  }
  const std::string wal = Contents(database.string() + "-wal");
  for (std::size_t at = kWalHeader; at + kFrameHeader + kPage <= wal.size();
       at += kFrameHeader + kPage) {
    const std::string_view frame = std::string_view(wal).substr(at);
    const bool first = frame.substr(0, 4) == std::string_view("\0\0\0\1", 4);
    pages.push_back(
        DecryptPage(frame.substr(kFrameHeader, kPage), first ? kSalt : 0, raw));
  }
  return pages;
}

}  // namespace limpid::testing
