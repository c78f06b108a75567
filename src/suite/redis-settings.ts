// The Redis settings of one profile, and what of them is secret. The plan takes the former, run/run-profile.ts the latter.

import type { RedisDefinition, RedisSecrets } from '../model/redis-settings.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { readTlsSecrets } from './http-settings.ts';

/** The suite's settings with the profile's over them, key by key; `undefined` for a suite without Redis. */
export function redisSettings(suite: SuiteDefinition, profileName: string): RedisDefinition | undefined {
  const own = suite.profiles[profileName]?.redis;
  return suite.redis === undefined && own === undefined ? undefined : { ...suite.redis, ...own };
}

/** The settings in an environment: its own over the suite's, and REDIS_URL when neither names a server. */
export function redisInEnvironment(
  suite: RedisDefinition | undefined,
  own: RedisDefinition | undefined,
  env: NodeJS.ProcessEnv,
): RedisDefinition | undefined {
  if (suite === undefined && own === undefined) return undefined;
  const settings = { ...suite, ...own };
  const { REDIS_URL: url } = env;
  return settings.url === undefined && url !== undefined && url !== '' ? { ...settings, url } : settings;
}

export function isRedisUrl(text: string): boolean {
  return /^rediss?:\/\//.test(text) && URL.canParse(text) && /^\/?\d*$/.test(new URL(text).pathname);
}

/** The URL as records may show it: without its password. */
export function publicRedisUrl(text: string): string {
  const url = new URL(text);
  url.password = '';
  return url.href;
}

/**
 * Password and certificates of a profile; paths are relative to the suite file. Throws a `SuiteError` when a certificate
 * cannot be read.
 */
export async function readRedisSecrets(
  suite: SuiteDefinition,
  profileName: string,
  suiteFile: string,
): Promise<RedisSecrets> {
  const settings = redisSettings(suite, profileName);
  if (settings?.url === undefined) return {};
  const password = decodeURIComponent(new URL(settings.url).password);
  const tls =
    typeof settings.tls === 'object' ? await readTlsSecrets(settings.tls, suiteFile, 'redis.tls') : undefined;
  return { ...(password === '' ? {} : { password }), ...(tls === undefined ? {} : { tls }) };
}
