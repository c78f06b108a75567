// Judges a host by its name or address: a test system, or something that may be production. Used by the guard; no lookup.

import { isIP } from 'node:net';
import { isPublicAddress } from './address-ranges.ts';
import { canonicalHost } from './host-name.ts';

const productionWords = new Set(['prod', 'production', 'prd', 'live']);
const testWords = new Set([
  ...['dev', 'devel', 'development', 'test', 'tests', 'testing', 'staging', 'stage', 'stg', 'qa', 'uat'],
  ...['sandbox', 'perf', 'performance', 'load', 'loadtest', 'ci', 'preview', 'nonprod', 'preprod'],
]);
/**
 * Names that end so never belong to a public host: RFC 2606, RFC 6761, RFC 6762 with its appendix G, RFC 8375, RFC 9476,
 * `internal` by ICANN, and the ways in which clusters shorten their own names.
 */
const privateEndings = [
  ...['local', 'localhost', 'localdomain', 'test', 'internal', 'invalid', 'example', 'alt', 'home.arpa'],
  ...['lan', 'home', 'corp', 'intranet', 'private', 'svc', 'consul'],
];

/** The words of a label: `staging2-api` gives `staging` and `api`; `pre-prod` is one word. */
function wordsOf(label: string): string[] {
  return label
    .replaceAll(
      /(?<![a-z])(non|pre|not|no)[-_ ]?(production|prod|prd|live)(?![a-z])/g,
      (_all, not: string) => (not === 'pre' ? 'preprod' : 'nonprod'),
    )
    .split(/[-_\s\d]+/);
}

function productionWord(labels: readonly string[]): string | undefined {
  return labels.flatMap(wordsOf).find((word) => productionWords.has(word));
}

/** Is the name one that only a private network can know? */
function isPrivateName(host: string): boolean {
  return !host.includes('.') || privateEndings.some((ending) => host.endsWith(`.${ending}`));
}

/**
 * Does the name say that it is a test system? The registered name itself is no sign of one (testing.com); what stands
 * before it is.
 */
export function isTestName(hostname: string): boolean {
  const labels = canonicalHost(hostname).split('.').slice(0, -2);
  return labels.flatMap(wordsOf).some((word) => testWords.has(word));
}

/** Why a host has production in its name, as a clause for a message; `undefined` when it has not. */
export function productionWordSign(hostname: string): string | undefined {
  const host = canonicalHost(hostname);
  if (isIP(host) !== 0) return undefined;
  const labels = host.split('.');
  // Of a public name, the last label is the top level: `shop.live` and `shop.dev` say nothing about the shop.
  const word = productionWord(isPrivateName(host) ? labels : labels.slice(0, -1));
  return word === undefined ? undefined : `the host ${host} has "${word}" in its name`;
}

/** Why a host looks like production, as a clause for a message; `undefined` when it does not. */
export function productionSign(hostname: string): string | undefined {
  const host = canonicalHost(hostname);
  if (isIP(host) !== 0) return isPublicAddress(host) ? `${host} is a public address` : undefined;
  const sign = productionWordSign(host);
  if (sign !== undefined || isPrivateName(host) || isTestName(host)) return sign;
  return `${host} is a public host`;
}

/** Does the name of an environment say that it is production: `prod`, `prod-eu`, `euProd`, `PRD2`? */
export function isProductionName(environment: string): boolean {
  const parts = environment.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
  return productionWord(parts.split(/[^\p{L}\p{N}_\s-]+/u)) !== undefined;
}
