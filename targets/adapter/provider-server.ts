// The systems of others that the adapter asks: a CRM and a helpdesk, each a server of its own on the loopback interface
// whose answers take a while, and whose behaviour can be changed while it runs. Called by target.ts.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRandom } from '../../src/stats/random.ts';
import { cancelTimer, startTimer } from '../../src/time/timer.ts';

/** Operations of each provider, with the median of their response times in ms. README.md says where these come from. */
export const operationMediansMs = {
  crm: { search: 110, create: 200, enrich: 700 },
  helpdesk: { search: 130, create: 220 },
} as const;

export type ProviderName = keyof typeof operationMediansMs;
export const providerNames = Object.keys(operationMediansMs) as ProviderName[];

/** Half of the answers take longer than the median, 5 % longer than 1.9 times it, 1 % longer than 2.5 times it. */
const logDeviation = 0.4;
const longestFactor = 10;

/** `hangs` takes the question and never answers; `down` cuts the connection. */
export type ProviderMode = 'answers' | 'hangs' | 'down';
export const providerModes: readonly ProviderMode[] = ['answers', 'hangs', 'down'];

export interface ProviderBehaviour {
  readonly mode: ProviderMode;
  /** Factor on all response times, 0 or more. */
  readonly delayFactor: number;
  /** Share of calls answered with 503, 0..1. */
  readonly failureRatio: number;
}

export interface ProviderServer {
  readonly name: ProviderName;
  readonly port: number;
  /** Calls that arrived. */
  callCount(): number;
  behaviour(): ProviderBehaviour;
  /** From the next call on. */
  behave(behaviour: ProviderBehaviour): void;
  close(): Promise<void>;
}

/** Starts one provider on a free port. The same `seed` gives the same sequence of response times and failures. */
export async function startProvider(
  name: ProviderName,
  initial: ProviderBehaviour,
  seed: number,
): Promise<ProviderServer> {
  const random = createRandom(seed, 'provider', name);
  const medians: ReadonlyMap<string, number> = new Map(Object.entries(operationMediansMs[name]));
  const timers = new Set<ReturnType<typeof startTimer>>();
  let behaviour = initial;
  let calls = 0;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    calls++;
    if (behaviour.mode === 'down') {
      request.destroy();
      return;
    }
    if (behaviour.mode === 'hangs') return;
    const operation = request.url?.slice(1) ?? '';
    const medianMs = medians.get(operation);
    // Drawn for every call, so that a change of behaviour does not change the sequence.
    const [factor, lot] = [lognormal(random), random()];
    const fails = lot < behaviour.failureRatio;
    const status = medianMs === undefined ? 404 : fails ? 503 : 200;
    const body =
      status === 200
        ? { externalId: `${name}-${operation}-${calls}` }
        : { error: status === 404 ? `${name} has no operation ${operation}` : 'try again later' };
    const timer = startTimer(
      () => {
        timers.delete(timer);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      },
      (medianMs ?? 0) * factor * behaviour.delayFactor,
    );
    timers.add(timer);
    response.once('close', () => {
      cancelTimer(timer);
      timers.delete(timer);
    });
  }

  const server = createServer(answer);
  // Connections of the pool stay open between calls.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    name,
    port: (server.address() as AddressInfo).port,
    callCount: () => calls,
    behaviour: () => behaviour,
    behave(next) {
      behaviour = next;
    },
    async close() {
      for (const timer of timers) cancelTimer(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * A factor with median 1.
 *
 * **Source:** G. Box and M. Muller, "A Note on the Generation of Random Normal Deviates" (1958).
 */
function lognormal(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(longestFactor, Math.exp(logDeviation * normal));
}
