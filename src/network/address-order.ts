// In which order the addresses of a name are tried. Called by dialer.ts.

import net from 'node:net';
import type { Address } from './name-lookup.ts';

/** The first address stays the first; after it the families take turns (RFC 8305 section 4). */
export function byFamilyInTurn(addresses: readonly Address[]): readonly Address[] {
  const first = addresses[0];
  if (first === undefined || addresses.every(({ family }) => family === first.family)) return addresses;
  const same = addresses.filter(({ family }) => family === first.family);
  const other = addresses.filter(({ family }) => family !== first.family);
  return Array.from({ length: Math.max(same.length, other.length) }, (_, i) => [same[i], other[i]])
    .flat()
    .filter((address) => address !== undefined);
}

/** Those that a socket with this local address can connect to. */
export function ofFamily(
  addresses: readonly Address[],
  localAddress: string | undefined,
): readonly Address[] {
  if (localAddress === undefined) return addresses;
  const own = net.isIP(localAddress);
  return addresses.filter(({ family }) => family === own);
}
