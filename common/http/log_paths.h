// Which files of a transparency log may be served, and as what. A closed
// grammar instead of a filter: what it does not describe does not exist, so
// that no spelling of ".." or of an absolute path can name another file.

#ifndef LIMPID_COMMON_HTTP_LOG_PATHS_H_
#define LIMPID_COMMON_HTTP_LOG_PATHS_H_

#include <optional>
#include <string>
#include <string_view>

namespace limpid::http {

struct ServedFile {
  // Relative to the log's directory; made of checked segments only.
  std::string path;
  std::string_view content_type;
  std::string_view cache_control;
};

// Matches a request path below a log's prefix, without the leading slash:
//
//   "checkpoint"                         the signed note; may be cached 5 s
//   "tile/" L "/" N                      hashes of level L, 0 to 63
//   "tile/entries/" N                    entry bundles
//   "content/" 64 hexadecimal digits     content by its SHA-256
//
//   N = *("x" 3DIGIT "/") 3DIGIT [".p/" W]    W = 1 to 255
//
// as in c2sp.org/tlog-tiles. All but the checkpoint never change.
std::optional<ServedFile> MatchLogPath(std::string_view path);

}  // namespace limpid::http

#endif  // LIMPID_COMMON_HTTP_LOG_PATHS_H_
