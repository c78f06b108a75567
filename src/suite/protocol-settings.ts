// The settings of protocols in a suite: as they hold in an environment and for a profile, and what of them is secret.
// environment.ts asks for the first, the plan for the second, run/check-target.ts for the secrets.

import type { SuiteDefinition } from '../model/suite.ts';
import type {
  ProtocolSecrets,
  ServersInSuites,
  SettingsInPlans,
  SettingsInSuites,
} from '../protocols/registry.ts';
import type { ProtocolSettings, SecretSource, ServerSettings } from '../protocols/settings.ts';
import { protocolSettings } from '../protocols/settings-registry.ts';

/** By the names of protocols. */
type Written = Readonly<Record<string, object | undefined>>;

/** What holds for one profile, of each protocol that has settings there; in the order of the list. */
function settingsOf(
  suite: SuiteDefinition,
  profileName: string,
): { readonly one: ProtocolSettings; readonly written: object }[] {
  const ofSuite = suite as unknown as Written;
  const ofProfile = (suite.profiles[profileName] ?? {}) as Written;
  return protocolSettings.flatMap((one) => {
    const written = one.merge(ofSuite[one.name], ofProfile[one.name]);
    return written === undefined ? [] : [{ one, written }];
  });
}

/** The settings of a profile, its own over the suite's. */
export function profileSettings(suite: SuiteDefinition, profileName: string): SettingsInSuites {
  return Object.fromEntries(settingsOf(suite, profileName).map(({ one, written }) => [one.name, written]));
}

/** The part of each protocol in the plan of a profile. Throws a `UsageError` for what cannot be used. */
export function planSettings(suite: SuiteDefinition, profileName: string): SettingsInPlans {
  const planned = settingsOf(suite, profileName).map(({ one, written }) => [one.name, one.plan(written)]);
  return Object.fromEntries(planned) as SettingsInPlans;
}

/**
 * What each protocol needs to connect and no record may hold, read before anything is contacted. Throws a `SuiteError`
 * when a certificate cannot be read, or does not fit its key.
 */
export async function readProtocolSecrets(
  { definition, file, env }: SecretSource & { readonly definition: SuiteDefinition },
  profile: string,
): Promise<ProtocolSecrets> {
  const secrets: Record<string, object> = {};
  for (const { one, written } of settingsOf(definition, profile)) {
    if (one.readSecrets !== undefined) secrets[one.name] = await one.readSecrets(written, { file, env });
  }
  return secrets as unknown as ProtocolSecrets;
}

/**
 * The settings of a suite in an environment: `chosen` over the suite's, and the server of a variable where neither names
 * one. Where a profile alone speaks of a server, the variable names it for that profile, too.
 */
export function settingsInEnvironment(
  suite: SuiteDefinition,
  chosen: ServersInSuites | undefined,
  env: NodeJS.ProcessEnv,
): SettingsInSuites & Pick<SuiteDefinition, 'profiles'> {
  const ofAll: Record<string, object> = {};
  const ofProfiles = { ...suite.profiles };
  for (const { name, server } of protocolSettings) {
    if (server === undefined) continue;
    const ownOf = (from: object | undefined) => (from as Written | undefined)?.[name];
    const written = inEnvironment(server, ownOf(suite), ownOf(chosen), env);
    if (written !== undefined) ofAll[name] = written;
    for (const [profile, definition] of Object.entries(ofProfiles)) {
      const own =
        written === undefined ? inEnvironment(server, undefined, ownOf(definition), env) : undefined;
      if (own !== undefined) ofProfiles[profile] = { ...definition, [name]: own };
    }
  }
  return { ...ofAll, profiles: ofProfiles };
}

function inEnvironment(
  { variable }: ServerSettings,
  suite: object | undefined,
  own: object | undefined,
  env: NodeJS.ProcessEnv,
): object | undefined {
  if (suite === undefined && own === undefined) return undefined;
  const settings: { readonly url?: unknown } = { ...suite, ...own };
  const url = env[variable];
  return settings.url === undefined && url !== undefined && url !== '' ? { ...settings, url } : settings;
}
