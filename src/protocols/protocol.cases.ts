// What every protocol must do, whatever it speaks: count each operation once, end it in time, tell of what the end of the
// run cuts off, count from the scheduled start, close all, and give errors as data. Each protocol brings one operation and its
// server, as http/conforming.cases.ts does; protocol.test.ts lists them.

import net from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TaskContext } from '../model/context.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { makePlan } from '../plan/plan.ts';
import { readProtocolSecrets } from '../suite/protocol-settings.ts';
import { monotonicMs } from '../time/clock.ts';
import { Cookies } from './http/cookies.ts';
import { atEnd, KeepingMeter, listen } from './http/keeping-client.cases.ts';
import { openProtocols } from './open-protocols.ts';
import { Scope } from './scope.ts';

/** A real server, until the test ends. */
export interface ConformingServer {
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** Operations that it carried out. */
  seen(): number | Promise<number>;
}

export interface ConformingCase {
  readonly name: string;
  /** Where its operations are told. */
  readonly metrics: {
    readonly count: string;
    readonly failed: string;
    readonly duration: string;
    /** Absent where one operation is a session, which is not measured by itself. */
    readonly serviceTime?: string;
  };
  start(): Promise<ConformingServer>;
  /** The suite's settings for a server at this port, with this time limit for operations. */
  settings(port: number, timeoutMs: number): Partial<SuiteDefinition>;
  /** Does one operation; resolves with the code of its error, `null` when it succeeded. Rejects when its user is stopped. */
  operate(context: TaskContext, port: number, timeoutMs: number): Promise<string | null>;
}

/** Stands before a server: counts what is open, and holds answers back. */
interface Relay {
  readonly port: number;
  /** Nothing that the server says comes through. */
  stalled: boolean;
  openCount(): number;
}

async function relayTo(port: number): Promise<Relay> {
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    open.add(client);
    upstream.on('error', () => client.destroy());
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!relay.stalled) client.write(bytes);
    });
    client.on('close', () => {
      open.delete(client);
      upstream.destroy();
    });
    upstream.on('end', () => client.end());
    client.on('end', () => upstream.end());
  });
  const relay = { port: await listen(server), stalled: false, openCount: () => open.size };
  return relay;
}

/** A worker with the protocols of a plan, and one user of it. */
async function openUser(settings: Partial<SuiteDefinition>) {
  const run = () => {};
  const definition: SuiteDefinition = {
    name: 'conforming',
    users: { u: { tasks: { t: { run } } } },
    profiles: { p: { executor: 'constant-vus', vus: 1, duration: '1s' } },
    ...settings,
  };
  const meter = new KeepingMeter();
  const failures: string[] = [];
  const plan = makePlan(definition, 'p', { workers: 1, seed: 1, environment: 'default' });
  const protocols = await openProtocols({
    plan,
    secrets: await readProtocolSecrets({ definition, file: '/suite.ts', env: {} }, 'p'),
    userAgent: 'plimsoll/test',
    guard: undefined,
    worker: 0,
    onFailure: (_tags, code) => failures.push(code),
    onWarning() {},
  });
  let dueAtMs = -1;
  const clients = protocols.connect({
    scope: new Scope(meter, { scenario: 'default', user: 'u', task: 't' }, () => {}),
    cookies: new Cookies(),
    takeScheduledAtMs() {
      const taken = dueAtMs;
      dueAtMs = -1;
      return taken;
    },
  });
  const context = { session: {} } as TaskContext;
  protocols.addTo(context, clients);
  let closing: Promise<void> | undefined;
  const end = (cause?: { code: string; message: string }): Promise<void> => {
    clients.close(cause);
    closing ??= protocols.close();
    return closing;
  };
  atEnd(() => end());
  const due = (atMs: number): void => {
    dueAtMs = atMs;
  };
  return { context, meter, failures, end, due };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const longMs = 20_000;

export function testProtocol({ name, metrics, start, settings, operate }: ConformingCase): void {
  describe(name, () => {
    let server: ConformingServer;
    let relay: Relay;
    beforeEach(async () => {
      server = await start();
      relay = await relayTo(server.port);
    });
    const connect = async (timeoutMs = longMs) => {
      const user = await openUser(settings(relay.port, timeoutMs));
      return { ...user, operate: () => operate(user.context, relay.port, timeoutMs) };
    };

    test('counts every operation that the server saw, once, and ends each in one outcome', async () => {
      const { operate, meter, failures } = await connect();
      for (let i = 0; i < 5; i++) expect(await operate()).toBeNull();
      expect(await server.seen()).toBe(5);
      expect(sum(meter.values(metrics.count))).toBe(5);
      expect(meter.values(metrics.failed)).toEqual([0, 0, 0, 0, 0]);
      expect(meter.values(metrics.duration)).toHaveLength(5);
      expect(failures).toEqual([]);
    });

    test('gives an error as data for what gets no answer in time', async () => {
      const { operate, meter, failures } = await connect(300);
      expect(await operate()).toBeNull();
      relay.stalled = true;
      const code = await operate();
      expect(code).toMatch(/timeout$/);
      expect(failures).toEqual([code]);
      expect(meter.values(metrics.failed)).toEqual([0, 1]);
      expect(sum(meter.values(metrics.count))).toBe(2);
    });

    test('tells of what the end of the run cut off: it counts, and measures nothing', async () => {
      const { operate, meter, failures, end } = await connect();
      expect(await operate()).toBeNull();
      relay.stalled = true;
      const cut = operate().catch((thrown: Error) => thrown.name);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await end();
      expect(await cut).toBe('StoppedError');
      expect(failures).toEqual(['aborted']);
      expect(sum(meter.values(metrics.count, { error_code: 'aborted' }))).toBeLessThanOrEqual(1);
      expect(sum(meter.values(metrics.count))).toBe(2);
      expect(meter.values(metrics.failed)).toEqual([0]);
      expect(meter.values(metrics.duration)).toHaveLength(1);
      expect(meter.waits.get(metrics.duration)).toHaveLength(1);
    });

    test('fails what was open when its iteration took too long', async () => {
      const { operate, meter, failures, end } = await connect();
      expect(await operate()).toBeNull();
      relay.stalled = true;
      const cut = operate().catch((thrown: Error) => thrown.name);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await end({ code: 'iteration_timeout', message: 'too long' });
      expect(await cut).toBe('StoppedError');
      expect(failures).toEqual(['iteration_timeout']);
      expect(meter.values(metrics.failed)).toEqual([0, 1]);
    });

    test('counts from the scheduled start', async () => {
      const { operate, meter, due } = await connect();
      expect(await operate()).toBeNull();
      // Since this process began: longer than any operation takes.
      const lateMs = monotonicMs();
      due(0);
      expect(await operate()).toBeNull();
      const [first, second] = meter.values(metrics.duration);
      expect(first).toBeLessThan(lateMs);
      expect(second).toBeGreaterThanOrEqual(lateMs);
      if (metrics.serviceTime === undefined) return;
      const [service, ...more] = meter.values(metrics.serviceTime);
      expect(service).toBeLessThan(lateMs);
      expect(more).toEqual([]);
    });

    test('closes what is open, and refuses what comes after', async () => {
      const { operate, end } = await connect();
      expect(await operate()).toBeNull();
      await end();
      while (relay.openCount() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await expect(operate()).rejects.toThrow('the virtual user was stopped');
    });
  });
}
