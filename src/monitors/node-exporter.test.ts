import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { hostFigures } from '../model/monitor-figures.ts';
import { endProcess, identify } from '../system/end-process.ts';
import { findFreePort } from '../system/free-port.ts';
import { createGuardian } from '../system/guardian.ts';
import { monotonicMs } from '../time/clock.ts';
import { httpSource } from './http-source.cases.ts';
import { describeMonitor, failureOf, read } from './monitor.cases.ts';
import { createNodeExporterMonitor } from './node-exporter.ts';
import { parseExposition } from './prometheus/exposition.ts';
import { parseProtobufPage } from './prometheus/protobuf-page.ts';

const port = await findFreePort();
const url = `http://127.0.0.1:${port}/metrics`;
const endSteps = [
  { signal: 'SIGTERM', waitMs: 5000 },
  { signal: 'SIGKILL', waitMs: 3000 },
] as const;
const guardian = await createGuardian();
let exporter: ChildProcess | undefined;

/** Debian has it as the package prometheus-node-exporter. */
async function start(): Promise<void> {
  if (exporter !== undefined) return;
  const child = spawn('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  guardian.watch(child.pid!, endSteps);
  exporter = child;
  const giveUpAtMs = monotonicMs() + 20_000;
  for (;;) {
    try {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      return;
    } catch (error) {
      if (monotonicMs() > giveUpAtMs || child.exitCode !== null) throw error;
      await sleep(50);
    }
  }
}

async function stop(): Promise<void> {
  const child = exporter;
  exporter = undefined;
  if (child === undefined) return;
  await endProcess(identify(child.pid!), endSteps);
  guardian.forget(child.pid!);
}

await start();
afterAll(async () => {
  await stop();
  await guardian.release();
});

function monitorOf(nodeExporter: string) {
  const monitor = createNodeExporterMonitor({ kind: 'host', nodeExporter });
  onTestFinished(() => monitor.close());
  return monitor;
}

function proc(file: string): string {
  return readFileSync(`/proc/${file}`, 'utf8');
}

function memInfoBytes(field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(proc('meminfo'))![1]) * 1024;
}

/** Of the line `cpu`, in ticks: busy, all. Source: proc(5). */
function cpuTicks(): { readonly busy: number; readonly all: number } {
  const [user, nice, system, idle, iowait, irq, softirq, steal] = proc('stat')
    .split('\n')[0]!
    .trim()
    .split(/ +/)
    .slice(1)
    .map(Number) as [number, number, number, number, number, number, number, number];
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, all: busy + idle + iowait };
}

function keepBusy(ms: number): void {
  const untilMs = monotonicMs() + ms;
  while (monotonicMs() < untilMs) Math.hypot(untilMs, 1);
}

test('figures of a real exporter are those that /proc has at the same moment', async () => {
  const monitor = monitorOf(url);
  const first = await read(monitor);
  expect(first.values).not.toHaveProperty('cpu_ratio');
  const before = cpuTicks();
  await read(monitor);
  // One core is busy, and the event loop is, too.
  keepBusy(800);
  const { values } = await read(monitor);
  const after = cpuTicks();
  const cpuRatio = (after.busy - before.busy) / (after.all - before.all);
  expect(Math.abs(values.cpu_ratio! - cpuRatio)).toBeLessThan(0.15);
  expect(values.cpu_ratio!).toBeGreaterThan(0.8 / cpus().length - 0.15);
  expect(values.cpu_ratio!).toBeLessThanOrEqual(1);

  const total = memInfoBytes('MemTotal');
  expect(Math.abs(values.memory_used_bytes! - (total - memInfoBytes('MemAvailable'))) / total).toBeLessThan(
    0.05,
  );
  expect(values.memory_used_ratio!).toBeCloseTo(values.memory_used_bytes! / total, 9);
  expect(
    Math.abs(values.swap_used_bytes! - (memInfoBytes('SwapTotal') - memInfoBytes('SwapFree'))),
  ).toBeLessThan(2 ** 26);
  const [load1, , load15] = proc('loadavg').split(' ').map(Number) as [number, number, number];
  expect(Math.abs(values.load1! - load1)).toBeLessThan(2);
  expect(Math.abs(values.load15! - load15)).toBeLessThan(0.5);
  const [openFiles] = proc('sys/fs/file-nr').split('\t').map(Number) as [number];
  expect(Math.abs(values.open_files! / openFiles - 1)).toBeLessThan(0.3);
  expect(values.threads_runnable!).toBeGreaterThanOrEqual(1);
  const [names, counts] = proc('net/snmp')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'));
  const retransmits = Number(counts!.split(' ')[names!.split(' ').indexOf('RetransSegs')]);
  expect(Math.abs(values.tcp_retransmits! - retransmits)).toBeLessThan(100);
  for (const figure of ['cpu_iowait_ratio', 'cpu_steal_ratio'] as const) {
    expect(values[figure]).toBeGreaterThanOrEqual(0);
    expect(values[figure]).toBeLessThanOrEqual(1);
  }
});

