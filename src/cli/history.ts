// `plimsoll history`: the runs of a suite or a folder in the order of time, what changed, and since when. Flags in, exit
// code out.

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { exitCodes, messageOf, UsageError } from '../model/errors.ts';
import { type History, historyOf } from '../regression/history.ts';
import { type KeptRun, keepRun } from '../regression/kept-run.ts';
import type { Paper } from '../report/paper.ts';
import { changeSentences, historySection } from '../report/view/history.ts';
import type { Status } from '../report/view/section.ts';
import { asForeign } from '../store/foreign-data.ts';
import { readRunRecord } from '../store/read-run-record.ts';
import { latestOf } from '../store/run-directory.ts';
import { formatCount } from '../text/format-figure.ts';
import { nearestName } from '../text/nearest-name.ts';
import { compareOptions } from './compare.ts';
import type { HistoryFlags } from './flags.ts';
import { recordsBelow } from './read-side.ts';
import { paperFormat, writePaper } from './write-paper.ts';

/** results / suite / run. */
const deepest = 3;
const mostRecords = 2000;
const namedChanges = 5;
const shownUnreadable = 5;

interface Group {
  readonly suite: string;
  readonly profile: string;
  readonly environment: string;
  readonly history: History;
}

/**
 * Prints the course of each profile and environment, or writes it to `--out`. Returns 0; with `failOnDegradation` 1 where
 * the present level of any figure is worse, and 5 where no profile can be judged. Throws a `UsageError` for anything unusable.
 */
export async function historyCommand(name: string, flags: HistoryFlags): Promise<number> {
  const format = flags.json === true ? 'json' : paperFormat(flags);
  const folder = await folderOf(name);
  const paths = await recordsBelow(folder, deepest);
  if (paths.length === 0) throw new UsageError(`there is no run in ${folder}`, { hint });
  if (paths.length > mostRecords)
    throw new UsageError(`${folder} holds ${paths.length} runs, at most ${mostRecords} are read`, { hint });
  const { runs, unreadable } = await readAll(paths, flags);
  const groups = groupsOf(runs, flags);
  if (groups.length === 0) {
    const first = unreadable[0] === undefined ? '' : `: ${unreadable[0]}`;
    throw new UsageError(`there is no run to show in ${folder}${first}`, { hint });
  }
  await writePaper(paperOf(basename(folder), groups, unreadable), { groups, unreadable }, format, flags);
  return flags.failOnDegradation === true ? exitCodeOf(groups) : exitCodes.pass;
}

const hint = 'name a suite that has results, or a folder that holds run folders';

/** A folder as it is; of a suite, named or by its file, its folder of results. */
async function folderOf(name: string): Promise<string> {
  if (await isFolderAt(name)) return name;
  const suite = basename(name, extname(name)).replace(/\.suite$/, '');
  const folder = dirname(latestOf('results', suite));
  if (await isFolderAt(folder)) return folder;
  const known = await readdir('results').catch((): string[] => []);
  const near = nearestName(basename(folder), known);
  throw new UsageError(
    `there is no folder ${name}, and no results of a suite ${suite} in ${folder}${near === undefined ? '' : `; did you mean ${near}?`}`,
    { hint },
  );
}

async function isFolderAt(path: string): Promise<boolean> {
  return stat(path).then(
    (place) => place.isDirectory(),
    () => false,
  );
}

/** One record at a time: only its figures are kept. A file that cannot be read is told and left out. */
async function readAll(
  paths: readonly string[],
  { profile, env }: HistoryFlags,
): Promise<{ runs: KeptRun[]; unreadable: string[] }> {
  const byId = new Map<string, KeptRun>();
  const unreadable: string[] = [];
  for (const path of paths) {
    try {
      const record = await readRunRecord(path);
      if (profile !== undefined && record.profile !== profile) continue;
      if (env !== undefined && record.environment.name !== env) continue;
      // What watches without load has no figures of a load.
      if (record.plan.scenarios.length === 0) continue;
      byId.set(record.id, await asForeign(path, () => keepRun(record)));
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      unreadable.push(messageOf(thrown).split('\n')[0]!);
    }
  }
  return { runs: [...byId.values()], unreadable };
}

function groupsOf(runs: readonly KeptRun[], flags: HistoryFlags): Group[] {
  const { minimumChange, minimumShare, allowed } = compareOptions(flags);
  const byKind = new Map<string, KeptRun[]>();
  for (const run of runs) {
    const { suite, profile, environment } = run.conditions;
    const kind = JSON.stringify([suite, profile, environment.name]);
    byKind.set(kind, [...(byKind.get(kind) ?? []), run]);
  }
  return [...byKind.values()]
    .map((some): Group => {
      const { suite, profile, environment } = some[0]!.conditions;
      const history = historyOf(some, { minimumChange, minimumShare, allowed });
      return { suite, profile, environment: environment.name, history };
    })
    .sort((a, b) => (`${a.suite} ${a.profile}` < `${b.suite} ${b.profile}` ? -1 : 1));
}

const answers: Readonly<Record<History['status'], { answer: string; look: Status }>> = {
  worse: { answer: 'DEGRADED', look: 'bad' },
  better: { answer: 'BETTER', look: 'good' },
  unchanged: { answer: 'NO CHANGE FOUND', look: 'none' },
  unjudged: { answer: 'UNJUDGED', look: 'open' },
};

function overall(groups: readonly Group[]): History['status'] {
  const order: readonly History['status'][] = ['worse', 'unjudged', 'better'];
  return order.find((status) => groups.some(({ history }) => history.status === status)) ?? 'unchanged';
}

function exitCodeOf(groups: readonly Group[]): number {
  if (groups.some(({ history }) => history.status === 'worse')) return exitCodes.fail;
  // A profile with few runs must not hide behind one with many.
  return groups.some(({ history }) => history.status === 'unjudged')
    ? exitCodes.inconclusive
    : exitCodes.pass;
}

function paperOf(title: string, groups: readonly Group[], unreadable: readonly string[]): Paper {
  const { answer, look } = answers[overall(groups)];
  const reasons = groups.flatMap(({ profile, environment, history }) => {
    const where = groups.length === 1 ? '' : `${profile} in ${environment}: `;
    const changes = changeSentences(history);
    const obstacles = history.obstacles.map((text) => `${where}${text}`);
    if (changes.length === 0) {
      const count = history.runs.filter(({ left }) => left === undefined).length;
      const isFew = history.status === 'unjudged' && history.obstacles.length === 0;
      const text = isFew ? 'too few runs to judge' : 'no change found';
      return [...obstacles, `${where}${text}, ${formatCount(count, 'run')} compared.`];
    }
    const more = changes.length - namedChanges;
    return [
      ...obstacles,
      ...changes.slice(0, namedChanges).map(({ text }) => `${where}${text}`),
      ...(more > 0 ? [`${where}${formatCount(more, 'further change')}.`] : []),
    ];
  });
  const isToldAbove = groups.length === 1 && changeSentences(groups[0]!.history).length <= namedChanges;
  const lost = unreadable.slice(0, shownUnreadable).map((text) => `Not read: ${text}`);
  const rest = unreadable.length - shownUnreadable;
  return {
    kind: 'history of load tests',
    answer,
    status: look,
    title,
    reasons: [...reasons, ...lost, ...(rest > 0 ? [`${formatCount(rest, 'further record')} not read.`] : [])],
    sections: groups.map(({ profile, environment, history }, i) =>
      historySection(history, `${profile} in ${environment}`, `history-${i + 1}`, isToldAbove),
    ),
  };
}
