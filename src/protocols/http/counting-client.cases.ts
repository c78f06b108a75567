// Real servers and a client whose samples can be read: what the tests of a user over HTTP share.

import http from 'node:http';
import type net from 'node:net';
import type { HttpPlan } from '../../model/http-settings.ts';
import type { Meter, Tags } from '../../model/metric.ts';
import { Scope } from '../scope.ts';
import { Cookies } from './cookies.ts';
import { HttpRuntime } from './runtime.ts';
import { UserHttp } from './user-http.ts';

const closers: (() => Promise<void> | void)[] = [];

/** Closes all that `listen`, `serve` and `connect` opened; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export async function listen(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    if (server instanceof http.Server) server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

export function serve(handler: http.RequestListener): Promise<string> {
  return listen(http.createServer(handler));
}

/** Counts what is recorded, by metric and the tags that matter here. */
export class CountingMeter implements Meter {
  readonly sums = new Map<string, number>();
  readonly trends: { metric: string; value: number; tags: Tags }[] = [];

  #add(metric: string, tags: Tags, amount: number): void {
    const key = `${metric} ${tags.status ?? ''} ${tags.error_code ?? ''}`.trim();
    this.sums.set(key, (this.sums.get(key) ?? 0) + amount);
  }
  trend(metric: string, tags: Tags) {
    return { add: (value: number) => void this.trends.push({ metric, value, tags }) };
  }
  counter(metric: string, tags: Tags) {
    return { add: (amount: number) => this.#add(metric, tags, amount) };
  }
  rate(metric: string, tags: Tags) {
    return { add: (passed: boolean) => this.#add(metric, tags, passed ? 1 : 0) };
  }
  gauge() {
    return { set() {} };
  }
  define(): void {}
  cutOff(): void {}
  readonly cutCount = 0;
  readonly isFull = false;
  has(): boolean {
    return true;
  }
  values(metric: string): number[] {
    return this.trends.filter((sample) => sample.metric === metric).map(({ value }) => value);
  }
}

export interface Client {
  readonly http: UserHttp;
  readonly meter: CountingMeter;
  readonly failures: string[];
  scheduledAtMs: number;
}

export function connect(baseUrl: string, plan: Partial<HttpPlan> = {}): Client {
  const meter = new CountingMeter();
  const failures: string[] = [];
  const runtime = new HttpRuntime({
    baseUrl,
    plan: { timeoutMs: 5000, maxRedirects: 10, headers: {}, connectionsPerHost: 6, ...plan },
    userAgent: 'plimsoll/test',
    onFailure: (_exchange, code) => failures.push(code),
  });
  const scope = new Scope(meter, { scenario: 'default', user: 'u', task: 't' }, () => {});
  const client = { scheduledAtMs: -1, meter, failures } as { -readonly [Key in keyof Client]: Client[Key] };
  const session = new UserHttp(
    runtime,
    {
      scope,
      takeScheduledAtMs() {
        const at = client.scheduledAtMs;
        client.scheduledAtMs = -1;
        return at;
      },
    },
    new Cookies(),
  );
  client.http = session;
  closers.push(async () => {
    session.close();
    await runtime.close();
  });
  return client;
}
