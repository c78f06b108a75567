// The entries of a run's journal and their form on disk: one line each, which journal.ts writes and
// read-journal.ts reads.

import { crc32 } from 'node:zlib';
import { maskData } from '../masking/mask.ts';
import type { Yardstick } from '../model/baseline.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { FaultReport } from '../model/fault.ts';
import type { FeederRecord } from '../model/feeder.ts';
import type { Refusal } from '../model/guard.ts';
import type { CutWork, MetricWindow, SeriesDefinition, SeriesDelta } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { AdaptiveSearch, Plan, SearchTrial, SearchUnit } from '../model/plan.ts';
import type { RunEnvironment, WorkerGap, WorkerHealth } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { parseForeignJson } from './foreign-json.ts';

/** Changes with every change of the entries' form. */
export const journalVersion = 7;

/** The first entry: what the record says of a run before anything is measured. */
export interface RunEntry {
  readonly kind: 'run';
  readonly version: number;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly environment: RunEnvironment;
  /** Of a capacity search: that of its first step. */
  readonly plan: Plan;
  /** Present for a capacity search: what it was told. */
  readonly search?: SearchRulesEntry;
  /** What the run is going to be held to. */
  readonly yardstick?: Yardstick;
  /** Who writes: it is alive as long as that very process is. */
  readonly writer: { readonly host: string; readonly pid: number; readonly startTicks: string | null };
}

export interface SearchRulesEntry extends Omit<AdaptiveSearch, 'endedBy'> {
  readonly unit: SearchUnit;
}

export type JournalEntry =
  | RunEntry
  /** A step of a capacity search begins: what follows is of it, in its own run time. */
  | { readonly kind: 'step'; readonly load: number; readonly plan: Plan }
  /** How that step ended. */
  | { readonly kind: 'trial'; readonly trial: SearchTrial }
  /** The search is over. */
  | { readonly kind: 'searched'; readonly endedBy?: string }
  /** The load begins: wall clock at run time 0. */
  | { readonly kind: 'started'; readonly at: string }
  | { readonly kind: 'window'; readonly window: MetricWindow; readonly errors: readonly ErrorGroup[] }
  | { readonly kind: 'monitor'; readonly report: MonitorReport }
  /** A fault begins, ends, or could not. */
  | { readonly kind: 'fault'; readonly report: FaultReport }
  /** All gaps so far, in place of those told before. */
  | { readonly kind: 'gaps'; readonly gaps: readonly WorkerGap[] }
  /** What has become of the rows of all feeders so far. */
  | { readonly kind: 'data'; readonly feeders: readonly FeederRecord[] }
  /** The suite's own code has found something. */
  | { readonly kind: 'finding'; readonly finding: Finding }
  /** The run is ended early. `threshold`, `alert`: by those that are broken, or firing, after the windows so far. */
  | { readonly kind: 'stopping'; readonly by: 'interrupt' | 'threshold' | 'alert' }
  /** The guard ends the run: this host was not contacted. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Windows that found no room in memory while the disk was slow or full. */
  | { readonly kind: 'skipped'; readonly windowCount: number }
  /** All is measured; what is missing after this is reports. */
  | {
      readonly kind: 'ended';
      readonly at: string;
      readonly durationMs: number;
      readonly workers: readonly WorkerHealth[];
      readonly gaps: readonly WorkerGap[];
    };

/**
 * One line: checksum (CRC-32 of what follows it, 8 hex digits), sequence number from 0, kind, and JSON, secrets
 * masked. A line that was cut off or changed shows by its checksum, a line that is gone by the numbers.
 */
export function encodeEntry(sequence: number, entry: JournalEntry): string {
  const body = `${sequence} ${entry.kind} ${bodyOf(entry)}`;
  return `${checksum(body)} ${body}\n`;
}

/**
 * The entry of a line without its line break; `undefined` when the line is damaged. Throws a `TypeError` when it is
 * not, and still no entry: `isEntry` says whether a value is that of a kind.
 */
