// The monitor `host` of another machine: the same figures as of this one, read off the page of its Prometheus node
// exporter (version 0.16 or later). Made by monitors.ts.

import type { hostFigures } from '../model/monitor-figures.ts';
import type { MonitorSecret, SourceOf } from '../model/monitor-settings.ts';
import type { Dialer } from '../network/dialer.ts';
import { monotonicMs, wallClock } from '../time/clock.ts';
import { leastSpanMs } from './least-span.ts';
import type { Monitor } from './monitor.ts';
import type { Metrics, NumberSeries } from './prometheus/metric.ts';
import { createPageReader } from './prometheus/page.ts';
import { SeriesTotals } from './prometheus/series-totals.ts';

type Figure = keyof typeof hostFigures;

const gauges: Partial<Record<Figure, string>> = {
  load1: 'node_load1',
  load5: 'node_load5',
  load15: 'node_load15',
  threads_runnable: 'node_procs_running',
  // Of the collector `processes`, which is off unless asked for.
  processes: 'node_processes_pids',
  open_files: 'node_filefd_allocated',
};

/** Totals, each with the metrics that make it up. */
const counters: Partial<Record<Figure, readonly string[]>> = {
  disk_read_bytes: ['node_disk_read_bytes_total'],
  disk_written_bytes: ['node_disk_written_bytes_total'],
  network_received_bytes: ['node_network_receive_bytes_total'],
  network_sent_bytes: ['node_network_transmit_bytes_total'],
  network_errors: [
    'node_network_receive_errs_total',
    'node_network_receive_drop_total',
    'node_network_transmit_errs_total',
    'node_network_transmit_drop_total',
  ],
  tcp_retransmits: ['node_netstat_Tcp_RetransSegs'],
};

/** Seconds of waiting, by the share of time that they make. */
const pressures: Partial<Record<Figure, string>> = {
  cpu_pressure_ratio: 'node_pressure_cpu_waiting_seconds_total',
  memory_pressure_ratio: 'node_pressure_memory_waiting_seconds_total',
  io_pressure_ratio: 'node_pressure_io_waiting_seconds_total',
};

const cpuSeconds = 'node_cpu_seconds_total';
const clockSeconds = 'node_time_seconds';
const diskSeconds = 'node_disk_io_time_seconds_total';
const memory = (what: string): string => `node_memory_${what}_bytes`;

const wanted: ReadonlySet<string> = new Set([
  ...Object.values(gauges),
  ...Object.values(counters).flat(),
  ...Object.values(pressures),
  ...['MemTotal', 'MemAvailable', 'SwapTotal', 'SwapFree'].map(memory),
  cpuSeconds,
  clockSeconds,
  diskSeconds,
]);

/**
 * Devices whose traffic is not the machine's, or is another's a second time: the loopback interface; parts of disks, RAM
 * disks and loop devices, and what is laid over disks (device mapper, RAID).
 */
const uncounted =
  /^(?:lo|ram\d+|zram\d+|loop\d+|dm-\d+|md\d+|sr\d+|fd\d+|[hsv]d[a-z]+\d+|xvd[a-z]+\d+|(?:nvme\d+n|mmcblk)\d+p\d+)$/;

/** Throws a `TypeError` when the source's URL is none, and an `Error` when it has none. */
export function createNodeExporterMonitor(
  { nodeExporter }: SourceOf<'host'>,
  secret?: MonitorSecret,
  dialer?: Dialer,
  spanMs: number = leastSpanMs,
): Monitor {
  if (nodeExporter === undefined) throw new Error('the URL of a node exporter is missing');
  const page = createPageReader({ url: nodeExporter, secret, wanted, preferNative: false, dialer });
  const shares = new Shares(spanMs);
  const totals = new Map<string, SeriesTotals>();
  return {
    async read(signal) {
      const { metrics } = await page.read(signal);
      if (!metrics.has(cpuSeconds) && !metrics.has(memory('MemTotal'))) {
        throw new Error(`the page at ${nodeExporter} is not one of a node exporter on Linux`);
      }
      const atEpochMs = wallClock().getTime();
      const values: Partial<Record<Figure, number>> = {
        ...readGauges(metrics),
        ...shares.read(metrics, atEpochMs),
      };
      for (const [figure, names] of Object.entries(counters) as [Figure, readonly string[]][]) {
        const series = names.flatMap((name) => counted(metrics, name));
        if (series.length === 0) continue;
        const total = totals.get(figure) ?? new SeriesTotals();
        totals.set(figure, total);
        values[figure] = total.add(series, atEpochMs);
      }
      return { values: finite(values) };
    },
    async close() {
      page.close();
    },
  };
}

