/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every call of every container: how many with which result, how long they took. There is no
 * hash map in the way: keys are found by a multiplication and one cache line, and cells lie beside
 * them. Each CPU has cells of its own as long as there are enough shards for all; then an addition
 * is a plain one. The daemon reads both as memory, and frees what it has reported to the end.
 */
#ifndef SWOLL_COUNT_H
#define SWOLL_COUNT_H

#include "lib/maps.h"

const volatile __u32 cell_lines = 1;  /* a power of 2 */
const volatile __u32 cell_shards = 1; /* likewise */
const volatile __u8 cells_shared;     /* there are more CPUs than shards */

__u64 calls_uncounted; /* for which there was no memory to keep their state in */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* cell_lines */
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct swoll_cell_line);
} cell_keys SEC(".maps");

/* Of each shard those of the lines, and one for calls whose lines are full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct swoll_cell);
} cells SEC(".maps");

static __always_inline u32 bucket_of(u64 ns)
{
	u64 v = ns >> SWOLL_BUCKET_SHIFT;
	u32 bits = 0;

	if (v >> 32)
		return SWOLL_BUCKETS - 1;
	for (u32 half = 16; half; half /= 2) {
		if (v >> half) {
			bits += half;
			v >>= half;
		}
	}
	bits += v;
	return bits < SWOLL_BUCKETS ? bits : SWOLL_BUCKETS - 1;
}

/* The two lines that may have a key. */
static __always_inline u32 first_line(u64 hash)
{
	return hash >> 40 & (cell_lines - 1);
}

static __always_inline u32 second_line(u64 hash)
{
	return hash >> 20 & (cell_lines - 1);
}

static __always_inline int way_of(struct swoll_cell_line *line, u64 key)
{
	for (int way = 0; way < SWOLL_CELL_WAYS; way++)
		if (line->keys[way] == key)
			return way;
	return -1;
}

/* Two CPUs may take a cell each for one key, when the daemon frees a third meanwhile: it adds up
 * what has the same key. */
static __always_inline int claim_way(struct swoll_cell_line *line, u64 key)
{
	for (int way = 0; way < SWOLL_CELL_WAYS; way++) {
		u64 owner = line->keys[way];

		if (!owner)
			owner = __sync_val_compare_and_swap(&line->keys[way], 0, key);
		if (!owner || owner == key)
			return way;
	}
	return -1;
}

static __always_inline u32 used_ways(u32 line)
{
	struct swoll_cell_line *keys = bpf_map_lookup_elem(&cell_keys, &line);
	u32 used = 0;

	for (int way = 0; keys && way < SWOLL_CELL_WAYS; way++)
		used += !!keys->keys[way];
	return used;
}

/* The number of a cell whose key is not in its first line. */
__noinline u32 find_cell(u64 key)
{
	u32 lines[2] = {first_line(swoll_hash(key)), second_line(swoll_hash(key))};
	struct swoll_cell_line *keys;
	int way;

	keys = bpf_map_lookup_elem(&cell_keys, &lines[1]);
	way = keys ? way_of(keys, key) : -1;
	if (way >= 0)
		return lines[1] * SWOLL_CELL_WAYS + way;
	/* A line that fills up leaves keys to an emptier one: so nearly all cells are taken before
	 * some key finds none, while most keys are still found where they are looked for first. */
	if (used_ways(lines[0]) > SWOLL_CELL_WAYS / 2 &&
	    used_ways(lines[1]) < used_ways(lines[0])) {
		u32 other = lines[0];

		lines[0] = lines[1];
		lines[1] = other;
	}
	for (int i = 0; i < 2; i++) {
		keys = bpf_map_lookup_elem(&cell_keys, &lines[i]);
		way = keys ? claim_way(keys, key) : -1;
		if (way >= 0)
			return lines[i] * SWOLL_CELL_WAYS + way;
	}
	return cell_lines * SWOLL_CELL_WAYS;
}

static __always_inline void count_call(u64 key, u64 ns)
{
	u32 line = first_line(swoll_hash(key)), bucket = bucket_of(ns), at;
	struct swoll_cell_line *keys = bpf_map_lookup_elem(&cell_keys, &line);
	int way = keys ? way_of(keys, key) : -1;
	struct swoll_cell *cell;

	at = way >= 0 ? line * SWOLL_CELL_WAYS + way : find_cell(key);
	at += (bpf_get_smp_processor_id() & (cell_shards - 1)) * (cell_lines * SWOLL_CELL_WAYS + 1);
	cell = bpf_map_lookup_elem(&cells, &at);
	if (!cell)
		return;
	if (cells_shared) {
		__sync_fetch_and_add(&cell->time, ns);
		__sync_fetch_and_add(&cell->buckets[bucket], 1);
	} else {
		cell->time += ns;
		cell->buckets[bucket]++;
	}
}

/* An errno is a result of its own; the rest is success. */
static __always_inline void count_result(u64 key, s64 ret, u64 ns)
{
	count_call(ret < 0 && ret > -SWOLL_RESULT_KILLED ? key | -ret : key, ns);
}

#endif
