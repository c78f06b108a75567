// Refuses to load what looks like production: judges what a plan names before anything is sent, and says what the guard
// of the run goes by. Called by run/check-target.ts, and by `inspect`.

import { SafetyError } from '../model/errors.ts';
import type { GuardSettings } from '../model/guard.ts';
import type { Plan } from '../model/plan.ts';
import type { EnvironmentDefinition } from '../model/suite.ts';
import { isAllowed, parseAllowedHost } from '../network/allowed-hosts.ts';
import { canonicalHost } from '../network/host-name.ts';
import { isProductionName, productionSign } from '../network/production-sign.ts';
import { type SettingsInPlans, serverUrls } from '../protocols/registry.ts';
import { serverDestination } from '../protocols/settings-registry.ts';
import { listNames } from './mistake.ts';
import type { LoadedSuite } from './suite.ts';

export interface SafetySurroundings {
  /** Name of the environment the run is for. */
  readonly environment: string;
  /** What the suite declares about that environment. */
  readonly declared?: EnvironmentDefinition | undefined;
  /** `safety.allowedHosts` of the suite. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly env: NodeJS.ProcessEnv;
}

export interface SafetyQuestion extends SafetySurroundings {
  readonly baseUrl: string | undefined;
  /** The user gave `--force`. */
  readonly force: boolean;
}

const usualPorts: Readonly<Record<string, number>> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 };

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** What a URL connects to; `undefined` for a unix socket, which is on this machine, and for what is no URL. */
function placeOf(url: string | undefined): HostAndPort | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { place } = serverDestination(url) ?? {};
  if (place !== undefined) {
    return place.path === undefined ? { host: canonicalHost(place.host), port: place.port } : undefined;
  }
  const { protocol, hostname, port } = new URL(url);
  if (protocol === 'http+unix:' || hostname === '') return undefined;
  return {
    host: canonicalHost(decode(hostname)),
    port: port === '' ? (usualPorts[protocol] ?? 0) : Number(port),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Why the environment looks like production, whatever the host; outright words go before guesses from names. */
function environmentSigns({ environment, declared, env }: SafetySurroundings): string[] {
  if (declared?.production === true) return [`the environment ${environment} is marked as production`];
  if (declared?.production === false) return [];
  const signs: string[] = [];
  if (isProductionName(environment)) signs.push(`the environment is called ${environment}`);
  if (env.NODE_ENV === 'production') signs.push('NODE_ENV is production');
  return signs;
}

/** Why the target looks like production, one clause each; empty when it does not. */
export function productionSigns(question: SafetyQuestion): string[] {
  const { declared, allowedHosts = [] } = question;
  if (declared?.production === true) return environmentSigns(question);
  if (declared?.production === false) return [];
  const place = placeOf(question.baseUrl);
  const allowed = allowedHosts.map(parseAllowedHost).filter((entry) => entry !== undefined);
  if (place !== undefined && isAllowed(place.host, place.port, allowed)) return [];
  const sign = place === undefined ? undefined : productionSign(place.host);
  return [...environmentSigns(question), ...(sign === undefined ? [] : [sign])];
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

/**
 * What the guard of a run goes by; `undefined` when it is forced. An environment that is declared not to be production
 * vouches for its base URL and for the servers of its protocols. Throws a `SafetyError` for one that is declared to be it.
 */
export function safetyOf(
  { definition, environment, env }: Pick<LoadedSuite, 'definition' | 'environment' | 'env'>,
  plan: SettingsInPlans & Pick<Plan, 'baseUrl'>,
  force: boolean,
): GuardSettings | undefined {
  if (force) return undefined;
  const { baseUrl } = plan;
  const { environments = {}, safety } = definition;
  const declared = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  const surroundings = { environment, declared, allowedHosts: safety?.allowedHosts, env };
  if (declared?.production === true) assertSafeTarget({ ...surroundings, baseUrl, force });
  const own = declared?.production === false ? [baseUrl, ...serverUrls(plan)] : [];
  const vouched = own.flatMap((url) => placeOf(url)?.host ?? []);
  return {
    allowedHosts: [...(safety?.allowedHosts ?? []), ...vouched],
    environmentSigns: environmentSigns(surroundings),
  };
}
