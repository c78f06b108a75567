// Everything that a run measures as JSON lines in a file, window by window, for programs of one's own.

import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../model/errors.ts';
import type { MetricValues, MetricWindow, SeriesDefinition, SeriesDelta } from '../model/metric.ts';
import { containsOf, monitorMetric } from '../model/monitor.ts';
import type { JsonOutputDefinition } from '../model/output.ts';
import { Histogram } from '../stats/histogram.ts';
import { makeFolder } from '../system/make-folder.ts';
import { type Batch, Delivery, type Failure } from './delivery.ts';
import type { Output, OutputRun } from './output.ts';

/** A disk that does not answer is waited for this long before it counts as a failure; the write goes on meanwhile. */
const timeoutMs = 10_000;

/** Writes over a file of that name, and makes the folders above it. The first line says which run it is. */
export function createJsonOutput(definition: JsonOutputDefinition, run: OutputRun): Output {
  const writer = new FileWriter(resolve(definition.file));
  const delivery = new Delivery({ attempt: (batch) => writer.write(batch), timeoutMs, maxBackoffMs: 5000 });
  const lines = new JsonLines(run);
  const add = ({ text, points, lost }: { text: string; points: number; lost: number }): void => {
    delivery.lose(lost);
    if (text !== '') delivery.add({ body: Buffer.from(text), points });
    else delivery.lose(points);
  };
  add({ text: lines.run(), points: 0, lost: 0 });
  return {
    window: (window) => add(lines.window(window)),
    sample(sample) {
      const { monitor, atMs, values, gains } = sample;
      let text = '';
      for (const [figure, value] of Object.entries(values)) {
        text += lines.figure(monitor, figure, atMs, 'gauge', { value });
      }
      for (const [figure, { by, overMs }] of Object.entries(gains)) {
        const rate = overMs > 0 ? by / (overMs / 1000) : 0;
        text += lines.figure(monitor, figure, atMs, 'counter', { count: by, rate });
      }
      add({ text, points: Object.keys(values).length + Object.keys(gains).length, lost: 0 });
    },
    alert: (transition) => add({ text: lines.alert(transition), points: 1, lost: 0 }),
    async close(graceMs) {
      const tally = await delivery.close(graceMs);
      await writer.close();
      return { kind: 'json', to: definition.file, ...tally };
    },
  };
}

/** Makes lines: `run` first, `metric` before a metric's first point, `point` and `alert`. */
class JsonLines {
  readonly #run: OutputRun;
  readonly #definitions = new Map<number, Map<number, SeriesDefinition>>();
  readonly #told = new Set<string>();
  readonly #histogram = new Histogram();

  constructor(run: OutputRun) {
    this.#run = run;
  }

  run(): string {
    const { id, suite, profile, environment, tags, startEpochMs } = this.#run;
    return line({
      type: 'run',
      data: { id, suite, profile, environment, tags, time: isoTime(startEpochMs) },
    });
  }

  window({ worker, startAtMs, endAtMs, definitions, deltas }: MetricWindow) {
    const known = this.#definitions.get(worker) ?? new Map<number, SeriesDefinition>();
    this.#definitions.set(worker, known);
    for (const definition of definitions) known.set(definition.id, definition);
    const time = this.#time(endAtMs);
    let text = '';
    let points = 0;
    for (const delta of deltas) {
      const definition = known.get(delta.id);
      const values = definition === undefined ? undefined : this.#valuesOf(delta, endAtMs - startAtMs);
      if (definition === undefined || values === undefined) continue;
      const { metric, tags } = definition;
      text += this.#metric(metric, definition);
      text += line({ type: 'point', metric, data: { time, startAtMs, endAtMs, worker, tags, values } });
      points++;
    }
    return { text, points, lost: deltas.length - points };
  }

