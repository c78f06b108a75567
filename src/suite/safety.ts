// Refuses to load what looks like production. Called by run.ts before anything is sent.

import { SafetyError } from '../model/errors.ts';
import type { EnvironmentDefinition } from '../model/suite.ts';
import { listNames } from './mistake.ts';
import { productionSign } from './target-host.ts';

export interface SafetyQuestion {
  readonly baseUrl: string | undefined;
  /** Name of the environment the run is for. */
  readonly environment: string;
  /** What the suite declares about that environment. */
  readonly declared?: EnvironmentDefinition | undefined;
  /** `safety.allowedHosts` of the suite. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The user gave `--force`. */
  readonly force: boolean;
}

const productionNames = ['prod', 'production', 'live'];

function hostOf(baseUrl: string | undefined): string | undefined {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return undefined;
  const { protocol, hostname: authority, searchParams } = new URL(baseUrl);
  const isDatabase = /^postgres(ql)?:$/.test(protocol);
  const hostname = (isDatabase ? searchParams.get('host') : null) ?? authority;
  // A unix socket is on this machine.
  if (protocol === 'http+unix:' || hostname === '' || hostname.startsWith('/')) return undefined;
  return hostname.toLowerCase().replace(/\.$/, '');
}

/** Whether the list names the host, or a parent of it as `*.example.com`. */
function isAllowed(host: string, allowedHosts: readonly string[]): boolean {
  return allowedHosts.some((entry) => {
    const name = entry.toLowerCase();
    return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
  });
}

/** Why the target looks like production, one clause each; empty when it does not. */
export function productionSigns(question: SafetyQuestion): string[] {
  const { environment, declared, allowedHosts = [], env } = question;
  if (declared?.production === true) return [`the environment ${environment} is marked as production`];
  // Outright words go before guesses from names.
  if (declared?.production === false) return [];
  const host = hostOf(question.baseUrl);
  if (host !== undefined && isAllowed(host, allowedHosts)) return [];
  const signs: string[] = [];
  if (productionNames.includes(environment.toLowerCase()))
    signs.push(`the environment is called ${environment}`);
  if (env.NODE_ENV === 'production') signs.push('NODE_ENV is production');
  const hostSign = host === undefined ? undefined : productionSign(host);
  if (hostSign !== undefined) signs.push(hostSign);
  return signs;
}

/**
 * Throws a `SafetyError` (exit 4) when the target looks like production, unless the run is forced. The message
 * says what made it look so, the hint names the three ways on.
 */
export function assertSafeTarget(question: SafetyQuestion): void {
  if (question.force) return;
  const signs = productionSigns(question);
  if (signs.length === 0) return;
  const target = question.baseUrl ?? 'the target';
  throw new SafetyError(`refused to load ${target}, which looks like production: ${signs.join('; ')}`, {
    hint: `choose another environment with ${listNames(['--env', '--base-url'])}, list the host in the suite's safety.allowedHosts, or add --force if you are sure`,
  });
}
