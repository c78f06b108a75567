// The monitor `prometheus-query`: figures by PromQL from a Prometheus server, or another that has its HTTP API. Source:
// prometheus.io/docs/prometheus/latest/querying/api.

import { messageOf } from '../model/errors.ts';
import type { MonitorSecret, SourceOf } from '../model/monitor-settings.ts';
import type { Dialer } from '../network/dialer.ts';
import { parseForeignJson } from './foreign-json.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from './http-client.ts';
import type { Monitor } from './monitor.ts';
import { parseNumber } from './prometheus/exposition-line.ts';

const maxAnswerBytes = 2 ** 20;
const path = '/api/v1/query';

/** What came of one query. */
type Outcome =
  | { readonly state: 'value'; readonly value: number }
  /** It gave nothing, or not one value. */
  | { readonly state: 'unfit'; readonly problem: string }
  | { readonly state: 'failed'; readonly problem: string };

/** Throws a `TypeError` when the source's URL is none. */
export function createPrometheusQueryMonitor(
  { url, queries }: SourceOf<'prometheus-query'>,
  secret?: MonitorSecret,
  dialer?: Dialer,
): Monitor {
  const client = createHttpClient({ url, secret, keepAlive: true, maxBodyBytes: maxAnswerBytes, dialer });
  const told = new Set<string>();
  return {
    async read(signal) {
      const outcomes = await Promise.all(
        Object.entries(queries).map(async ([figure, query]) => ({
          figure,
          outcome: await ask(client, query, signal),
        })),
      );
      const failures = outcomes.flatMap(({ outcome }) => (outcome.state === 'failed' ? [outcome] : []));
      // A server that answers none of them cannot be read; one that refuses some has a quarrel with those.
      if (failures.length > 0 && failures.length === outcomes.length) throw new Error(failures[0]!.problem);
      const values: Record<string, number> = {};
      const events: string[] = [];
      for (const { figure, outcome } of outcomes) {
        if (outcome.state === 'value') {
          if (Number.isFinite(outcome.value)) values[figure] = outcome.value;
          continue;
        }
        const event = `${figure}: ${outcome.problem}`.slice(0, 390);
        // The same trouble with another number of series is no news.
        const kind = event.replace(/\d+/g, '');
        if (told.has(kind) || told.size === 100) continue;
        told.add(kind);
        events.push(event);
      }
      return { values, ...(events.length > 0 && { events }) };
    },
    async close() {
      client.close();
    },
  };
}

async function ask(client: HttpClient, query: string, signal: AbortSignal): Promise<Outcome> {
  try {
    return readAnswer(await send(client, query, signal), (text) => client.withoutSecrets(text));
  } catch (error) {
    return { state: 'failed', problem: messageOf(error) };
  }
}

/** By POST, since queries may be long; by GET where a server or proxy lets no POST through. */
async function send(client: HttpClient, query: string, signal: AbortSignal): Promise<HttpAnswer> {
  const form = new URLSearchParams({ query }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const answer = await client.send({ method: 'POST', path, headers, body: form }, signal);
  if (answer.status !== 405 && answer.status !== 501) return answer;
  return client.send({ path, search: form, headers: { accept: 'application/json' } }, signal);
}

function readAnswer({ status, contentType, body }: HttpAnswer, mask: (text: string) => string): Outcome {
  const answer = parseJson(body);
  if (answer?.status === 'error') {
    const { errorType, error } = answer;
    const problem = `the query failed (${textOf(errorType)}): ${textOf(error)}`;
    return { state: 'failed', problem: mask(problem).replace(/\s+/g, ' ').slice(0, 300) };
  }
  if (status !== 200 || answer?.status !== 'success' || !isRecord(answer.data)) {
    const what = contentType === '' ? '' : ` with ${contentType}`;
    return {
      state: 'failed',
      problem: `the server answered ${status}${what}, which is not how the API of Prometheus answers`,
    };
  }
  return resultOf(answer.data);
}

/** A value comes as `[time, "text"]`, alone for a scalar and within each series of a vector. */
function resultOf({ resultType, result }: Readonly<Record<string, unknown>>): Outcome {
  if (resultType === 'scalar') return outcomeOf(result);
  if (resultType !== 'vector' || !Array.isArray(result)) {
    const what = `the query gives a ${textOf(resultType)}, and no scalar or vector`;
    return { state: 'unfit', problem: what };
  }
  if (result.length === 0) return { state: 'unfit', problem: 'the query gives no series' };
  if (result.length > 1) {
    const problem = `the query gives ${result.length} series: make them one, such as by sum(...)`;
    return { state: 'unfit', problem };
  }
  const [series] = result as unknown[];
  if (isRecord(series) && 'histogram' in series) {
    return { state: 'unfit', problem: 'the query gives a histogram: apply histogram_quantile or the like' };
  }
  return outcomeOf(isRecord(series) ? series.value : undefined);
}

function outcomeOf(pair: unknown): Outcome {
  const text: unknown = Array.isArray(pair) ? pair[1] : undefined;
  const value = typeof text === 'string' ? parseNumber(text) : undefined;
  if (value === undefined) return { state: 'failed', problem: 'the server answered without a value' };
  return { state: 'value', value };
}

function parseJson(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseForeignJson(body.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}
