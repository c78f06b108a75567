// The monitor `otlp`: figures that the target sends by OTLP/HTTP to a port of this machine, so that an instrumented
// target needs no collector.

import type http from 'node:http';
import type { MonitorSecret, SourceOf } from '../model/monitor-settings.ts';
import { monotonicMs, wallClock } from '../time/clock.ts';
import type { Monitor } from './monitor.ts';
import { MetricStore } from './otlp/metric-store.ts';
import { createReceiver, metricsPath } from './otlp/receiver.ts';
import { familyNames } from './prometheus/metric.ts';
import { SelectionReader, wantedNames } from './prometheus/selection.ts';

const host = '127.0.0.1';
/** What SDKs wait from one export to the next unless told otherwise. */
const usualSpacingMs = 60_000;
/** So many times the longest wait between two exports without one is silence; never less than 15 s. */
const silenceFactor = 2.5;
const leastSilenceMs = 15_000;
/** After so many exports, a metric that was in none is taken to be missing. */
const certainAfterExports = 3;

/** Listens at once; when the port is taken, `read` says so and tries again. */
export function createOtlpMonitor({ port, select }: SourceOf<'otlp'>, _secret?: MonitorSecret): Monitor {
  const url = `http://${host}:${port}${metricsPath}`;
  const wanted = wantedNames(select);
  const store = new MetricStore();
  const arrivals = new Arrivals();
  const refusals = new Refusals();
  const selections = new SelectionReader(select);
  const kept = new Set([...wanted].flatMap(familyNames));
  let closed = false;
  let toldOfLimit = false;
  let listening: Promise<http.Server> | undefined;

  async function listen(): Promise<http.Server> {
    const server = createReceiver(kept, {
      taken(exported) {
        store.add(exported, monotonicMs());
        arrivals.note(monotonicMs());
      },
      refused: (reason) => refusals.note(reason),
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, exclusive: true }, resolve);
      });
      return server;
    } catch (error) {
      listening = undefined;
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      const reason = taken ? 'another program listens on that port' : String(error);
      throw new Error(`nothing can be received at ${url}: ${reason}`, { cause: error });
    }
  }
  const start = (): Promise<http.Server> => {
    listening ??= listen();
    return listening;
  };
  start().catch(() => {
    // The first reading says why.
  });

  return {
    async read(signal) {
      if (closed) throw new Error('the monitor was closed');
      await start();
      if (signal.aborted) throw new Error('the reading was cancelled');
      const nowMs = monotonicMs();
      const silentForMs = arrivals.silentForMs(nowMs);
      if (arrivals.count === 0 && refusals.latest !== undefined) {
        throw new Error(`data sent to ${url} was refused: ${refusals.latest}`);
      }
      if (arrivals.count === 0) throw new Error(`nothing has been sent to ${url} so far`);
      if (silentForMs !== undefined) {
        throw new Error(`nothing has been sent to ${url} for ${Math.round(silentForMs / 1000)} s`);
      }
      const { metrics, silent } = store.take(wanted, nowMs, arrivals.count >= certainAfterExports);
      const snapshot = { metrics, silent, names: () => store.names, atEpochMs: wallClock().getTime() };
      const selected = selections.read(snapshot);
      const told = refusals.take().map((reason) => `an export was refused: ${reason}`);
      const reading =
        told.length === 0 ? selected : { ...selected, events: [...(selected.events ?? []), ...told] };
      if (store.leftOut === 0 || toldOfLimit) return reading;
      toldOfLimit = true;
      const event =
        'the selected metrics have more than 2000 series, or 200000 histogram buckets; further series are ignored';
      return { ...reading, events: [...(reading.events ?? []), event] };
    },
    async close() {
      if (closed) return;
      closed = true;
      const server = await listening?.catch(() => undefined);
      if (server === undefined) return;
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Why exports were refused, each reason once. */
class Refusals {
  latest: string | undefined;
  private readonly told = new Set<string>();
  private untold: string[] = [];

  note(reason: string): void {
    this.latest = reason.replace(/\s+/g, ' ').slice(0, 300);
    // The same with another number is no news.
    const kind = this.latest.replace(/\d+/g, '');
    if (this.told.has(kind) || this.told.size >= 20) return;
    this.told.add(kind);
    this.untold.push(this.latest);
  }

  take(): string[] {
    const reasons = this.untold;
    this.untold = [];
    return reasons;
  }
}

/** When exports came, to tell silence from the wait between two of them. */
class Arrivals {
  count = 0;
  private lastAtMs = 0;
  /** The latest waits, in ms. Several senders make short ones and long ones in turn. */
  private readonly waits: number[] = [];

  note(atMs: number): void {
    if (this.count > 0) this.waits.push(atMs - this.lastAtMs);
    if (this.waits.length > 10) this.waits.shift();
    this.lastAtMs = atMs;
    this.count++;
  }

  /** How long nothing has come, when that is longer than usual. */
  silentForMs(nowMs: number): number | undefined {
    const usualMs = this.waits.length > 0 ? Math.max(...this.waits) : usualSpacingMs;
    const silentMs = nowMs - this.lastAtMs;
    return silentMs > Math.max(leastSilenceMs, silenceFactor * usualMs) ? silentMs : undefined;
  }
}
