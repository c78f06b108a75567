// `plimsoll list`: the shipped suites, or the profiles of one suite.

import { loadForms } from '../executors/executors.ts';
import { messageOf } from '../model/errors.ts';
import type { ProfileDefinition, ScenarioDefinition, SuiteDefinition } from '../model/suite.ts';
import { makePlan } from '../plan/plan.ts';
import { shippedSuites } from '../suite/locate.ts';
import { loadSuite } from '../suite/suite.ts';
import { formatDuration } from '../time/duration.ts';

/** Text of one suite with its profiles, or of every shipped suite. Throws what `loadSuite` throws for one. */
export async function listSuites(suite?: string): Promise<string> {
  if (suite !== undefined) return await describeSuite(suite, 'with-when-to-run');
  const shipped = shippedSuites();
  if (shipped.length === 0) return 'this version ships no suites';
  const texts: string[] = [];
  for (const { name } of shipped) {
    // One suite that does not load, for want of an environment variable perhaps, must not hide the others.
    texts.push(await describeSuite(name).catch((error: unknown) => `${name}\n  ${messageOf(error)}`));
  }
  return texts.join('\n\n');
}

async function describeSuite(nameOrPath: string, detail?: 'with-when-to-run'): Promise<string> {
  const loaded = await loadSuite(nameOrPath, { env: process.env, mayLackEnv: true });
  const { definition } = loaded;
  const title = definition.description === undefined ? '' : `  ${definition.description}`;
  const rows = Object.entries(definition.profiles).map(([name, profile]) => row(definition, name, profile));
  const lines = align(rows);
  if (detail === undefined) return [`${definition.name}${title}`, ...lines].join('\n');
  const indent = ' '.repeat(4 + Math.max(...rows.map(([name = '']) => name.length)));
  const detailed = Object.values(definition.profiles).flatMap(({ whenToRun, markers = [] }, i) => [
    lines[i]!,
    ...(whenToRun === undefined ? [] : [`${indent}when to run: ${whenToRun}`]),
    ...(markers.length === 0 ? [] : [`${indent}markers: ${markers.join(', ')}`]),
  ]);
  return [`${definition.name}${title}`, ...detailed].join('\n');
}

/** Name, executor, load, duration, description. */
function row(suite: SuiteDefinition, name: string, profile: ProfileDefinition): string[] {
  const { durationMs } = makePlan(suite, name, { workers: 1, seed: 0, environment: 'local' });
  const isBound = 'executor' in profile && loadForms().get(profile.executor)?.endsEarly === true;
  const length = `${isBound ? '<= ' : ''}${formatDuration(durationMs)}`;
  return [name, executorText(profile), loadText(profile), length, profile.description ?? ''];
}

function executorText(profile: ProfileDefinition): string {
  if ('phases' in profile) return `${profile.phases.length} phases`;
  return 'scenarios' in profile ? `${Object.keys(profile.scenarios).length} scenarios` : profile.executor;
}

function loadText(profile: ProfileDefinition): string {
  if ('phases' in profile) return profile.phases.map(scenarioLoad).join(', ');
  if ('scenarios' in profile) return Object.values(profile.scenarios).map(scenarioLoad).join(' + ');
  return scenarioLoad(profile);
}

function scenarioLoad(scenario: ScenarioDefinition): string {
  return loadForms().get(scenario.executor)!.summarize(scenario);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (most, cells) => cells.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  );
  return rows.map((cells) => `  ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());
}
