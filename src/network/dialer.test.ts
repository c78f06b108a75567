import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { monotonicMs } from '../time/clock.ts';
import { delay, startTimer } from '../time/timer.ts';
import { byFamilyInTurn } from './address-order.ts';
import { blackHole } from './black-hole.cases.ts';
import { directTo, unixSocket } from './destination.ts';
import { type Dial, Dialer, type DialOptions } from './dialer.ts';
import type { Address, NameLookup } from './name-lookup.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Listening {
  readonly port: number;
  /** Addresses at which connections were accepted, and how many are open. */
  readonly accepted: string[];
  openCount(): Promise<number>;
}

async function listen(host: string, port = 0): Promise<Listening> {
  const accepted: string[] = [];
  const server = net.createServer((socket) => {
    accepted.push(socket.localAddress!);
    socket.on('error', () => {});
    socket.resume();
    closers.push(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  closers.push(() => server.close());
  return {
    port: (server.address() as net.AddressInfo).port,
    accepted,
    openCount: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
  };
}

const answers =
  (...addresses: string[]): NameLookup =>
  (_name, callback) =>
    setImmediate(() => callback(null, addresses.map(addressOf)));
const addressOf = (address: string): Address => ({ address, family: net.isIP(address) });

interface Told {
  readonly dial: Dial;
  readonly events: string[];
  readonly error: NodeJS.ErrnoException | null;
  readonly tookMs: number;
}

/** Dials a name until it is connected or closed. */
async function dialed(lookup: NameLookup, port: number, options: DialOptions = {}): Promise<Told> {
  const events: string[] = [];
  const startedAtMs = monotonicMs();
  let error: NodeJS.ErrnoException | null = null;
  let dial: Dial | undefined;
  await new Promise<void>((resolve) => {
    dial = new Dialer({ lookup }).dial(directTo('shop.test', port), options, {
      lookedUp: () => events.push('lookedUp'),
      connected(socket) {
        events.push(`connected ${socket.remoteAddress}`);
        resolve();
      },
      closed(reason) {
        events.push('closed');
        error = reason;
        resolve();
      },
    });
  });
  closers.push(() => dial!.socket.destroy());
  return { dial: dial!, events, error, tookMs: monotonicMs() - startedAtMs };
}

/** Connects to these addresses only after so many ms. */
function slowTo(waits: Readonly<Record<string, number>>): { options: DialOptions; opened: net.Socket[] } {
  const opened: net.Socket[] = [];
  const open = (options: net.NetConnectOpts): net.Socket => {
    const socket = new net.Socket();
    opened.push(socket);
    (options as net.TcpNetConnectOpts).lookup?.('', {}, (_error, address) => {
      const waitMs = waits[address as string] ?? 0;
      startTimer(() => {
        if (!socket.destroyed) socket.connect({ ...options, lookup: undefined, host: address as string });
      }, waitMs);
    });
    return socket;
  };
  return { options: { open }, opened };
}

test('an address is connected to without a look-up', async () => {
  const { port, accepted } = await listen('127.0.0.1');
  const events: string[] = [];
  const lookup: NameLookup = () => expect.unreachable();
  await new Promise<void>((resolve) => {
    new Dialer({ lookup }).dial(
      directTo('127.0.0.1', port),
      {},
      {
        lookedUp: () => events.push('lookedUp'),
        connected(socket) {
          socket.destroy();
          resolve();
        },
        closed: () => expect.unreachable(),
      },
    );
  });
  expect(events).toEqual([]);
  expect(accepted).toEqual(['127.0.0.1']);
});

describe('several addresses (RFC 8305)', () => {
  test('a first one that takes longer than 250 ms is not given up', async () => {
    const { port } = await listen('127.0.0.1');
    // Nothing listens at the second one.
    const { options } = slowTo({ '127.0.0.1': 600 });
    const { events, tookMs } = await dialed(answers('127.0.0.1', '127.0.0.2'), port, options);
    expect(events).toEqual(['lookedUp', 'connected 127.0.0.1']);
    expect(tookMs).toBeGreaterThan(595);
  });

  test('one that never answers is tried beside the next one', async () => {
    const port = await blackHole('127.0.0.1', (close) => closers.push(close));
    const { accepted, openCount } = await listen('127.0.0.2', port);
    const { events, tookMs, dial } = await dialed(answers('127.0.0.1', '127.0.0.2'), port);
    expect(events).toEqual(['lookedUp', 'connected 127.0.0.2']);
    expect(tookMs).toBeGreaterThan(240);
    expect(accepted).toHaveLength(1);
    expect(dial.socket.remoteAddress).toBe('127.0.0.2');
    expect(await openCount()).toBe(1);
  });

  test('a line that is full for a second is waited for, also when the other address refuses', async () => {
    const port = await blackHole('127.0.0.1', (close) => closers.push(close));
    const dial = dialed(answers('127.0.0.1', '127.0.0.2'), port);
    const first = await Promise.race([dial.then(() => 'ended'), delay(700).then(() => 'still trying')]);
    expect(first).toBe('still trying');
  });

  test('one that refuses is followed by the next at once', async () => {
    const { port } = await listen('127.0.0.2');
    const { events, tookMs } = await dialed(answers('127.0.0.1', '127.0.0.2'), port);
    expect(events).toEqual(['lookedUp', 'connected 127.0.0.2']);
    expect(tookMs).toBeLessThan(240);
  });

  test('only the first to connect is kept', async () => {
    const { port } = await listen('127.0.0.1');
    const second = await listen('127.0.0.2', port);
    const { options, opened } = slowTo({ '127.0.0.1': 300, '127.0.0.2': 50 });
    const { events } = await dialed(answers('127.0.0.1', '127.0.0.2'), port, options);
    expect(events).toHaveLength(2);
    await delay(200);
    expect(opened).toHaveLength(2);
    expect(opened.filter(({ destroyed }) => !destroyed)).toHaveLength(1);
    expect(second.accepted.length).toBeLessThanOrEqual(1);
  });

  test('when all refuse, the first cause is told with code and address', async () => {
    const { port } = await listen('127.0.0.9');
    const { error, events } = await dialed(answers('127.0.0.1', '127.0.0.2', '127.0.0.3'), port);
    expect(events).toEqual(['lookedUp', 'closed']);
    expect(error).toMatchObject({
      code: 'ECONNREFUSED',
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
      address: '127.0.0.1',
    });
  });

  test('giving up ends all attempts, and leaves no socket', async () => {
    const port = await blackHole('127.0.0.1', (close) => closers.push(close));
    const { options, opened } = slowTo({ '127.0.0.2': 2000 });
    const told: unknown[] = [];
    const dial = new Dialer({ lookup: answers('127.0.0.1', '127.0.0.2') }).dial(
      directTo('shop.test', port),
      options,
      { connected: () => told.push('connected'), closed: (error) => told.push(error) },
    );
    await delay(400);
    expect(opened).toHaveLength(2);
    dial.socket.destroy();
    await delay(50);
    expect(told).toEqual([null]);
    expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('giving up during the look-up ends it', async () => {
    const told: unknown[] = [];
    let found: Parameters<NameLookup>[1] | undefined;
    const lookup: NameLookup = (_name, callback) => {
      found = callback;
    };
    const dial = new Dialer({ lookup }).dial(
      directTo('shop.test', 1),
      {},
      { connected: () => told.push('connected'), closed: (error) => told.push(error) },
    );
    dial.socket.destroy();
    await delay(10);
    found!(null, [addressOf('127.0.0.1'), addressOf('127.0.0.2')]);
    await delay(300);
    expect(told).toEqual([null]);
  });

  test('families take turns after the first address', () => {
    const order = (...addresses: string[]): string =>
      byFamilyInTurn(addresses.map(addressOf))
        .map(({ address }) => address)
        .join(' ');
    expect(order('10.0.0.1', '10.0.0.2', '10.0.0.3', '::1', '::2')).toBe(
      '10.0.0.1 ::1 10.0.0.2 ::2 10.0.0.3',
    );
    expect(order('::1', '10.0.0.1', '::2')).toBe('::1 10.0.0.1 ::2');
    expect(order('::1')).toBe('::1');
    expect(order()).toBe('');
  });
});

describe('a local address', () => {
  test('is connected from, to addresses of its family', async () => {
    const { port } = await listen('127.0.0.1');
    const { dial, events } = await dialed(answers('::1', '127.0.0.1'), port, { localAddress: '127.0.0.3' });
    expect(events.at(-1)).toBe('connected 127.0.0.1');
    expect(dial.socket.localAddress).toBe('127.0.0.3');
  });

  test('that suits no address of the name is told', async () => {
    const { error } = await dialed(answers('127.0.0.1'), 1, { localAddress: '::1' });
    expect(error).toMatchObject({
      code: 'ENOTFOUND',
      message: 'shop.test has no address of the family of ::1, the local address',
    });
  });
});

test('a local address of another family than that of an address is told at once', async () => {
  const dialer = new Dialer();
  await expect(dialer.connect(directTo('127.0.0.1', 1), { localAddress: '::1' })).rejects.toThrow(
    '127.0.0.1 has no address of the family of ::1, the local address',
  );
});

test('a name that is not known, and one without addresses', async () => {
  const unknown: NameLookup = (name, callback) =>
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), []);
  expect((await dialed(unknown, 1)).error).toMatchObject({ message: 'getaddrinfo ENOTFOUND shop.test' });
  expect((await dialed(answers(), 1)).error).toMatchObject({ message: 'shop.test has no address' });
});

test('what a guard refuses is not connected to, by name not even looked up', async () => {
  const { port, accepted } = await listen('127.0.0.1');
  let lookups = 0;
  const lookup: NameLookup = (name, callback) => {
    lookups++;
    answers('127.0.0.1')(name, callback);
  };
  const byName = new Dialer({
    lookup,
    guard: { refuseName: () => new Error('no'), refuseAddresses: () => undefined },
  });
  await expect(byName.connect(directTo('shop.test', port))).rejects.toThrow('no');
  await expect(byName.connect(unixSocket('/tmp/none'))).rejects.toThrow('no');
  expect(lookups).toBe(0);
  const seen: string[] = [];
  const byAddress = new Dialer({
    lookup,
    guard: {
      refuseName: () => undefined,
      refuseAddresses({ name }, addresses) {
        seen.push(`${name} ${addresses.map(({ address }) => address)}`);
        return new Error('not there');
      },
    },
  });
  await expect(byAddress.connect(directTo('shop.test', port))).rejects.toThrow('not there');
  await expect(byAddress.connect(directTo('127.0.0.1', port))).rejects.toThrow('not there');
  expect(seen).toEqual(['shop.test 127.0.0.1', '127.0.0.1 127.0.0.1']);
  expect(accepted).toEqual([]);
});
