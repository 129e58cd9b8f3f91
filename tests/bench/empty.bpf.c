// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The floor: what any tool pays that wants both ends of a call, before it does a thing. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>  // wants the types of the other

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_enter")
int empty_enter(void* ctx) { return 0; }

SEC("tp_btf/sys_exit")
int empty_exit(void* ctx) { return 0; }
