// The door of suite/: a name or path becomes a validated suite and one bundle that every worker can import.
// Only the coordinator calls it.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { knownSecrets } from '../masking/known-secrets.ts';
import { learnSuite } from '../masking/learn-suite.ts';
import { type Mistake, messageOf, PlimsollError, SuiteError, UsageError } from '../model/errors.ts';
import type { EnvVariables } from '../model/platform-types.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { packBundle, type SuiteBundle } from '../model/suite-bundle.ts';
import { createBundleFolder } from './bundle-folder.ts';
import { applyEnvironment, findMissingEnv, missingEnvHint } from './environment.ts';
import { evaluateSuite } from './evaluate.ts';
import type { LoadedData } from './load-data.ts';
import { locateSuite, suiteAtPath } from './locate.ts';
import { recordOf } from './mistake.ts';
import type { YamlSuite } from './yaml-suite.ts';

export interface LoadedSuite {
  /** Valid, with the base URL of the chosen environment. */
  readonly definition: SuiteDefinition;
  /** Absolute path of the file that the user wrote. */
  readonly file: string;
  readonly bundle: SuiteBundle;
  /** Its test data, read once and found sound. */
  readonly data: LoadedData;
  /** Name given, or `local`. */
  readonly environment: string;
  /** The process environment with the variables of the chosen environment over it: what tasks see as `env`. */
  readonly env: EnvVariables;
}

export interface LoadOptions {
  /** Name of the environment, as given by `--env`. */
  readonly environment?: string | undefined;
  /** Variables that the suite sees: its module as `process.env` while it is evaluated, its tasks as `env`. */
  readonly env: EnvVariables;
  /** Variables of `requiredEnv` may be missing: a target that is started next sets them, or nothing is run. */
  readonly mayLackEnv?: boolean;
}

/**
 * Finds, bundles, evaluates and validates a suite. Throws a `UsageError` when it cannot be found, built or
 * evaluated or has no such environment, and a `SuiteError` with every mistake in it or in its data files. Leaves no file behind.
 */
export async function loadSuite(nameOrPath: string, options: LoadOptions): Promise<LoadedSuite> {
  const file = locateSuite(nameOrPath);
  const folder = await createBundleFolder();
  try {
    const bundlePath = path.join(folder.path, 'suite.mjs');
    const isYaml = /\.ya?ml$/i.test(file);
    // zod takes as long to import as a suite to bundle, so both are done at once.
    const [schema, draft] = await Promise.all([
      import('./schema.ts'),
      isYaml ? loadYaml(file, bundlePath, options.env) : loadModule(file, bundlePath, options.env),
    ]);
    const applied = readable(file, () => {
      learnSuite(draft.value, options.env);
      const known = new Set(draft.mistakes.map(({ path }) => path));
      const found = schema.findMistakes(draft.value).filter(({ path }) => !known.has(path));
      const mistakes = [...draft.mistakes, ...found];
      if (mistakes.length > 0) throw new SuiteError(file, mistakes.map(draft.withLine));
      return applyEnvironment(draft.value as SuiteDefinition, options.environment, options.env);
    });
    knownSecrets.learnEnvironment(applied.env);
    const missing = findMissingEnv(draft.value as SuiteDefinition, applied.env);
    if (missing.length > 0 && options.mayLackEnv !== true)
      throw new SuiteError(file, missing, { hint: missingEnvHint });
    const data = await openData(file, applied.definition, draft);
    return { ...applied, file, data, bundle: packBundle(await readFile(bundlePath)) };
  } finally {
    await folder.dispose();
  }
}

/** Throws a `SuiteError` for what is wrong with the data, and for columns that they do not have. */
async function openData(file: string, definition: SuiteDefinition, draft: Draft): Promise<LoadedData> {
  if (definition.data === undefined) return { plans: [], files: [] };
  const [{ loadData }, { findColumnMistakes }] = await Promise.all([
    import('./load-data.ts'),
    import('./rules-data.ts'),
  ]);
  const { plans, files, mistakes } = await loadData(definition.data, path.dirname(draft.home ?? file));
  const all = [...mistakes, ...findColumnMistakes(definition, plans)];
  if (all.length > 0) throw new SuiteError(file, all.map(draft.withLine));
  return { plans, files };
}

