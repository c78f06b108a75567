// The CRM that the Jorge system asks for the owner of an account: a server of its own on the loopback interface whose
// answers take a while, and the client that calls it. Called by target.ts when the knob JORGE_UPSTREAM_MS is on.

import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bucketLimitsSec, createDurations } from '../../src/target-kit/durations.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { cancelTimer, startTimer } from '../../src/time/timer.ts';

const timeoutMs = 30_000;
const owners = ['Amal', 'Bea', 'Chidi', 'Dora', 'Emre'];

export interface Crm {
  /** Throws a 502 when the CRM does not answer, or answers with an error. */
  ownerOf(account: number): Promise<string>;
  /** Durations of the calls, as lines in Prometheus format. */
  render(): string[];
  close(): Promise<void>;
}

/**
 * Starts the server and resolves with its client. Half of the answers take longer than `medianMs`, from half to three times
 * of it; the same `seed` gives the same sequence.
 */
export async function startCrm(medianMs: number, seed: number): Promise<Crm> {
  const next = sequence(seed);
  const timers = new Set<ReturnType<typeof startTimer>>();
  const server = createServer((incoming, response) => {
    incoming.resume();
    const id = Number(incoming.url?.split('/').pop());
    const timer = startTimer(
      () => {
        timers.delete(timer);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ owner: owners[id % owners.length] }));
      },
      latencyMs(medianMs, next()),
    );
    timers.add(timer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const durations = createDurations(
    'jorge_upstream_request_duration_seconds',
    'Calls to other systems, by system.',
    'system',
    bucketLimitsSec,
  );
  return {
    async ownerOf(account) {
      const startedAtMs = performance.now();
      try {
        const text = await ask({ port, agent, path: `/accounts/${account}` });
        return (JSON.parse(text) as { readonly owner: string }).owner;
      } catch (error) {
        throw new HttpError(502, 'bad_gateway', `the CRM did not answer: ${String(error)}`);
      } finally {
        durations.record('crm', performance.now() - startedAtMs);
      }
    },
    render: () => durations.render(),
    async close() {
      for (const timer of timers) cancelTimer(timer);
      agent.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `share` from 0 to 1: half of the median at 0, the median at 0.5, three times the median at 1. */
function latencyMs(medianMs: number, share: number): number {
  return share < 0.5 ? medianMs * (0.5 + share) : medianMs * 3 ** (2 * share - 1);
}

/**
 * Numbers 0 <= x < 1 that depend on the seed alone.
 *
 * **Source:** G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003) 14.
 */
function sequence(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function ask(options: {
  readonly port: number;
  readonly agent: Agent;
  readonly path: string;
}): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', timeout: timeoutMs, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve(text));
      response.once('error', reject);
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.once('error', reject);
    outgoing.end();
  });
}
