// The door of suite/: a name or path becomes a validated suite and one bundle that every worker can import.
// Only the coordinator calls it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { knownSecrets } from '../masking/known-secrets.ts';
import { learnSuite } from '../masking/learn-suite.ts';
import { type Mistake, messageOf, PlimsollError, SuiteError, UsageError } from '../model/errors.ts';
import type { EnvVariables } from '../model/platform-types.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { applyEnvironment, findMissingEnv } from './environment.ts';
import { locateSuite } from './locate.ts';

export interface LoadedSuite {
  /** Valid, with the base URL of the chosen environment. */
  readonly definition: SuiteDefinition;
  /** Absolute path of the file that the user wrote. */
  readonly file: string;
  /** An ES module whose default export is the suite; exists until `dispose`. */
  readonly bundlePath: string;
  /** Name given, or `local`. */
  readonly environment: string;
  /** The process environment with the variables of the chosen environment over it: what tasks see as `env`. */
  readonly env: EnvVariables;
  /** Removes the bundle. */
  dispose(): Promise<void>;
}

export interface LoadOptions {
  /** Name of the environment, as given by `--env`. */
  readonly environment?: string | undefined;
  readonly env: EnvVariables;
}

/**
 * Finds, bundles, evaluates and validates a suite. Throws a `UsageError` when it cannot be found, built or
 * evaluated or has no such environment, and a `SuiteError` with every mistake in it; nothing is left behind
 * then.
 */
export async function loadSuite(nameOrPath: string, options: LoadOptions): Promise<LoadedSuite> {
  const file = locateSuite(nameOrPath);
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const bundlePath = path.join(folder, 'suite.mjs');
    const isYaml = /\.ya?ml$/i.test(file);
    // zod takes as long to import as a suite to bundle, so both are done at once.
    const [schema, draft] = await Promise.all([
      import('./schema.ts'),
      isYaml ? loadYaml(file, bundlePath) : loadModule(file, bundlePath),
    ]);
    learnSuite(draft.value, options.env);
    const mistakes = [...draft.mistakes, ...schema.findMistakes(draft.value)];
    if (mistakes.length > 0) throw new SuiteError(file, mistakes.map(draft.withLine));
    const suite = draft.value as SuiteDefinition;
    const applied = applyEnvironment(suite, options.environment, options.env);
    knownSecrets.learnEnvironment(applied.env);
    const missing = findMissingEnv(suite, applied.env);
    if (missing.length > 0) throw new SuiteError(file, missing);
    return { ...applied, file, bundlePath, dispose };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

interface Draft {
  readonly value: unknown;
  /** Beside those that the schema finds. */
  readonly mistakes: readonly Mistake[];
  withLine(mistake: Mistake): Mistake;
}

async function loadModule(file: string, bundlePath: string): Promise<Draft> {
  const { bundleSuite } = await import('./bundle.ts');
  await bundleSuite(file, bundlePath);
  // So that an exception while the module is evaluated names the user's file and line, not the bundle's.
  process.setSourceMapsEnabled(true);
  const module = await evaluate(file, bundlePath);
  if (!('default' in module)) {
    const found = Object.keys(module).length === 0 ? 'no export' : `only ${Object.keys(module).join(', ')}`;
    throw new SuiteError(file, [
      { path: 'default', expected: 'the suite: export default defineSuite({ ... })', found },
    ]);
  }
  return { value: module.default, mistakes: [], withLine: (mistake) => mistake };
}

async function evaluate(file: string, bundlePath: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(bundlePath).href)) as Record<string, unknown>;
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
    const frames = stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line) && !/node:internal|at async evaluate /.test(line));
    const where = frames.length === 0 ? '' : `\n${frames.slice(0, 3).join('\n')}`;
    throw new UsageError(`${file} failed while it was evaluated: ${messageOf(thrown)}${where}`, {
      cause: thrown,
    });
  }
}

/** The worker gets a module as well, so that there is one way to import a suite. */
async function loadYaml(file: string, bundlePath: string): Promise<Draft> {
  const [{ readYamlSuite }, { findMistakes }] = await Promise.all([
    import('./yaml-suite.ts'),
    import('./schema.ts'),
  ]);
  const draft = await readYamlSuite(file, findMistakes);
  const json = JSON.stringify(draft.value ?? null);
  await writeFile(bundlePath, `export default JSON.parse(${JSON.stringify(json)});\n`);
  return draft;
}
