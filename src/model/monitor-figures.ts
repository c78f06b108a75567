// The figures of the monitors that always report the same ones. Suites are checked against them, and monitors fill them.

import type { FigureDefinition, FigureDefinitions, MonitorUnit } from './monitor.ts';

function gauge(unit: MonitorUnit, title: string, headline?: 'headline'): FigureDefinition {
  return { type: 'gauge', unit, title, ...(headline !== undefined && { headline: true }) };
}

function counter(unit: MonitorUnit, title: string, headline?: 'headline'): FigureDefinition {
  return { type: 'counter', unit, title, ...(headline !== undefined && { headline: true }) };
}

export const hostFigures = {
  /** Busy share of all cores together since the last reading; stolen time counts as busy, waiting for disks as idle. */
  cpu_ratio: gauge('ratio', 'CPU', 'headline'),
  cpu_iowait_ratio: gauge('ratio', 'CPU waiting for disks'),
  /** Time that a hypervisor gave to others. */
  cpu_steal_ratio: gauge('ratio', 'CPU taken by other guests'),
  memory_used_bytes: gauge('bytes', 'memory used'),
  /** 1 - available / total. */
  memory_used_ratio: gauge('ratio', 'memory', 'headline'),
  swap_used_bytes: gauge('bytes', 'swap used'),
  load1: gauge('count', 'load average 1 min', 'headline'),
  load5: gauge('count', 'load average 5 min'),
  load15: gauge('count', 'load average 15 min'),
  processes: gauge('count', 'processes'),
  threads_runnable: gauge('count', 'runnable threads'),
  open_files: gauge('count', 'open files'),
  disk_read_bytes: counter('bytes', 'read from disks'),
  disk_written_bytes: counter('bytes', 'written to disks'),
  /** Of the busiest disk. */
  disk_busy_ratio: gauge('ratio', 'busiest disk'),
  network_received_bytes: counter('bytes', 'received from the network'),
  network_sent_bytes: counter('bytes', 'sent to the network'),
  network_errors: counter('count', 'network errors and drops'),
  tcp_retransmits: counter('count', 'TCP segments sent again'),
  /** Pages that had to be read from disk before a process could go on. */
  major_faults: counter('count', 'major page faults'),
  /** Processes that the kernel ended for want of memory. */
  oom_kills: counter('count', 'processes killed for lack of memory'),
  /** Share of the time in which some task waited for the resource (pressure stall information, `some`). */
  cpu_pressure_ratio: gauge('ratio', 'CPU pressure'),
  memory_pressure_ratio: gauge('ratio', 'memory pressure'),
  io_pressure_ratio: gauge('ratio', 'I/O pressure'),
} as const satisfies FigureDefinitions;

export const processFigures = {
  /** Of one core: 1.5 is one and a half cores. */
  cpu_ratio: gauge('ratio', 'CPU of one core', 'headline'),
  rss_bytes: gauge('bytes', 'resident memory', 'headline'),
  /** Where the process exposes it on its own metrics page. */
  heap_bytes: gauge('bytes', 'heap'),
  open_files: gauge('count', 'open files'),
  open_files_ratio: gauge('ratio', 'open files of the limit'),
  threads: gauge('count', 'threads'),
  processes: gauge('count', 'processes'),
  read_bytes: counter('bytes', 'read from disks'),
  written_bytes: counter('bytes', 'written to disks'),
  /** Times that another process took the place of the one watched. */
  restarts: counter('count', 'restarts'),
  /** Of its cgroup's limit; only where there is a limit. */
  cgroup_cpu_ratio: gauge('ratio', 'CPU of the container’s limit'),
  cgroup_memory_bytes: gauge('bytes', 'memory of the container'),
  cgroup_memory_ratio: gauge('ratio', 'memory of the container’s limit'),
  /** Share of the scheduling periods in which the container was held back by its CPU limit. */
  cgroup_throttled_ratio: gauge('ratio', 'periods throttled'),
} as const satisfies FigureDefinitions;

