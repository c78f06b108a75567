// Compliance over several runs of one suite: an objective is met when every run that judges it says that it is. Called by
// cli/course-report.ts and cli/analyze.ts.

import type { Compliance, CountedRun, ObjectiveResult, ObjectiveStatus } from '../model/objective.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { VerdictStatus } from '../model/verdict.ts';
import { complianceOf, countedRun, isOwn, titleList, worstClass } from './compliance.ts';
import { worstStatus } from './objectives.ts';

/** What compliance over several runs needs of each record; whole records fit. */
export type ComplianceRecord = Pick<
  RunRecord,
  'suite' | 'profile' | 'id' | 'environment' | 'target' | 'verdict' | 'compliance'
> & { readonly plan: Pick<RunRecord['plan'], 'isOverridden'> };

/** The same without the rest of the record, which is large. */
export function forCompliance(record: RunRecord): ComplianceRecord {
  const { suite, profile, id, environment, target, verdict, compliance, plan } = record;
  return {
    ...{ suite, profile, id, environment, target, verdict },
    ...(compliance !== undefined && { compliance }),
    plan: plan.isOverridden === true ? { isOverridden: true } : {},
  };
}

/** Compliance over runs, with what each came to. */
export interface JoinedCompliance {
  readonly suite: string;
  readonly environment: string;
  readonly target: string | null;
  readonly runs: readonly CountedRun[];
  readonly compliance: Compliance;
}

/**
 * A record that is there several times counts as one run, by the worst that its copies say. `notRun` are profiles that were to
 * be run with them, and were not: what they judge stays open.
 *
 * `undefined` when no run has objectives, or the runs are of several suites, environments or targets: they do not answer for
 * one system then.
 */
export function joinCompliance(
  records: readonly ComplianceRecord[],
  notRun: readonly string[] = [],
): JoinedCompliance | undefined {
  const [first] = records;
  if (first === undefined || records.some((one) => systemOf(one) !== systemOf(first))) return undefined;
  const byName = new Map<string, { profile: string; result: ObjectiveResult }[]>();
  for (const { profile, compliance } of records) {
    for (const result of compliance?.objectives ?? []) {
      byName.set(result.name, [...(byName.get(result.name) ?? []), { profile, result }]);
    }
  }
  if (byName.size === 0) return undefined;
  const runs = countedRuns(records);
  const chosen: Chosen = {
    ran: new Set(records.map(({ profile }) => profile)),
    notRun: new Set(notRun),
  };
  const objectives = [...byName.values()].map((answers) => joined(answers, chosen));
  const { suite, environment, target } = first;
  const compliance = complianceOf(objectives, runs);
  return { suite, environment: environment.name, target: target.baseUrl, runs, compliance };
}

/** The worst first. */
const statuses: readonly VerdictStatus[] = ['fail', 'inconclusive', 'warn', 'pass'];

/** One per run, in the order of the records. */
function countedRuns(records: readonly ComplianceRecord[]): CountedRun[] {
  const byRun = new Map<string, CountedRun>();
  for (const record of records) {
    const run = countedRun(record, record.verdict);
    const key = JSON.stringify([run.profile, run.runId]);
    const known = byRun.get(key);
    byRun.set(key, known === undefined ? run : worseOf(known, run));
  }
  return [...byRun.values()];
}

function worseOf(a: CountedRun, b: CountedRun): CountedRun {
  const isOverridden = a.isOverridden === true || b.isOverridden === true;
  const worse = statuses.indexOf(b.status) < statuses.indexOf(a.status) ? b : a;
  return { ...worse, ...(isOverridden && { isOverridden }) };
}

function systemOf({ suite, environment, target }: ComplianceRecord): string {
  return JSON.stringify([suite, environment.name, target.baseUrl]);
}

/** Profiles that were to be run. */
interface Chosen {
  readonly ran: ReadonlySet<string>;
  /** Those of which at least one run is missing. */
  readonly notRun: ReadonlySet<string>;
}

type Answer = { readonly profile: string; readonly result: ObjectiveResult };

/**
 * One result of those of all runs: what the run that decides says, which is the worst of those that could show it. Without
 * such a run it stays open.
 */
function joined(answers: readonly Answer[], { ran, notRun }: Chosen): ObjectiveResult {
  const own = answers.filter(({ result }) => isOwn(result));
  const tested = own.filter(({ result }) => result.isUntested !== true);
  const deciding = tested.length > 0 ? tested : own.length > 0 ? own : answers;
  const status = worstStatus(deciding.map(({ result }) => result.status));
  const { profile, result } = worstAnswer(deciding, status);
  const low = Math.min(...deciding.map((one) => one.result.credit.low));
  const high = Math.min(...deciding.map((one) => one.result.credit.high));
  const classes = worstClass(deciding.flatMap((one) => one.result.class ?? []));
  // A suite may have come to judge it in more profiles since the earlier runs.
  const profiles = [...new Set(answers.flatMap((one) => one.result.profiles))];
  const judging = new Set(own.map((one) => one.profile));
  const silent = profiles.filter((one) => ran.has(one) && !judging.has(one));
  const all = {
    ...result,
    weight: Math.max(...answers.map((one) => one.result.weight)),
    profiles,
    isCritical: answers.some((one) => one.result.isCritical),
    credit: { low, high },
    decidedBy: profile,
    ...(classes !== undefined && { class: classes }),
  };
  const missing = profiles.filter((one) => notRun.has(one));
  if (silent.length + missing.length === 0 || status === 'fail') return all;
  const { isElsewhere: _, isUntested: __, ...rest } = all;
  return {
    ...rest,
    status: 'unjudged',
    reason:
      missing.length > 0
        ? `A run of ${titleList(missing)} is missing, which judges the objective.`
        : `Not judged by the run of ${titleList(silent)}, although another run says that this profile judges it.`,
    credit: { low: 0, high },
  };
}

/** Of answers with this status the one that earns least. */
function worstAnswer(answers: readonly Answer[], status: ObjectiveStatus): Answer {
  return answers
    .filter(({ result }) => result.status === status)
    .reduce((worst, one) => (one.result.credit.low < worst.result.credit.low ? one : worst));
}
