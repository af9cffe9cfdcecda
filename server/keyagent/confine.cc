#include "server/keyagent/confine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace limpid::server {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "Confine knows x86-64 and AArch64: name this machine's calls here"
#endif

// Calls of x32 on x86-64 have this bit and would pass under other numbers.
constexpr std::uint32_t kOtherNumbers = 0x40000000;

// io_uring makes sockets without these calls; pidfd_getfd takes another's.
constexpr std::array<std::uint32_t, 13> kTaken = {__NR_socket,
                                                  __NR_connect,
                                                  __NR_bind,
                                                  __NR_socketpair,
                                                  __NR_execve,
                                                  __NR_execveat,
                                                  __NR_ptrace,
                                                  __NR_process_vm_readv,
                                                  __NR_process_vm_writev,
                                                  __NR_perf_event_open,
                                                  __NR_io_uring_setup,
                                                  __NR_pidfd_getfd,
                                                  __NR_bpf};

constexpr std::uint32_t kRefuse =
    SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA);

sock_filter Say(std::uint32_t verdict) {
  return {BPF_RET | BPF_K, 0, 0, verdict};
}

// Jumps over the next instruction unless `test` holds for `value`.
sock_filter Unless(std::uint16_t test, std::uint32_t value) {
  return {static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), 0, 1, value};
}

sock_filter Load(std::size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)};
}

std::vector<sock_filter> Filter() {
  std::vector<sock_filter> out = {
      Load(offsetof(seccomp_data, arch)),
      // Over the refusal when it is this machine's.
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kArchitecture},
      Say(SECCOMP_RET_KILL_PROCESS),
      Load(offsetof(seccomp_data, nr)),
      Unless(BPF_JGE, kOtherNumbers),
      Say(kRefuse)};
  for (const std::uint32_t call : kTaken) {
    out.push_back(Unless(BPF_JEQ, call));
    out.push_back(Say(kRefuse));
  }
  out.push_back(Say(SECCOMP_RET_ALLOW));
  return out;
}

}  // namespace

absl::Status Confine() {
  std::vector<sock_filter> filter = Filter();
  const sock_fprog program{static_cast<std::uint16_t>(filter.size()),
                           filter.data()};
  // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): the system's calls
  const bool done = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                    ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                              SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
  // NOLINTEND(cppcoreguidelines-pro-type-vararg)
  if (done) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this system does not let the key agent give up system calls (seccomp): "
      "run it where it does");
}

}  // namespace limpid::server
