// What of this machine a load needs: cores, memory, open files, ports, disk, clock. Called by examine.ts, and by `plimsoll run`
// before any load.

import { availableParallelism, freemem, totalmem } from 'node:os';
import { type MachineLimits, readMachineLimits } from '../engine/machine-limits.ts';
import { exitCodes, messageOf, UsageError } from '../model/errors.ts';
import type { Examined } from '../model/examination.ts';
import { readClockOffset } from '../system/clock-offset.ts';
import { type FreeDisk, readFreeDisk } from '../system/free-disk.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { monotonicMs, wallClock } from '../time/clock.ts';

/** **Source:** the requirements of the load generator in the seed of the velro suite. */
const wantedCores = 4;
const wantedMemoryBytes = 8e9;
/** **Source:** `ulimit -n 65536` in the same seed. */
const wantedFiles = 65_536;
/** Linux has 28,232 as it comes. */
const wantedPorts = 28_000;
/** Reports of a long run take some MB, its journal more. */
const wantedDiskBytes = 1e9;
const leastDiskBytes = 50e6;
const leastFreeMemoryBytes = 512e6;
const mostOffsetMs = 100;
const mostStepMs = 50;

export async function examineMachine(outDir: string): Promise<Examined[]> {
  const limits = await readMachineLimits();
  return [
    examineCores(availableParallelism()),
    examineMemory(totalmem(), freemem()),
    ...examineLimits(limits),
    await examineDisk(outDir),
    await examineClock(),
  ];
}

export function examineCores(cores: number): Examined {
  const finding = `${formatCount(cores, 'core')}, of which the load generator leaves one to its coordinator`;
  if (cores >= wantedCores) return { subject: 'cores', status: 'good', finding };
  return {
    subject: 'cores',
    status: 'caution',
    finding,
    remedy: `a load generator should have ${wantedCores} cores or more, and the target a machine of its own; a run that was limited by its generator says so`,
  };
}

export function examineMemory(totalBytes: number, freeBytes: number): Examined {
  const finding = `${formatFigure(totalBytes, 'bytes')}, of which ${formatFigure(freeBytes, 'bytes')} free`;
  if (freeBytes < leastFreeMemoryBytes) {
    const remedy = 'end other programs: a load generator whose memory is swapped measures its own disk';
    return { subject: 'memory', status: 'caution', finding, remedy };
  }
  // Machines are sold with a little less than what they are called.
  if (totalBytes >= wantedMemoryBytes * 0.95) return { subject: 'memory', status: 'good', finding };
  const remedy = `a load generator for thousands of users should have ${formatFigure(wantedMemoryBytes, 'bytes')} or more`;
  return { subject: 'memory', status: 'caution', finding, remedy };
}

export function examineLimits({ openFiles, localPorts }: MachineLimits): Examined[] {
  const unknown = 'this system does not tell';
  const files: Examined =
    openFiles === undefined
      ? { subject: 'open files', status: 'open', finding: unknown }
      : {
          subject: 'open files',
          status: openFiles >= wantedFiles ? 'good' : 'caution',
          finding: `${formatCount(openFiles)} for each process (ulimit -n), and each connection takes one`,
          ...(openFiles < wantedFiles && { remedy: `raise the limit with "ulimit -n ${wantedFiles}"` }),
        };
  const ports: Examined =
    localPorts === undefined
      ? { subject: 'local ports', status: 'open', finding: unknown }
      : {
          subject: 'local ports',
          status: localPorts >= wantedPorts ? 'good' : 'caution',
          finding: `${formatCount(localPorts)} for connections to one address and port`,
          ...(localPorts < wantedPorts && {
            remedy: 'widen the range with "sysctl net.ipv4.ip_local_port_range=\'1024 65535\'"',
          }),
        };
  return [files, ports];
}

/** Says `bad` where results cannot be kept. */
async function examineDisk(outDir: string): Promise<Examined> {
  try {
    return assessDisk(await readFreeDisk(outDir));
  } catch (thrown) {
    return {
      subject: 'disk',
      status: 'open',
      finding: `${outDir} cannot be looked at: ${messageOf(thrown)}`,
    };
  }
}

export function assessDisk({ folder, freeBytes, isWritable }: FreeDisk): Examined {
  const finding = `${formatFigure(freeBytes, 'bytes')} free in ${folder}, where results are written`;
  const bad = { subject: 'disk', status: 'bad', exitCode: exitCodes.usage } as const;
  const elsewhere = 'name another folder for the results with --out';
  if (!isWritable) {
    return {
      ...bad,
      finding: `${folder} may not be written, so the results have no place`,
      remedy: elsewhere,
    };
  }
  if (freeBytes < leastDiskBytes) return { ...bad, finding, remedy: `make space, or ${elsewhere}` };
  if (freeBytes >= wantedDiskBytes) return { subject: 'disk', status: 'good', finding };
  return { subject: 'disk', status: 'caution', finding, remedy: `make space, or ${elsewhere}` };
}

/** Throws a `UsageError`, in the words of the doctor, where results cannot be kept. */
export async function assertDisk(outDir: string): Promise<void> {
  const { status, finding, remedy } = await examineDisk(outDir);
  if (status === 'bad') throw new UsageError(finding, remedy === undefined ? {} : { hint: remedy });
}

async function examineClock(): Promise<Examined> {
  const startMs = { wall: wallClock().getTime(), monotonic: monotonicMs() };
  const kept = await readClockOffset();
  // Asking takes a while, in which both clocks should go on alike.
  const stepMs = wallClock().getTime() - startMs.wall - (monotonicMs() - startMs.monotonic);
  return assessClock(stepMs, kept);
}

/** `stepMs`: by how much the wall clock went on further than the monotonic one. */
export function assessClock(stepMs: number, kept: Awaited<ReturnType<typeof readClockOffset>>): Examined {
  const subject = 'clock';
  const remedy =
    'let chrony or systemd-timesyncd keep the clock; response times do not depend on it, but times in reports do, and those of other machines';
  if (Math.abs(stepMs) > mostStepMs) {
    const finding = `the wall clock was set by ${formatFigure(Math.abs(stepMs), 'ms')} while it was looked at`;
    return { subject, status: 'caution', finding, remedy };
  }
  if (kept === undefined) {
    const finding = 'runs evenly; no service that keeps it could be asked (chronyc, timedatectl)';
    return { subject, status: 'open', finding };
  }
  if ('isSynchronized' in kept) {
    return kept.isSynchronized
      ? { subject, status: 'good', finding: 'is kept by a time service' }
      : { subject, status: 'caution', finding: 'is not kept by a time service', remedy };
  }
  const offset = formatFigure(Math.abs(kept.offsetMs), 'ms');
  return Math.abs(kept.offsetMs) > mostOffsetMs
    ? { subject, status: 'caution', finding: `is off by ${offset} (${kept.source})`, remedy }
    : { subject, status: 'good', finding: `is off by ${offset} (${kept.source})` };
}
