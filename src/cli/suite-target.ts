// The reference target that a suite is about: started for its run with --with-target, and when nothing says where the
// system is. Called by the commands that drive load.

import { UsageError } from '../model/errors.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { type LoadedSuite, loadSuite } from '../suite/suite.ts';
import { startTargetProcess } from '../target-kit/start-target.ts';

export interface SuiteWithTarget {
  /** The suite as it is when the target's address and variables are set. */
  readonly suite: LoadedSuite;
  /** Ends the target; does nothing when none was started. */
  stop(): Promise<void>;
}

export interface TargetWish {
  readonly withTarget?: boolean;
  readonly baseUrl?: string;
}

/**
 * Starts what `target` of the suite names: with --with-target, and also when no environment variable of `unless` is set,
 * and neither --base-url nor --env names another system. Throws a `UsageError` for --with-target where the suite names no
 * target, or where something says that the system is elsewhere; what the target throws when it cannot start; and a
 * `TargetError` when it was interrupted meanwhile.
 */
export async function startSuiteTarget(
  suite: LoadedSuite,
  wish: TargetWish,
  options: { readonly interrupted: AbortSignal; readonly say: (line: string) => void },
): Promise<SuiteWithTarget> {
  const why = reasonToStart(suite, wish);
  if (why === undefined) return { suite, stop: async () => {} };
  const { target } = suite.definition;
  const { name } = target!;
  const [ownVariable] = variablesOf(target!);
  const { interrupted, say } = options;
  say(`${why}: starting the target ${name}`);
  const running = await startTargetProcess(name, { env: suite.env, interrupted, onLog: say });
  try {
    const isHttp = /^https?:/.test(running.url);
    // The URL of a database holds its password, and the target says itself what is to be said of it.
    for (const line of [`${name} is ready${isHttp ? ` at ${running.url}` : ''}`, ...running.about])
      say(`  ${line}`);
    // The suite may read the variables wherever it likes, so it is evaluated once more.
    const env = {
      ...suite.env,
      ...running.env,
      ...(ownVariable !== undefined && { [ownVariable]: running.url }),
    };
    const again = await loadSuite(suite.file, { environment: suite.environment, env });
    const definition = { ...again.definition, ...(isHttp && { baseUrl: running.url }) };
    return { suite: { ...again, definition }, stop: running.stop };
  } catch (thrown) {
    await running.stop();
    throw thrown;
  }
}

/** Why a target is to be started, in words; `undefined` where none is. */
export function reasonToStart(
  { definition, env, environment }: LoadedSuite,
  { withTarget = false, baseUrl }: TargetWish,
): string | undefined {
  const { target, name } = definition;
  const declared = environment === 'local' ? undefined : definition.environments?.[environment];
  if (!withTarget) {
    const variables = target === undefined ? [] : variablesOf(target);
    const isGiven = variables.some((variable) => isSet(env, variable)) || baseUrl !== undefined;
    if (variables.length === 0 || isGiven || declared !== undefined) return undefined;
    return variables.length === 1 ? `${variables[0]} is not set` : `none of ${variables.join(', ')} is set`;
  }
  if (target === undefined) {
    throw new UsageError(`--with-target: the suite ${name} names no target that could be started`, {
      hint: 'name one of the shipped targets in the suite, as target: { name: "jorge" }, or leave out --with-target',
    });
  }
  const elsewhere = [
    ...(baseUrl === undefined ? [] : [`--base-url says that the system is at ${baseUrl}`]),
    ...variablesOf(target)
      .filter((variable) => isSet(env, variable))
      .map((variable) => `${variable} says where the system is`),
    ...(declared?.baseUrl !== undefined ? [`the environment ${environment} says where the system is`] : []),
  ];
  if (elsewhere.length === 0) return '--with-target';
  throw new UsageError(
    `--with-target starts the target ${target.name} on this machine, but ${elsewhere.join(', and ')}`,
    { hint: 'leave out one of them' },
  );
}

function variablesOf({ unless = [] }: NonNullable<SuiteDefinition['target']>): readonly string[] {
  return typeof unless === 'string' ? [unless] : unless;
}

function isSet(env: LoadedSuite['env'], variable: string): boolean {
  return (env[variable] ?? '') !== '';
}

/** For whoever waits: standard output is the summary's. */
export function sayOnError(line: string): void {
  process.stderr.write(`${line}\n`);
}