export const postgresFigures = {
  /** Client sessions, ours not counted. */
  connections: gauge('count', 'connections', 'headline'),
  connections_active: gauge('count', 'active connections', 'headline'),
  connections_idle: gauge('count', 'idle connections'),
  connections_idle_in_transaction: gauge('count', 'connections idle in a transaction'),
  /** Of max_connections less those kept for superusers. */
  connections_ratio: gauge('ratio', 'connections of the limit'),
  /** Connections that were opened to the database; from PostgreSQL 14 on. */
  connections_opened: counter('count', 'connections opened'),
  transactions: counter('count', 'transactions', 'headline'),
  rollbacks: counter('count', 'rollbacks'),
  /** Of blocks asked for since the last reading: those found in shared buffers. */
  cache_hit_ratio: gauge('ratio', 'cache hits', 'headline'),
  rows_returned: counter('count', 'rows read'),
  /** Of these, by sequential scans of the database's own tables: what an index could spare. */
  rows_scanned: counter('count', 'rows read by sequential scans'),
  rows_written: counter('count', 'rows written'),
  /** Statements of clients running right now for longer than `slowStatement`. */
  slow_statements_running: gauge('count', 'slow statements running'),
  /** Statements that took longer than `slowStatement`, at least: as far as readings can tell. */
  slow_statements: counter('count', 'slow statements'),
  /** Server processes of any kind that wait for a lock, those that clean up included. */
  lock_waits: gauge('count', 'waits for locks'),
  /** Client sessions that wait for a lock. */
  blocked_sessions: gauge('count', 'blocked sessions'),
  deadlocks: counter('count', 'deadlocks'),
  temp_files: counter('count', 'temporary files'),
  temp_bytes: counter('bytes', 'written to temporary files'),
  checkpoints: counter('count', 'checkpoints'),
  size_bytes: gauge('bytes', 'database size'),
  /** Since the first reading; below 0 for a database that shrank. */
  size_growth_bytes: gauge('bytes', 'database growth'),
  longest_transaction_ms: gauge('ms', 'longest open transaction'),
  replication_lag_bytes: gauge('bytes', 'replication lag'),
  replication_lag_ms: gauge('ms', 'replication lag in time'),
} as const satisfies FigureDefinitions;

export const redisFigures = {
  memory_bytes: gauge('bytes', 'memory', 'headline'),
  memory_peak_bytes: gauge('bytes', 'peak memory'),
  /** Of maxmemory; only where there is a limit. */
  memory_ratio: gauge('ratio', 'memory of the limit'),
  memory_fragmentation: gauge('count', 'memory fragmentation'),
  clients: gauge('count', 'clients', 'headline'),
  blocked_clients: gauge('count', 'blocked clients'),
  commands: counter('count', 'commands', 'headline'),
  /** Of keys looked up since the last reading. */
  hit_ratio: gauge('ratio', 'hits', 'headline'),
  hits: counter('count', 'keys found'),
  misses: counter('count', 'keys not found'),
  evictions: counter('count', 'evictions'),
  expirations: counter('count', 'expirations'),
  rejected_connections: counter('count', 'rejected connections'),
  slow_commands: counter('count', 'slow commands'),
  cpu_ratio: gauge('ratio', 'CPU of one core'),
  keys: gauge('count', 'keys'),
} as const satisfies FigureDefinitions;

export const logFigures = {
  lines: counter('count', 'lines of the log'),
  /** Lines that tell of errors. */
  errors: counter('count', 'errors in the log', 'headline'),
} as const satisfies FigureDefinitions;

export const httpFigures = {
  /** 1 when the answer was as expected, 0 when it was not or none came. */
  up: gauge('count', 'up', 'headline'),
  status: gauge('count', 'status'),
  latency_ms: gauge('ms', 'health latency', 'headline'),
  /** Time between the first probe that failed and the first that was well again. */
  downtime_ms: counter('ms', 'downtime'),
  restarts: counter('count', 'restarts'),
} as const satisfies FigureDefinitions;