function readGauges(metrics: Metrics): Partial<Record<Figure, number>> {
  const values: Partial<Record<Figure, number>> = {};
  for (const [figure, name] of Object.entries(gauges) as [Figure, string][]) {
    const value = only(metrics, name);
    if (value !== undefined) values[figure] = value;
  }
  const [total, available] = [only(metrics, memory('MemTotal')), only(metrics, memory('MemAvailable'))];
  if (total !== undefined && available !== undefined && total > 0) {
    values.memory_used_bytes = total - available;
    values.memory_used_ratio = 1 - available / total;
  }
  const [swap, swapFree] = [only(metrics, memory('SwapTotal')), only(metrics, memory('SwapFree'))];
  if (swap !== undefined && swapFree !== undefined) values.swap_used_bytes = swap - swapFree;
  return values;
}

/** The value of a metric without labels. */
function only(metrics: Metrics, name: string): number | undefined {
  return metrics.get(name)?.numbers[0]?.value;
}

/** The series of a metric by device, with keys that no series of another metric has. */
function counted(metrics: Metrics, name: string): NumberSeries[] {
  const numbers = metrics.get(name)?.numbers ?? [];
  return numbers
    .filter(({ labels }) => !uncounted.test(labels.get('device') ?? ''))
    .map((series) => ({ ...series, key: `${name}${series.key}` }));
}

/** Shares of the time since the last reading; none at the first. */
class Shares {
  /** Running totals in seconds: by CPU mode, by disk, by kind of pressure. */
  private readonly totals = new Map<string, SeriesTotals>();
  private readonly last = new Map<string, number>();
  private lastSeconds: number | undefined;
  private readonly spanMs: number;

  constructor(spanMs: number) {
    this.spanMs = spanMs;
  }

  read(metrics: Metrics, atEpochMs: number): Partial<Record<Figure, number>> {
    const values: Partial<Record<Figure, number>> = {};
    // The exporter's own clock, where it tells: a page that comes late is of the time it was made.
    const nowSeconds = only(metrics, clockSeconds) ?? monotonicMs() / 1000;
    const elapsedSeconds = nowSeconds - (this.lastSeconds ?? Number.NaN);
    if (elapsedSeconds >= 0 && elapsedSeconds * 1000 < this.spanMs) return {};
    this.lastSeconds = nowSeconds;
    // Guests' time is also in `user` and `nice`, and the exporter tells it a second time in another metric.
    const modes = new Map<string, NumberSeries[]>();
    for (const series of metrics.get(cpuSeconds)?.numbers ?? []) {
      const mode = series.labels.get('mode') ?? '';
      modes.set(mode, [...(modes.get(mode) ?? []), series]);
    }
    let all = 0;
    const seconds: Record<string, number> = {};
    for (const [mode, series] of modes) {
      const gained = this.gain(`cpu ${mode}`, series, atEpochMs);
      seconds[mode] = gained;
      all += gained;
    }
    const { idle = 0, iowait = 0, steal = 0 } = seconds;
    if (all > 0) {
      values.cpu_ratio = 1 - (idle + iowait) / all;
      values.cpu_iowait_ratio = iowait / all;
      values.cpu_steal_ratio = steal / all;
    }
    const busy = counted(metrics, diskSeconds).map((disk) =>
      this.gain(`disk ${disk.key}`, [disk], atEpochMs),
    );
    if (busy.length > 0) values.disk_busy_ratio = bounded(Math.max(...busy) / elapsedSeconds);
    for (const [figure, name] of Object.entries(pressures) as [Figure, string][]) {
      const series = metrics.get(name)?.numbers ?? [];
      if (series.length > 0) values[figure] = bounded(this.gain(name, series, atEpochMs) / elapsedSeconds);
    }
    return values;
  }

  /** Seconds gained since the last reading; NaN at the first. */
  private gain(name: string, series: readonly NumberSeries[], atEpochMs: number): number {
    const totals = this.totals.get(name) ?? new SeriesTotals();
    this.totals.set(name, totals);
    const total = totals.add(series, atEpochMs);
    const gained = total - (this.last.get(name) ?? Number.NaN);
    this.last.set(name, total);
    return gained;
  }
}

/** The exporter reads its clock and its counters one after another: a full second may seem to be 1.01. */
function bounded(ratio: number): number {
  return Math.min(Math.max(ratio, 0), 1);
}

function finite(values: Partial<Record<Figure, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
