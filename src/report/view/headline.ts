// What stands at the top of every report: the verdict with its reasons, and what was run against what.

import type { RunRecord } from '../../model/run-record.ts';
import { factorText } from '../../text/format-figure.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatUtc } from '../format-values.ts';
import { keyFigures } from './record-figures.ts';
import type { Status } from './section.ts';
import { targetOf } from './sent.ts';

/** The top of a report of one run, or of several, as terminal and document draw it. */
export interface Heading {
  /** In capitals: `FAIL`, `WORSE`. */
  readonly answer: string;
  readonly status: Status;
  readonly title: string;
  /** One sentence each. */
  readonly reasons: readonly string[];
  /** What to do first, one sentence each. */
  readonly advice?: readonly string[];
}

export interface Headline {
  /** `FAIL`, `PASS WITH WARNINGS`. */
  readonly verdict: string;
  readonly status: Status;
  readonly suite: string;
  readonly profile: string;
  /** What the profile is for; empty where the suite does not say. */
  readonly purpose: string;
  readonly target: string | null;
  readonly environment: string;
  readonly startedAt: string;
  readonly duration: string;
  readonly reasons: readonly string[];
  /** What to do first. */
  readonly advice: readonly string[];
}

export const verdictStatuses = { pass: 'good', warn: 'caution', fail: 'bad', inconclusive: 'open' } as const;

export const verdictTitles = {
  pass: 'PASS',
  warn: 'PASS WITH WARNINGS',
  fail: 'FAIL',
  inconclusive: 'INCONCLUSIVE',
} as const;

export function headlineOf(record: RunRecord): Headline {
  return {
    verdict: verdictTitle(record),
    status: verdictStatuses[record.verdict.status],
    suite: record.suite,
    profile: record.profile,
    purpose: record.plan.description,
    target: targetOf(record),
    environment: record.environment.name,
    startedAt: formatUtc(record.startedAt),
    duration: formatDuration(keyFigures(record).durationMs),
    reasons: record.verdict.reasons,
    advice: firstAdvice(record),
  };
}

/** What to do about the worst findings, one sentence each and at most three; nothing for mere information. */
function firstAdvice(record: RunRecord): string[] {
  const advice = record.findings
    .filter(({ severity }) => severity !== 'info')
    .flatMap((finding) => (finding.advice === undefined ? [] : [firstSentence(finding.advice)]));
  return [...new Set(advice)].slice(0, 3);
}

/** Of steps with numbers, that of the first step. */
function firstSentence(text: string): string {
  const plain = text.replace(/^1\.\s+/, '');
  return /^.*?[.!?](?=\s|$)/s.exec(plain)?.[0] ?? plain;
}

/** `FAIL`, `PASS WITH WARNINGS`, ...; an interrupted or compressed run says so. */
export function verdictTitle(record: RunRecord): string {
  const { verdict, interrupted, plan } = record;
  const remarks = [
    ...(interrupted ? ['interrupted'] : []),
    ...(plan.compressed === undefined ? [] : [`compressed ${factorText(plan.compressed)}`]),
  ];
  return verdictTitles[verdict.status] + (remarks.length === 0 ? '' : ` (${remarks.join(', ')})`);
}
