// What objectives mean for a run: reasons of the verdict, and findings. Called by verdict.ts and analyse.ts.

import type { ObjectiveFigure, ObjectiveResult } from '../model/objective.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';
import { isOwn, titleList } from './compliance.ts';
import { usualRemedies } from './objective-advice.ts';
import { assessObjectives, doubtOf } from './objectives.ts';

/**
 * Sentences for the verdict. `fail`: a critical limit of an objective is broken. `inconclusive`: nobody knows whether an
 * objective with a critical limit is met. `warn`: a target is missed or open, or a limit is close. What the profile cannot
 * show, whatever happens, is for the compliance score alone.
 */
export function objectiveReasons(measured: Measurements, status: 'fail' | 'inconclusive' | 'warn'): string[] {
  const all = assessObjectives(measured).filter((one) => isOwn(one) && one.isUntested !== true);
  const open = ({ status: of, isCritical }: ObjectiveResult): 'inconclusive' | 'warn' | undefined =>
    of !== 'unjudged' ? undefined : isCritical ? 'inconclusive' : 'warn';
  switch (status) {
    case 'fail':
      return sentence(all, (one) => one.status === 'fail', 'not met');
    case 'inconclusive':
      return sentence(all, (one) => open(one) === 'inconclusive', 'not judged');
    case 'warn':
      return [
        ...sentence(all, (one) => one.status === 'warning', 'met with a warning'),
        ...sentence(all, (one) => open(one) === 'warn', 'not judged'),
      ];
  }
}

/** `2 of 6 objectives not met: Prices within 100 ms; Few errors.` */
function sentence(
  all: readonly ObjectiveResult[],
  picks: (one: ObjectiveResult) => boolean,
  what: string,
): string[] {
  const titles = all.filter(picks).map(({ title }) => title);
  return titles.length === 0
    ? []
    : [
        `${formatCount(titles.length)} of ${formatCount(all.length, 'objective')} ${what}: ${titleList(titles)}.`,
      ];
}

const severities = { fail: 'critical', warning: 'warning', unjudged: 'warning', pass: 'info' } as const;

/**
 * One finding per objective that is not simply met. None for what a run leaves open as a whole, which the verdict tells once,
 * and for what the profile cannot show.
 */
export function findObjectives(measured: Measurements): Finding[] {
  const hasDoubt = doubtOf(measured) !== undefined;
  return assessObjectives(measured)
    .filter((one) => isOwn(one) && one.isUntested !== true && one.status !== 'pass')
    .filter(({ status }) => !(hasDoubt && status === 'unjudged'))
    .map((one) => ({
      kind: 'objective',
      severity: severities[one.status],
      title: `Objective ${statusWords[one.status]}: ${one.title}`,
      detail: one.reason + (one.impact === undefined ? '' : ` What it means: ${withStop(one.impact)}`),
      evidence: one.figures.filter(({ state }) => state !== 'held').flatMap(evidenceOf),
      ...(one.status !== 'unjudged' && { advice: remedyOf(one) }),
    }));
}

export const statusWords = {
  pass: 'met',
  warning: 'met with a warning',
  fail: 'not met',
  unjudged: 'not judged',
} as const satisfies Record<ObjectiveResult['status'], string>;

/** What to do about it: the suite's own words, else what usually helps. */
export function remedyOf({ remediation, dimension }: ObjectiveResult): string {
  return withStop(remediation ?? usualRemedies[dimension]);
}

function withStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function evidenceOf({ series, expression, actual, limit, unit }: ObjectiveFigure): Evidence[] {
  return actual === null ? [] : [{ name: `${expression} of ${series}`, value: actual, unit, limit }];
}
