// Looks names up, for HTTP once per TTL: thousands of users connecting to one host must not ask thousands of times.
// Used by dialer.ts.

import dns from 'node:dns';
import type { DnsPlan } from '../model/http-settings.ts';
import { monotonicMs } from '../time/clock.ts';

export type Address = dns.LookupAddress;

/** Calls back with all addresses of the name, at least one, in the order in which they are to be tried. */
export type NameLookup = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly Address[]) => void,
) => void;

/** Asks the system, each time. */
export const systemLookup: NameLookup = (hostname, callback) => {
  dns.lookup(askedFor(hostname), { all: true, verbatim: true }, (error, found) =>
    callback(error, found ?? []),
  );
};

/** `localhost.` and all names under localhost are this machine (RFC 6761 section 6.3), which few systems know. */
function askedFor(hostname: string): string {
  return /^(?:.+\.)?localhost\.?$/i.test(hostname) ? 'localhost' : hostname;
}

interface Entry {
  readonly untilMs: number;
  readonly found: Promise<readonly Address[]>;
  /** Turns taken, for `round-robin`. */
  turnCount: number;
}

/** Answers with every address of a name. */
export type ResolveName = (hostname: string) => Promise<Address[]>;

const families: Readonly<Record<DnsPlan['policy'], readonly number[]>> = {
  any: [4, 6],
  preferIPv4: [4, 6],
  preferIPv6: [6, 4],
  onlyIPv4: [4],
  onlyIPv6: [6],
};

/** A look-up that keeps what it finds. `resolve` answers with every address of a name, in the system's order. */
export function createLookup(
  plan: DnsPlan,
  resolve: ResolveName = (hostname) => dns.promises.lookup(askedFor(hostname), { all: true, verbatim: true }),
): NameLookup {
  const cache = new Map<string, Entry>();
  return (hostname, callback) => {
    let entry = cache.get(hostname);
    if (entry === undefined || entry.untilMs < monotonicMs()) {
      const found = resolve(hostname).then((addresses) => inOrder(addresses, plan.policy, hostname));
      entry = { untilMs: monotonicMs() + plan.ttlMs, found, turnCount: 0 };
      cache.set(hostname, entry);
      found.catch(() => cache.delete(hostname));
    }
    const turn = entry.turnCount++;
    entry.found.then(
      (addresses) => callback(null, choose(addresses, plan.select, turn)),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

function inOrder(
  addresses: readonly Address[],
  policy: DnsPlan['policy'],
  hostname: string,
): readonly Address[] {
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
function choose(addresses: readonly Address[], select: DnsPlan['select'], turn: number): Address[] {
  const candidates = addresses.filter(({ family }) => family === addresses[0]!.family);
  const index =
    select === 'random' ? Math.floor(Math.random() * candidates.length) : turn % candidates.length;
  const chosen = select === 'first' ? addresses[0]! : candidates[index]!;
  return [chosen, ...addresses.filter((one) => one !== chosen)];
}
