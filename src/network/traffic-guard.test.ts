import net from 'node:net';
import { expect, test } from 'vitest';
import type { GuardSettings, Refusal } from '../model/guard.ts';
import { type Destination, directTo, unixSocket } from './destination.ts';
import { Dialer } from './dialer.ts';
import type { NameLookup } from './name-lookup.ts';
import { RefusedError, TrafficGuard } from './traffic-guard.ts';

const settings = (changes: Partial<GuardSettings> = {}): GuardSettings => ({
  allowedHosts: [],
  environmentSigns: [],
  ...changes,
});

const at = (address: string) => [{ address, family: net.isIP(address) }];

/** Why a host that is found at these addresses is refused; `undefined` when it is contacted. */
function reasonOf(host: string, address: string, own: GuardSettings = settings()): string | undefined {
  const guard = new TrafficGuard(own);
  const destination = directTo(host, 443);
  const refused = guard.refuseName(destination) ?? guard.refuseAddresses(destination, at(address));
  return refused?.refusal.reason;
}

test('a private name that is found at a public address is refused, a test system is not', () => {
  expect(reasonOf('api', '10.0.0.1')).toBeUndefined();
  expect(reasonOf('api', '203.0.113.5')).toBe('api is at 203.0.113.5, a public address');
  expect(reasonOf('shop.lan', '2001:db8::5')).toBe('shop.lan is at 2001:db8::5, a public address');
  expect(reasonOf('shop.lan', 'fd00::5')).toBeUndefined();
  expect(reasonOf('localhost', '198.51.100.1')).toContain('public address');
  expect(reasonOf('staging.example.com', '203.0.113.5')).toBeUndefined();
  expect(reasonOf('api', '203.0.113.5', settings({ allowedHosts: ['203.0.113.0/24'] }))).toBeUndefined();
  expect(reasonOf('api', '203.0.113.5', settings({ allowedHosts: ['api'] }))).toBeUndefined();
  expect(reasonOf('api', '203.0.113.5', settings({ allowedHosts: ['api:80'] }))).toContain('public address');
});

test('an environment that looks like production wants every host to be allowed', () => {
  const signs = settings({
    environmentSigns: ['the environment is called prod-eu'],
    allowedHosts: ['shop.lan'],
  });
  expect(reasonOf('127.0.0.1', '127.0.0.1', signs)).toBe('the environment is called prod-eu');
  expect(reasonOf('shop.lan', '10.0.0.1', signs)).toBeUndefined();
  expect(new TrafficGuard(signs).refuseName(unixSocket('/run/app.sock'))?.refusal.host).toBe('localhost');
  expect(new TrafficGuard(settings()).refuseName(unixSocket('/run/app.sock'))).toBeUndefined();
});

test('of a name that was given another address, the address is judged, and what the name says', () => {
  const given = (name: string, host: string): Destination => ({
    name,
    port: 443,
    place: { host, port: 8443 },
    byProxy: false,
  });
  const reason = (destination: Destination): string | undefined =>
    new TrafficGuard(settings()).refuseName(destination)?.refusal.reason;
  expect(reason(given('shop.example.com', '127.0.0.1'))).toBeUndefined();
  expect(reason(given('shop.example.com', '203.0.113.5'))).toBe('203.0.113.5 is a public address');
  expect(reason(given('shop.test', '203.0.113.5'))).toBe('203.0.113.5 is a public address');
  expect(reason(given('shop.test', 'www.example.com'))).toBe('www.example.com is a public host');
  expect(reason(given('api.prod.example.com', '127.0.0.1'))).toContain('"prod" in its name');
});

test('behind a proxy the name is judged, and not where the proxy is', () => {
  const guard = new TrafficGuard(settings());
  const through = (name: string): Destination => ({
    name,
    port: 443,
    place: { host: 'proxy.example.com', port: 3128 },
    byProxy: true,
  });
  expect(guard.refuseName(through('shop.lan'))).toBeUndefined();
  expect(guard.refuseAddresses(through('shop.lan'), at('203.0.113.5'))).toBeUndefined();
  expect(guard.refuseName(through('shop.example.com'))).toBeInstanceOf(RefusedError);
});

test('a refusal names host, reason and ways on, and is told each time', async () => {
  const told: Refusal[] = [];
  const guard = new TrafficGuard(settings(), (refusal) => told.push(refusal));
  let lookups = 0;
  const lookup: NameLookup = (_name, callback) => {
    lookups++;
    callback(null, at('203.0.113.5'));
  };
  const dialer = new Dialer({ guard, lookup });
  const failures = await Promise.all(
    [directTo('shop.example.com', 443), directTo('2001:db8::1', 80), directTo('api', 80)].map((destination) =>
      dialer.connect(destination).catch((error: unknown) => error as RefusedError),
    ),
  );
  expect(failures.map((error) => (error as RefusedError).message)).toEqual([
    'refused to contact shop.example.com:443, which looks like production: shop.example.com is a public host',
    'refused to contact [2001:db8::1]:80, which looks like production: 2001:db8::1 is a public address',
    'refused to contact api:80, which looks like production: api is at 203.0.113.5, a public address',
  ]);
  expect(failures[0]).toMatchObject({
    exitCode: 4,
    code: 'refused_for_safety',
    hint: "if you are sure, list shop.example.com in the suite's safety.allowedHosts, or add --force",
  });
  expect(told.map(({ host }) => host)).toEqual(['shop.example.com', '2001:db8::1', 'api']);
  // Where the name tells enough, nobody is asked for it.
  expect(lookups).toBe(1);
});