test('the text page and the protobuf page of a real program say the same', async () => {
  const pageOf = async (accept: string): Promise<Buffer> => {
    const answer = await fetch(url, { headers: { accept } });
    return Buffer.from(await answer.arrayBuffer());
  };
  const protobuf =
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  const all = parseExposition((await pageOf('text/plain')).toString('utf8'), { openMetrics: false });
  const binary = parseProtobufPage(await pageOf(protobuf), new Set(all.keys()));
  expect([...binary.keys()].sort()).toEqual([...all.keys()].sort());
  expect(all.size).toBeGreaterThan(100);
  for (const [name, { type, numbers, distributions }] of binary) {
    const text = all.get(name)!;
    expect([name, type, distributions.length]).toEqual([name, text.type, text.distributions.length]);
    const keys = (one: typeof text) => one.numbers.map(({ key }) => key).sort();
    expect(keys({ type, numbers, distributions })).toEqual(keys(text));
  }
  // What stands still is the same to the last digit.
  for (const name of ['node_memory_MemTotal_bytes', 'node_boot_time_seconds', 'go_info', 'node_uname_info']) {
    expect(binary.get(name), name).toEqual(all.get(name));
  }
});

test('disks, network and pressure of a page with restarts and devices that do not count', async () => {
  const page = (n: number, reset = false) => `# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} ${n * 6}
node_cpu_seconds_total{cpu="0",mode="iowait"} ${n}
node_cpu_seconds_total{cpu="0",mode="steal"} ${n}
node_cpu_seconds_total{cpu="0",mode="user"} ${n * 2}
# TYPE node_time_seconds gauge
node_time_seconds ${1000 + n * 10}
# TYPE node_disk_io_time_seconds_total counter
node_disk_io_time_seconds_total{device="sda"} ${n * 3}
node_disk_io_time_seconds_total{device="sdb"} ${n * 4}
node_disk_io_time_seconds_total{device="dm-0"} ${n * 9}
# TYPE node_disk_read_bytes_total counter
node_disk_read_bytes_total{device="sda"} ${reset ? 7 : 1000 * n}
node_disk_read_bytes_total{device="sda1"} ${n * 5000}
node_disk_read_bytes_total{device="nvme0n1"} ${100 * n}
# TYPE node_network_receive_bytes_total counter
node_network_receive_bytes_total{device="lo"} ${n * 9999}
node_network_receive_bytes_total{device="eth0"} ${n * 10}
# TYPE node_network_receive_errs_total counter
node_network_receive_errs_total{device="eth0"} ${n}
# TYPE node_network_transmit_drop_total counter
node_network_transmit_drop_total{device="eth0"} ${n * 2}
# TYPE node_pressure_io_waiting_seconds_total counter
node_pressure_io_waiting_seconds_total ${n * 5}
`;
  let shown = page(1);
  const source = await httpSource((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(shown);
  });
  const monitor = monitorOf(source.url);
  expect((await read(monitor)).values).toEqual({
    disk_read_bytes: 1100,
    network_received_bytes: 10,
    network_errors: 3,
  });
  shown = page(2, true);
  const { values } = await read(monitor);
  const expected = {
    cpu_ratio: 0.3,
    cpu_iowait_ratio: 0.1,
    cpu_steal_ratio: 0.1,
    disk_busy_ratio: 0.4,
    io_pressure_ratio: 0.5,
    disk_read_bytes: 1207,
    network_received_bytes: 20,
    network_errors: 6,
  };
  expect(Object.keys(values).sort()).toEqual(Object.keys(expected).sort());
  for (const [figure, value] of Object.entries(expected))
    expect(values[figure], figure).toBeCloseTo(value, 9);
});

test('a page of something else is refused', async () => {
  const source = await httpSource((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('up 1\n');
  });
  const failure = (await failureOf(read(monitorOf(source.url)))) as Error;
  expect(failure.message).toBe(`the page at ${source.url} is not one of a node exporter on Linux`);
});

describeMonitor('the monitor of another host', {
  create: () =>
    createNodeExporterMonitor(
      { kind: 'host', nodeExporter: url },
      { url: url.replace('//', '//mona:hunter22@') },
    ),
  figures: hostFigures,
  always: [
    'cpu_ratio',
    'memory_used_ratio',
    'load1',
    'open_files',
    'network_received_bytes',
    'tcp_retransmits',
  ],
  secrets: ['hunter22'],
  stop,
  start,
  // The kernel still accepts connections for a stopped process.
  async hang() {
    const child = exporter!;
    child.kill('SIGSTOP');
    return () => {
      child.kill('SIGCONT');
    };
  },
  // Readings of the exporter's own counters move every 10 ms.
  work: () => sleep(50),
});
