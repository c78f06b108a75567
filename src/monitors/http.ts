// The monitor `http`: whether the target answers, how fast, and what its health page says. A target that is down is a
// finding, so it makes a reading with `up: 0` where other monitors reject.

import { messageOf } from '../model/errors.ts';
import type { MonitorSecret, SourceOf } from '../model/monitor-settings.ts';
import type { Dialer } from '../network/dialer.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';
import { parseForeignJson } from './foreign-json.ts';
import { type JsonValue, numberAt, valueAt } from './http/json-path.ts';
import { RestartWatch } from './http/restart-watch.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from './http-client.ts';
import type { Monitor } from './monitor.ts';

const maxAnswerBytes = 2 ** 20;
const mostHeaders = 16;

/**
 * How much of the time for a reading the target may take to answer. Less than all of it, so that a target that hangs is
 * seen as down before the reading is given up.
 */
const answerShare = 0.8;

export interface HttpMonitorOptions {
  /** Time after which a reading is given up: `timeoutMs` of the plan. */
  readonly timeoutMs: number;
  readonly dialer?: Dialer | undefined;
}

/** Throws a `TypeError` when the source's URL is none. */
export function createHttpMonitor(
  source: SourceOf<'http'>,
  secret: MonitorSecret | undefined,
  { timeoutMs, dialer }: HttpMonitorOptions,
): Monitor {
  // A new connection for each probe: a target that accepts none any more is down, whatever an old one still says.
  const client = createHttpClient({
    url: source.url,
    secret,
    keepAlive: false,
    maxBodyBytes: maxAnswerBytes,
    dialer,
  });
  const health = new Health();
  const restarts = new RestartWatch();
  const missing = new Set<string>();
  return {
    async read(signal) {
      const atMs = monotonicMs();
      const { answer, trouble: noAnswer } = await probe(client, signal, timeoutMs * answerShare);
      const trouble = noAnswer ?? troubleOf(source, answer!);
      const values: Record<string, number> = { up: trouble === undefined ? 1 : 0 };
      const events = health.see(trouble, atMs);
      values.downtime_ms = health.downtimeMs;
      if (answer !== undefined) {
        values.status = answer.status;
        values.latency_ms = answer.elapsedMs;
        const content = parseJson(answer.body);
        for (const [figure, path] of Object.entries(source.figures)) {
          const value = numberAt(content, path);
          if (value !== undefined) values[figure] = value;
          // A target that is down may well answer with another page.
          else if (trouble === undefined)
            tellOnce(missing, events, `${figure}: the answer has no number at ${path}`);
        }
        if (source.restart !== undefined) {
          const value = valueAt(content, source.restart);
          if (value !== undefined && restarts.see(value, atMs)) {
            events.push(`the target was restarted: ${source.restart} is now ${shown(value)}`);
          }
          if (value === undefined && trouble === undefined) {
            tellOnce(missing, events, `restarts: the answer has no value at ${source.restart}`);
          }
          if (value !== undefined) values.restarts = restarts.restarts;
        }
      }
      const shownEvents = events.map((event) => client.withoutSecrets(event).slice(0, 390));
      return { values, ...(shownEvents.length > 0 && { events: shownEvents }) };
    },
    // One probe more, with what a person would look at.
    async diagnose(signal) {
      const { answer, trouble: noAnswer } = await probe(client, signal, timeoutMs * answerShare);
      const trouble = noAnswer ?? troubleOf(source, answer!);
      const rows = [
        ['state', trouble === undefined ? 'well' : `down: ${trouble}`],
        ...(answer === undefined
          ? []
          : [
              ['status', String(answer.status)],
              ['answered within', `${answer.elapsedMs.toFixed(1)} ms`],
              ['body', `${answer.body.length} bytes`],
              ...Object.entries(answer.headers)
                .slice(0, mostHeaders)
                .map(([name, value]) => [name, value.slice(0, 200)]),
            ]),
      ];
      return [
        {
          name: 'probe',
          title: 'One more probe, with the headers of its answer',
          columns: ['what', 'value'].map((title) => ({ title, unit: 'text' as const })),
          rows: rows.map((cells) => cells.map((cell) => client.withoutSecrets(cell))),
        },
      ];
    },
    async close() {
      client.close();
    },
  };
}

/** Turns probes into downtime and events. */
class Health {
  downtimeMs = 0;
  /** Since when it is down, and up to when that is counted. */
  private down: { readonly sinceMs: number; countedMs: number } | undefined;

  /** `trouble`: why the target is down at `atMs`; absent when it is well. */
  see(trouble: string | undefined, atMs: number): string[] {
    const { down } = this;
    if (down !== undefined) {
      this.downtimeMs += atMs - down.countedMs;
      down.countedMs = atMs;
    }
    if (trouble !== undefined) {
      if (down !== undefined) return [];
      this.down = { sinceMs: atMs, countedMs: atMs };
      return [`down since this probe: ${trouble}`];
    }
    if (down === undefined) return [];
    this.down = undefined;
    return [`up again after ${((atMs - down.sinceMs) / 1000).toFixed(1)} s`];
  }
}

/** Rejects only when the reading itself was given up, or the monitor closed. */
async function probe(
  client: HttpClient,
  signal: AbortSignal,
  limitMs: number,
): Promise<{ readonly answer?: HttpAnswer; readonly trouble?: string }> {
  const own = new AbortController();
  const giveUp = (): void => own.abort();
  if (signal.aborted) throw new Error('the probe was cancelled before it began');
  signal.addEventListener('abort', giveUp, { once: true });
  let late = false;
  const limit = startTimer(() => {
    late = true;
    own.abort();
  }, limitMs);
  try {
    return { answer: await client.send({}, own.signal) };
  } catch (error) {
    if (late) return { trouble: `no answer within ${(limitMs / 1000).toFixed(1)} s` };
    if (signal.aborted || client.closed) throw error;
    return { trouble: messageOf(error) };
  } finally {
    cancelTimer(limit);
    signal.removeEventListener('abort', giveUp);
  }
}

/** What is not as expected; `undefined` when all is. */
function troubleOf(source: SourceOf<'http'>, { status, body }: HttpAnswer): string | undefined {
  const { statuses, bodyContains, json } = source;
  const statusFits = statuses === undefined ? status >= 200 && status <= 299 : statuses.includes(status);
  if (!statusFits) return `the answer has status ${status}`;
  if (bodyContains !== undefined && !body.includes(bodyContains)) {
    return `the answer does not contain ${shown(bodyContains)}`;
  }
  const expected = Object.entries(json);
  if (expected.length === 0) return undefined;
  const content = parseJson(body);
  if (content === undefined) return 'the answer is not JSON';
  for (const [path, value] of expected) {
    const found = valueAt(content, path);
    if (found !== value) {
      const is = found === undefined ? 'is not there' : `is ${shown(found)}`;
      return `${path} ${is}, and should be ${shown(value)}`;
    }
  }
  return undefined;
}

function parseJson(body: Buffer): unknown {
  try {
    return parseForeignJson(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function shown(value: JsonValue): string {
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value);
}

function tellOnce(told: Set<string>, events: string[], event: string): void {
  if (told.has(event)) return;
  told.add(event);
  events.push(event);
}
