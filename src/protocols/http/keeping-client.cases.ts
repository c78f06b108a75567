// What the tests of the HTTP client share: servers on loopback, a client, and a meter that keeps what it is told.

import http from 'node:http';
import type net from 'node:net';
import { afterEach } from 'vitest';
import type { HttpClient } from '../../model/context.ts';
import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { HttpPlan } from '../../model/http-settings.ts';
import type { Meter, Tags } from '../../model/metric.ts';
import { Scope } from '../scope.ts';
import type { BodyMemory } from './body-memory.ts';
import { Cookies } from './cookies.ts';
import { HttpRuntime, type HttpRuntimeOptions } from './runtime.ts';
import { UserHttp } from './user-http.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Runs when the test has ended, the last one first. */
export function atEnd(close: () => Promise<void> | void): void {
  closers.push(close);
}

/** Listens on a free port of loopback until the test ends; returns the port. */
export async function listen(server: net.Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

/** An HTTP server until the test ends; returns its URL. */
export async function serve(handler: http.RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(http.createServer(handler))}`;
}

interface Recorded {
  readonly metric: string;
  readonly value: number;
  readonly tags: Tags;
}

/** Keeps all that is recorded. */
export class KeepingMeter implements Meter {
  readonly samples: Recorded[] = [];

  #keep(metric: string, tags: Tags): { add(value: number | boolean): void } {
    return { add: (value) => void this.samples.push({ metric, value: Number(value), tags }) };
  }
  trend(metric: string, tags: Tags): { add(value: number): void } {
    return this.#keep(metric, tags);
  }
  counter(metric: string, tags: Tags): { add(value: number): void } {
    return this.#keep(metric, tags);
  }
  rate(metric: string, tags: Tags): { add(passed: boolean): void } {
    return this.#keep(metric, tags);
  }
  gauge(): { set(): void } {
    return { set() {} };
  }
  define(): void {}
  readonly cutCount = 0;
  /** Ms that work had waited when it was cut off, by metric. */
  readonly waits = new Map<string, number[]>();
  cutOff(metric: string, _tags: Tags, waitedMs: number): void {
    this.waits.set(metric, [...(this.waits.get(metric) ?? []), waitedMs]);
  }
  readonly isFull = false;
  has(): boolean {
    return true;
  }

  /** Values of a metric, of the samples that have these tags. */
  values(metric: string, tags: Tags = {}): number[] {
    return this.samples
      .filter((one) => one.metric === metric && Object.keys(tags).every((key) => one.tags[key] === tags[key]))
      .map(({ value }) => value);
  }
  /** How many requests were counted. */
  requests(tags: Tags = {}): number {
    return this.values('http_reqs', tags).reduce((sum, value) => sum + value, 0);
  }
}

type Session = HttpClient & Pick<UserHttp, 'close'>;

export interface Client {
  readonly http: Session;
  readonly meter: KeepingMeter;
  /** Codes of failures, in order. */
  readonly failures: string[];
  readonly bodies: BodyMemory;
  /** Another VU of the same worker. */
  another(): Session;
}

/** A client until the test ends. */
export function connect(
  baseUrl: string | undefined,
  plan: Partial<HttpPlan> = {},
  secrets: HttpSecrets = {},
  more: Pick<HttpRuntimeOptions, 'guard' | 'resolve' | 'bodyMemoryBytes'> = {},
): Client {
  const meter = new KeepingMeter();
  const failures: string[] = [];
  const runtime = new HttpRuntime({
    baseUrl,
    plan: { timeoutMs: 10_000, maxRedirects: 10, headers: {}, connectionsPerHost: 6, ...plan },
    secrets,
    userAgent: 'plimsoll/test',
    ...more,
    onFailure: (_exchange, code) => failures.push(code),
  });
  const scope = new Scope(meter, { scenario: 'default', user: 'u', task: 't' }, () => {});
  const sessions: UserHttp[] = [];
  const another = (): Session => {
    const session = new UserHttp(runtime, { scope, takeScheduledAtMs: () => -1 }, new Cookies());
    sessions.push(session);
    return session;
  };
  atEnd(async () => {
    for (const session of sessions) session.close();
    await runtime.close();
  });
  return { http: another(), meter, failures, bodies: runtime.bodies, another };
}
