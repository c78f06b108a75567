// What a suite tells of secrets. The coordinator learns it when it loads a suite, each worker when it prepares.

import type { SuiteDefinition } from '../model/suite.ts';
import { knownSecrets } from './known-secrets.ts';

/**
 * Whatever is said of the suite from now on is said without its secrets: those it declares (`secrets`: names of
 * variables of `env`, or the values themselves), variables named like one, passwords in URLs, and whatever stands under
 * a secret name. `suite` may be anything: it is learned before it is checked.
 */
export function learnSuite(suite: unknown, env: NodeJS.ProcessEnv): void {
  for (const name of namesIn(suite)) knownSecrets.spare(name);
  const declared = listIn(suite, 'secrets').filter((one): one is string => typeof one === 'string');
  // What a suite requires of its environment is the name of a variable, also where the variable is not set.
  const required = new Set(listIn(suite, 'requiredEnv'));
  const variables = new Set(declared.filter((one) => env[one] !== undefined || required.has(one)));
  for (const variable of variables) knownSecrets.spare(variable);
  knownSecrets.learnEnvironment(env);
  knownSecrets.learnSettings(suite);
  for (const secret of declared) {
    const value = variables.has(secret) ? env[secret] : secret;
    if (value !== undefined) knownSecrets.learn(value);
  }
}

/** What texts about a run are made of. */
function namesIn(suite: unknown): string[] {
  try {
    const { name, users, profiles, monitors, metrics, environments, target, data } = (suite ??
      {}) as Partial<SuiteDefinition>;
    const tasks = Object.values(users ?? {}).flatMap((user) => Object.keys(user?.tasks ?? {}));
    const named = [users, profiles, monitors, metrics, environments].flatMap((one) => Object.keys(one ?? {}));
    const columns = Object.values(data ?? {}).flatMap((feeder) => feeder?.secrets ?? []);
    return [name, target?.name, ...named, ...tasks, ...Object.keys(data ?? {}), ...columns].filter(
      (one): one is string => typeof one === 'string',
    );
  } catch {
    return [];
  }
}

function listIn(suite: unknown, key: 'secrets' | 'requiredEnv'): readonly unknown[] {
  try {
    const listed = (suite as Partial<SuiteDefinition> | null | undefined)?.[key];
    return Array.isArray(listed) ? listed : [];
  } catch {
    // A getter that throws: the mistake is told where the suite is checked.
    return [];
  }
}