  figure(
    monitor: string,
    figure: string,
    atMs: number,
    type: 'gauge' | 'counter',
    values: Record<string, number>,
  ): string {
    const metric = monitorMetric(monitor, figure);
    const definition = this.#run.monitors[monitor]?.[figure];
    const contains = definition === undefined ? 'default' : containsOf(definition);
    const head = this.#metric(metric, { type, contains });
    return head + line({ type: 'point', metric, data: { time: this.#time(atMs), atMs, tags: {}, values } });
  }

  alert(transition: Parameters<Output['alert']>[0]): string {
    return line({ type: 'alert', data: { time: this.#time(transition.atMs), ...transition } });
  }

  #metric(metric: string, { type, contains }: Pick<SeriesDefinition, 'type' | 'contains'>): string {
    if (this.#told.has(metric)) return '';
    this.#told.add(metric);
    return line({ type: 'metric', metric, data: { type, contains } });
  }

  /** The values of one window; `undefined` when they cannot be read. */
  #valuesOf(delta: SeriesDelta, spanMs: number): MetricValues | undefined {
    switch (delta.type) {
      case 'counter':
        return { count: delta.count, rate: spanMs > 0 ? delta.count / (spanMs / 1000) : 0 };
      case 'rate': {
        const all = delta.passes + delta.fails;
        return { rate: all === 0 ? 0 : delta.passes / all, passes: delta.passes, fails: delta.fails };
      }
      case 'gauge':
        return { value: delta.value, min: delta.min, max: delta.max };
      case 'trend':
        try {
          this.#histogram.reset();
          this.#histogram.mergeEncoded(delta.histogram);
          return { ...this.#histogram.trendValues(), ...{ sum: this.#histogram.sum } };
        } catch {
          return undefined;
        }
    }
  }

  #time(atMs: number): string {
    return isoTime(this.#run.startEpochMs + atMs);
  }
}

/** Appends batches; after a write that broke off it goes on where the file ends. */
class FileWriter {
  readonly #path: string;
  #file: FileHandle | undefined;
  #writing: { readonly batch: Batch; readonly done: Promise<Failure | undefined> } | undefined;
  /** Bytes of a batch that are in the file already. */
  #partOf: { readonly batch: Batch; bytes: number } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async write(batch: Batch): Promise<Failure | undefined> {
    // A write cannot be given up: one that took too long is waited for by the next attempt.
    if (this.#writing?.batch !== batch) {
      await this.#writing?.done;
      this.#writing = { batch, done: this.#append(batch) };
    }
    const current = this.#writing;
    const failure = await current.done;
    if (this.#writing === current) this.#writing = undefined;
    return failure;
  }

  async close(): Promise<void> {
    if (this.#writing === undefined) await this.#file?.close().catch(() => {});
    else void this.#writing.done.then(() => this.#file?.close()).catch(() => {});
  }

  async #append(batch: Batch): Promise<Failure | undefined> {
    const part = await this.#resume(batch);
    try {
      if (this.#file === undefined) {
        await makeFolder(dirname(this.#path));
        this.#file = await open(this.#path, 'w');
      }
      while (part.bytes < batch.body.length) {
        const { bytesWritten } = await this.#file.write(batch.body, part.bytes);
        part.bytes += bytesWritten;
      }
      this.#partOf = undefined;
      return undefined;
    } catch (thrown) {
      return { reason: messageOf(thrown), again: 'later' };
    }
  }

  /** When the batch that broke off was given up meanwhile, its half line is ended first, with the next batch. */
  async #resume(batch: Batch): Promise<{ readonly batch: Batch; bytes: number }> {
    const earlier = this.#partOf;
    if (earlier?.batch === batch) return earlier;
    const part = { batch, bytes: 0 };
    this.#partOf = part;
    if (earlier !== undefined && earlier.bytes > 0) await this.#file?.write('\n').catch(() => {});
    return part;
  }
}

function line(content: object): string {
  return `${JSON.stringify(content)}\n`;
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
