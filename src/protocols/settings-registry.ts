// The settings of protocols, one line each, in the order of registry.ts. Suite schema, environments, plan, secrets, the
// check of the target and the production guard read this list; nothing else names them all.

import type { Destination } from '../network/destination.ts';
import { http } from './http/settings.ts';
import { redis } from './redis/settings.ts';
import type { ProtocolSettings } from './settings.ts';
import { sql } from './sql/settings.ts';
import { tcp } from './tcp/settings.ts';

export const protocolSettings: readonly ProtocolSettings[] = [http, sql, redis, tcp];

/** Where a URL leads whose scheme is that of a server with settings; `undefined` for others. */
export function serverDestination(url: string): Destination | undefined {
  const { protocol } = new URL(url);
  const owner = protocolSettings.find(({ server }) => server?.schemes.includes(protocol));
  return owner?.server?.destinationOf(url);
}
