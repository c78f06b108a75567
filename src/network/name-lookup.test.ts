import { expect, test } from 'vitest';
import { type Address, createLookup, type NameLookup, systemLookup } from './name-lookup.ts';

test('look-ups are kept, and choose by policy and turn', async () => {
  let asked = 0;
  const answers = [
    { address: '::1', family: 6 },
    { address: '10.0.0.1', family: 4 },
    { address: '10.0.0.2', family: 4 },
  ];
  const resolve = async () => {
    asked++;
    return answers;
  };
  const firstOf = (lookup: NameLookup): Promise<string> =>
    new Promise((done, fail) => {
      lookup('x', (error, found) =>
        error ? fail(error) : done(found.map(({ address }) => address).join(' ')),
      );
    });
  const turns = createLookup({ ttlMs: 60_000, select: 'round-robin', policy: 'preferIPv4' }, resolve);
  expect(await firstOf(turns)).toBe('10.0.0.1 10.0.0.2 ::1');
  expect(await firstOf(turns)).toBe('10.0.0.2 10.0.0.1 ::1');
  expect(await firstOf(turns)).toBe('10.0.0.1 10.0.0.2 ::1');
  expect(asked).toBe(1);
  const six = createLookup({ ttlMs: 0, select: 'first', policy: 'onlyIPv6' }, resolve);
  expect(await firstOf(six)).toBe('::1');
  const any = createLookup({ ttlMs: 0, select: 'first', policy: 'any' }, resolve);
  expect(await firstOf(any)).toBe('::1 10.0.0.1 10.0.0.2');
  const random = createLookup({ ttlMs: 60_000, select: 'random', policy: 'onlyIPv4' }, resolve);
  const drawn = new Set<string>();
  for (let i = 0; i < 60; i++) drawn.add(await firstOf(random));
  expect([...drawn].sort()).toEqual(['10.0.0.1 10.0.0.2', '10.0.0.2 10.0.0.1']);
  const none = createLookup({ ttlMs: 0, select: 'first', policy: 'onlyIPv6' }, async () => [answers[1]!]);
  await expect(firstOf(none)).rejects.toThrow('http.dns.policy');
});

test.each(['localhost.', 'LOCALHOST', 'shop.localhost', 'a.b.localhost.'])(
  '%s is this machine (RFC 6761 section 6.3)',
  async (hostname) => {
    for (const lookup of [systemLookup, createLookup({ ttlMs: 1000, select: 'first', policy: 'any' })]) {
      const found = await new Promise<readonly Address[]>((resolve, reject) => {
        lookup(hostname, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
      });
      expect(found.length).toBeGreaterThan(0);
      for (const { address } of found) expect(address).toMatch(/^(127\.|::1$)/);
    }
  },
);
