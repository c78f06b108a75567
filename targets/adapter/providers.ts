// How the adapter asks its providers: with a time limit, again after a while where a call failed, and not at all while the
// circuit is open. Called by api.ts and workflow.ts; opened by target.ts.

import { Agent, request } from 'node:http';
import { createRandom } from '../../src/stats/random.ts';
import {
  type CircuitBreaker,
  CircuitOpenError,
  createCircuitBreaker,
} from '../../src/target-kit/circuit-breaker.ts';
import { bucketLimitsSec, createDurations, header } from '../../src/target-kit/durations.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { monotonicMs } from '../../src/time/clock.ts';
import { startTimer } from '../../src/time/timer.ts';
import type { ProviderKnobs } from './knobs.ts';
import {
  type operationMediansMs,
  type ProviderName,
  type ProviderServer,
  providerNames,
} from './provider-server.ts';

const failuresToOpen = 5;
const firstBackoffMs = 50;
const shown: Readonly<Record<ProviderName, string>> = { crm: 'the CRM', helpdesk: 'the helpdesk' };

export type Operation<Name extends ProviderName> = keyof (typeof operationMediansMs)[Name] & string;

export interface Providers {
  /**
   * The provider's id of what was asked for. Throws a 503 with `retry-after` while the circuit is open, a 504 for a call that
   * took too long, and a 502 for one that failed, after the last retry.
   */
  ask<Name extends ProviderName>(name: Name, operation: Operation<Name>): Promise<string>;
  /** Lines in Prometheus format. */
  render(): string[];
  states(): Readonly<Record<ProviderName, string>>;
  close(): void;
}

interface Provider {
  readonly server: ProviderServer;
  readonly circuit: CircuitBreaker;
  /** Calls by outcome. */
  readonly outcomes: Map<string, number>;
}

export function createProviders(
  servers: readonly ProviderServer[],
  knobs: ProviderKnobs,
  seed: number,
): Providers {
  const agent = new Agent({ keepAlive: true });
  const random = createRandom(seed, 'backoff');
  const durations = createDurations(
    'adapter_provider_request_duration_seconds',
    'Calls to providers, by provider.',
    'provider',
    bucketLimitsSec,
  );
  const known = new Map<ProviderName, Provider>(
    servers.map((server) => [
      server.name,
      {
        server,
        circuit: createCircuitBreaker({
          upstream: shown[server.name],
          failureCount: knobs.hasCircuit ? failuresToOpen : Number.POSITIVE_INFINITY,
          openMs: knobs.circuitOpenMs,
        }),
        outcomes: new Map(),
      },
    ]),
  );

  async function callOnce({ server, outcomes }: Provider, operation: string): Promise<string> {
    const startedAtMs = monotonicMs();
    let outcome = 'failed';
    try {
      const { port } = server;
      const text = await post({ port, agent, path: `/${operation}`, timeoutMs: knobs.timeoutMs });
      outcome = 'answered';
      return (JSON.parse(text) as { readonly externalId: string }).externalId;
    } catch (error) {
      if (error instanceof HttpError && error.status === 504) outcome = 'timeout';
      throw error;
    } finally {
      durations.record(server.name, monotonicMs() - startedAtMs);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }

  async function callAgain(provider: Provider, operation: string): Promise<string> {
    for (let retry = 0; ; retry++) {
      try {
        return await provider.circuit.run(() => callOnce(provider, operation));
      } catch (error) {
        if (error instanceof CircuitOpenError || retry >= knobs.retryCount) throw error;
        // From half to the whole of the wait, so that those who failed together do not come back together.
        await wait(firstBackoffMs * 2 ** retry * (0.5 + random() / 2));
      }
    }
  }

  return {
    async ask(name, operation) {
      try {
        return await callAgain(known.get(name)!, operation);
      } catch (error) {
        if (error instanceof HttpError) throw error;
        if (error instanceof CircuitOpenError) {
          throw new HttpError(503, 'provider_unavailable', `${error.message}`, {
            headers: { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) },
          });
        }
        throw new HttpError(502, 'provider_failed', `${shown[name]} did not answer: ${String(error)}`);
      }
    },
    render: () => [...durations.render(), ...renderCircuits(known)],
    states: () =>
      Object.fromEntries(providerNames.map((name) => [name, known.get(name)!.circuit.state()])) as Record<
        ProviderName,
        string
      >,
    close: () => agent.destroy(),
  };
}

const stateNumbers = { closed: 0, 'half-open': 1, open: 2 } as const;

function renderCircuits(known: ReadonlyMap<ProviderName, Provider>): string[] {
  const calls = 'adapter_provider_calls_total';
  const state = 'adapter_circuit_state';
  const [opened, refused] = ['adapter_circuit_opened_total', 'adapter_circuit_refused_total'];
  const each = (line: (name: ProviderName, provider: Provider) => string) =>
    [...known].map(([name, provider]) => line(name, provider));
  return [
    ...header(calls, 'counter', 'Calls to providers, by provider and outcome.'),
    ...[...known].flatMap(([name, { outcomes }]) =>
      [...outcomes].map(([outcome, count]) => `${calls}{provider="${name}",outcome="${outcome}"} ${count}`),
    ),
    ...header(state, 'gauge', 'Circuit of each provider: 0 closed, 1 half open, 2 open.'),
    ...each((name, { circuit }) => `${state}{provider="${name}"} ${stateNumbers[circuit.state()]}`),
    ...header(opened, 'counter', 'How often the circuit of a provider opened.'),
    ...each((name, { circuit }) => `${opened}{provider="${name}"} ${circuit.counts().opened}`),
    ...header(refused, 'counter', 'Calls that were not made while a circuit was open.'),
    ...each((name, { circuit }) => `${refused}{provider="${name}"} ${circuit.counts().refused}`),
  ];
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => startTimer(resolve, ms));
}

function post(options: {
  readonly port: number;
  readonly agent: Agent;
  readonly path: string;
  readonly timeoutMs: number;
}): Promise<string> {
  const { timeoutMs, ...where } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', method: 'POST', timeout: timeoutMs, ...where },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`status ${response.statusCode}`));
        });
        response.once('error', reject);
      },
    );
    outgoing.once('timeout', () =>
      outgoing.destroy(
        new HttpError(504, 'provider_timeout', `a provider did not answer within ${timeoutMs} ms`),
      ),
    );
    outgoing.once('error', reject);
    outgoing.end();
  });
}
