/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "engine/base/err.h"

#if defined(__x86_64__)
#    define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#    define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#else
#    error "the system call numbers of this processor are not known here"
#endif

/* Numbers from 0x40000000 on are the x32 calls: the same calls by other numbers. */
#define SANDBOX_X32_BIT 0x40000000

#define LOAD(member)      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(what)      BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(error)     ANSWER(SECCOMP_RET_ERRNO | (error))
/* Refuses one call and goes on with the next line for all others. */
#define REFUSE_CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), REFUSE(EPERM)

/* The lines at the end of the filter that leave only Unix sockets. */
enum { SOCKET_LINES = 6 };

static int sandbox_close(bool has_network)
{
    struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_ARCH, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SANDBOX_X32_BIT, 0, 1),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        REFUSE_CALL(execve),
        REFUSE_CALL(execveat),
        REFUSE_CALL(io_uring_setup),
        REFUSE_CALL(io_uring_enter),
        REFUSE_CALL(io_uring_register),
#ifndef __SANITIZE_ADDRESS__
        REFUSE_CALL(ptrace), /* the leak checker attaches to its own process */
#endif
        REFUSE_CALL(process_vm_readv),
        REFUSE_CALL(process_vm_writev),
        REFUSE_CALL(bpf),
        REFUSE_CALL(mount),
        REFUSE_CALL(unshare),
        REFUSE_CALL(setns),
        REFUSE_CALL(keyctl),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
        ANSWER(SECCOMP_RET_ALLOW),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0),
        REFUSE(EAFNOSUPPORT),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    if (has_network) {
        const struct sock_filter allow = ANSWER(SECCOMP_RET_ALLOW);
        program.len = (unsigned short)(program.len - SOCKET_LINES + 1);
        filter[program.len - 1] = allow;
    }
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
        return 0;
    return errno == EINVAL ? CW_ERR_UNSUPPORTED : CW_ERR_IO;
}

int cw_sandbox_close(void)
{
    return sandbox_close(false);
}

int cw_sandbox_close_courier(void)
{
    return sandbox_close(true);
}
