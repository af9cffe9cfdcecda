// How limpidd ends, for scripts and systemd. Printed by --help: keep both.

#ifndef LIMPID_SERVER_EXIT_CODE_H_
#define LIMPID_SERVER_EXIT_CODE_H_

namespace limpid::server {

enum class ExitCode : int {
  // Stopped because it was told to, or only printed something.
  kStopped = 0,
  // A fault of ours.
  kFault = 1,
  // The command line was wrong.
  kUsage = 2,
  // The configuration file was refused; nothing was opened.
  kConfiguration = 3,
  // A key, database, log, directory or address was refused; nothing was
  // changed.
  kRefused = 4,
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_EXIT_CODE_H_