export function decodeEntry(
  line: string,
  isEntry: (kind: string, value: unknown) => boolean,
): { sequence: number; entry: JournalEntry } | undefined {
  const body = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(body)) return undefined;
  const found = /^(\d{1,15}) ([a-z]+) /.exec(body);
  if (found === null) throw new TypeError('it has no number or no kind');
  const [head, sequence, kind] = found as unknown as [string, string, string];
  const { value, shown } = parseForeignJson(body.slice(head.length));
  if (!isEntry(kind, shown)) throw new TypeError(`it does not hold what one of the kind "${kind}" must`);
  const entry = kind === 'window' ? unpackWindow(value as PackedWindow) : { ...(value as object), kind };
  return { sequence: Number(sequence), entry: entry as JournalEntry };
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function bodyOf(entry: JournalEntry): string {
  if (entry.kind === 'window') return packWindow(entry.window, entry.errors);
  const { kind: _kind, ...fields } = entry;
  return JSON.stringify(maskData(fields));
}

/** [id, ...]: a counter has one number more, a rate two, a gauge three, a trend its histogram in base64. */
type PackedDelta =
  | readonly [id: number, count: number]
  | readonly [id: number, histogram: string]
  | readonly [id: number, passes: number, fails: number]
  | readonly [id: number, value: number, min: number, max: number];

type PackedCut = Omit<CutWork, 'waits'> & { readonly waits: string };

/** A window as it stands in the journal. */
export interface PackedWindow {
  readonly worker: number;
  readonly from: number;
  readonly to: number;
  readonly deltas: readonly PackedDelta[];
  readonly definitions?: readonly SeriesDefinition[];
  readonly errors?: readonly ErrorGroup[];
  readonly cut?: readonly PackedCut[];
}

function packWindow(window: MetricWindow, errors: readonly ErrorGroup[]): string {
  const { worker, startAtMs: from, endAtMs: to, definitions, cut = [] } = window;
  const deltas = window.deltas.map(packDelta);
  const numbers = JSON.stringify({ worker, from, to, deltas });
  if (definitions.length === 0 && errors.length === 0 && cut.length === 0) return numbers;
  // Only these can hold a secret; the numbers are not searched for any.
  const masked = maskData({ definitions, errors, cut: cut.map(({ waits: _, ...named }) => named) });
  const withWaits = masked.cut.map((named, i) => ({ ...named, waits: toBase64(cut[i]!.waits) }));
  const texts = JSON.stringify({ ...masked, cut: withWaits });
  return `${numbers.slice(0, -1)},${texts.slice(1)}`;
}

function packDelta(delta: SeriesDelta): PackedDelta {
  switch (delta.type) {
    case 'counter':
      return [delta.id, delta.count];
    case 'rate':
      return [delta.id, delta.passes, delta.fails];
    case 'gauge':
      return [delta.id, delta.value, delta.min, delta.max];
    case 'trend':
      return [delta.id, toBase64(delta.histogram)];
  }
}

function toBase64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

function unpackWindow(packed: PackedWindow): JournalEntry {
  const { worker, from, to, definitions = [], errors = [], cut = [] } = packed;
  const deltas = packed.deltas.map(unpackDelta);
  const window: MetricWindow = {
    worker,
    startAtMs: from,
    endAtMs: to,
    definitions,
    deltas,
    ...(cut.length > 0 && { cut: cut.map((one) => ({ ...one, waits: fromBase64(one.waits) })) }),
  };
  return { kind: 'window', window, errors };
}

function unpackDelta(packed: PackedDelta): SeriesDelta {
  const [id, first] = packed;
  if (typeof first === 'string') {
    return { id, type: 'trend', histogram: fromBase64(first) };
  }
  if (packed.length === 4) return { id, type: 'gauge', value: first, min: packed[2], max: packed[3] };
  if (packed.length === 3) return { id, type: 'rate', passes: first, fails: packed[2] };
  return { id, type: 'counter', count: first };
}
