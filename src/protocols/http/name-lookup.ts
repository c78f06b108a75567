// Looks names up once per TTL: thousands of users connecting to one host must not ask thousands of times.

import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { DnsPlan } from '../../model/http-settings.ts';
import { monotonicMs } from '../../time/clock.ts';

interface Entry {
  readonly untilMs: number;
  readonly found: Promise<readonly dns.LookupAddress[]>;
  /** Turns taken, for `round-robin`. */
  turnCount: number;
}

type Resolve = (hostname: string) => Promise<dns.LookupAddress[]>;

const families: Readonly<Record<DnsPlan['policy'], readonly number[]>> = {
  any: [4, 6],
  preferIPv4: [4, 6],
  preferIPv6: [6, 4],
  onlyIPv4: [4],
  onlyIPv6: [6],
};

/** A look-up for sockets. `resolve` answers with every address of a name, in the system's order. */
export function createLookup(
  plan: DnsPlan,
  resolve: Resolve = (hostname) => dns.promises.lookup(hostname, { all: true, verbatim: true }),
): LookupFunction {
  const cache = new Map<string, Entry>();
  return (hostname, options, callback) => {
    let entry = cache.get(hostname);
    if (entry === undefined || entry.untilMs < monotonicMs()) {
      const found = resolve(hostname).then((addresses) => inOrder(addresses, plan.policy, hostname));
      entry = { untilMs: monotonicMs() + plan.ttlMs, found, turnCount: 0 };
      cache.set(hostname, entry);
      found.catch(() => cache.delete(hostname));
    }
    const turn = entry.turnCount++;
    entry.found.then(
      (addresses) => {
        const chosen = choose(addresses, plan.select, turn);
        if (options.all === true) callback(null, chosen);
        else callback(null, chosen[0]!.address, chosen[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

function inOrder(
  addresses: readonly dns.LookupAddress[],
  policy: DnsPlan['policy'],
  hostname: string,
): readonly dns.LookupAddress[] {
  const wanted = families[policy];
  const kept = addresses.filter(({ family }) => wanted.includes(family));
  if (kept.length === 0) {
    const error: NodeJS.ErrnoException = new Error(`${hostname} has no address that http.dns.policy allows`);
    error.code = 'ENOTFOUND';
    throw error;
  }
  if (policy === 'any') return kept;
  return kept.sort((a, b) => wanted.indexOf(a.family) - wanted.indexOf(b.family));
}

/** The chosen address first, of the family that stands first; the others follow, should it not answer. */
function choose(
  addresses: readonly dns.LookupAddress[],
  select: DnsPlan['select'],
  turn: number,
): dns.LookupAddress[] {
  const candidates = addresses.filter(({ family }) => family === addresses[0]!.family);
  const index =
    select === 'random' ? Math.floor(Math.random() * candidates.length) : turn % candidates.length;
  const chosen = select === 'first' ? addresses[0]! : candidates[index]!;
  return [chosen, ...addresses.filter((one) => one !== chosen)];
}
