// Asks whether anything listens where the load is to go, before any load is driven. Opens and closes one
// connection and sends nothing, so that the target's own counts stay exact.

import net from 'node:net';
import { messageOf, TargetError } from '../model/errors.ts';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { HttpPlan } from '../model/http-settings.ts';
import { Routes } from './http/route.ts';
import { TargetResolver } from './http/target.ts';

const connectLimitMs = 5000;

/** Throws a `TargetError` (exit 3) that says what failed and what to try, when no connection can be made. */
export async function assertReachable(
  baseUrl: string,
  plan: Pick<HttpPlan, 'socketPath' | 'hosts'> = {},
  secrets: HttpSecrets = {},
): Promise<void> {
  const { route } = new TargetResolver(baseUrl, 'path', new Routes(plan, secrets)).resolve('/').origin;
  const socket = net.connect(
    route.socketPath === null ? { host: route.host, port: route.port } : { path: route.socketPath },
  );
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(connectLimitMs, () =>
        reject(new Error(`no answer within ${connectLimitMs / 1000} s`)),
      );
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } catch (thrown) {
    throw new TargetError(`nothing can be reached at ${baseUrl}: ${reasonOf(thrown)}`, {
      hint: 'start the target first, or name another one with --base-url; the shipped ones start with "plimsoll target <name>"',
      cause: thrown,
    });
  } finally {
    socket.destroy();
  }
}

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  switch (code) {
    case 'ECONNREFUSED':
      return 'the connection was refused, so nothing listens there';
    case 'ENOTFOUND':
      return 'the host name is not known';
    default:
      // A name with several addresses fails with one error per address and no message of its own.
      if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors[0]);
      return messageOf(thrown);
  }
}