/** A suite is a value of user code: its getters and proxies may throw when it is read. */
function readable<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new UsageError(`${file}: the suite cannot be read: ${messageOf(thrown)}`, {
      hint: 'a suite is a plain object; getters and proxies in it must not throw',
      cause: thrown,
    });
  }
}

interface Draft {
  readonly value: unknown;
  /** Beside those that the schema finds. */
  readonly mistakes: readonly Mistake[];
  /** The file of the suite that a file of scenarios is about. */
  readonly home?: string;
  withLine(mistake: Mistake): Mistake;
}

async function loadModule(file: string, bundlePath: string, env: EnvVariables): Promise<Draft> {
  const { bundleSuite } = await import('./bundle.ts');
  await bundleSuite(file, bundlePath);
  // So that an exception while the module is evaluated names the user's file and line, not the bundle's.
  process.setSourceMapsEnabled(true);
  const { suite } = await withVariables(env, () => evaluateSuite(file, bundlePath));
  return { value: suite, mistakes: [], withLine: (mistake) => mistake };
}

/** Does `work` with `env` over the variables of this process, and puts back what they were. */
async function withVariables<Result>(env: EnvVariables, work: () => Promise<Result>): Promise<Result> {
  const names = Object.keys(env).filter((name) => env[name] !== process.env[name]);
  const before = new Map(names.map((name) => [name, process.env[name]]));
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const name of names) set(name, env[name]);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

/** The worker gets a module as well, so that there is one way to import a suite. */
async function loadYaml(file: string, bundlePath: string, env: NodeJS.ProcessEnv): Promise<Draft> {
  const [{ readYamlSuite }, { findMistakes }, { fillAddresses }, { isScenarioFile }] = await Promise.all([
    import('./yaml-suite.ts'),
    import('./schema.ts'),
    import('./environment-texts.ts'),
    import('./scenario-file.ts'),
  ]);
  const written = await readYamlSuite(file, findMistakes);
  const draft = isScenarioFile(written.value)
    ? await suiteWithScenarios(file, written, findMistakes)
    : written;
  const { value, mistakes } = fillAddresses(draft.value, env);
  const json = JSON.stringify(value ?? null);
  await writeFile(bundlePath, `export default JSON.parse(${JSON.stringify(json)});\n`);
  return { ...draft, value, mistakes: [...draft.mistakes, ...mistakes] };
}

/**
 * The suite that a file of scenarios is about, with its scenarios. Throws a `SuiteError` for mistakes of the file, and a
 * `UsageError` when that suite is not there, or has code.
 */
async function suiteWithScenarios(
  file: string,
  written: YamlSuite,
  findMistakes: (value: unknown) => readonly Mistake[],
): Promise<Draft> {
  const [{ applyScenarioFile, usualSuite }, { readYamlSuite }] = await Promise.all([
    import('./scenario-file.ts'),
    import('./yaml-suite.ts'),
  ]);
  const { suite: named = usualSuite } = recordOf(written.value);
  const inFolder = path.resolve(path.dirname(file), String(named));
  const home = suiteAtPath(inFolder) ?? locateSuite(String(named));
  if (!/\.ya?ml$/i.test(home)) {
    throw new UsageError(`${file} is a file of scenarios for ${home}, which is a suite with code`, {
      hint: 'name a suite in YAML, whose steps are requests: suite: ./suite.yaml',
    });
  }
  const base = await readYamlSuite(home, findMistakes);
  const { value, mistakes } = applyScenarioFile(base.value, written.value);
  if (mistakes.length > 0) throw new SuiteError(file, mistakes.map(written.withLine));
  return { value, mistakes: base.mistakes, home, withLine: base.withLine };
}
