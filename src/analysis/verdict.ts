// The verdict of a run: one status, and the reasons for it in full sentences. All that a verdict rests on is the table
// below; what each row says is written in the files that it calls. Called by analyse.ts.

import {
  excessOf,
  isBroken,
  isUndecided,
  isUnread,
  type JudgedThreshold,
  judgedThresholds,
} from '../judge/judged-thresholds.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding, Verdict, VerdictStatus } from '../model/verdict.ts';
import { alertReasons } from './alert-findings.ts';
import { type Capacity, findCapacity } from './capacity.ts';
import { capacitySentences, hasResult, unreachedSentences } from './capacity-sentences.ts';
import { comparisonSentences } from './comparisons.ts';
import { cutOffReasons } from './cut-off.ts';
import { endedDataSentences } from './data-findings.ts';
import { expectationReasons, faultTroubleReasons } from './faults/fault-findings.ts';
import { gateReasons } from './gate-reasons.ts';
import { objectiveReasons } from './objective-findings.ts';
import { unjudgedRecovery } from './outage-findings.ts';
import { unjudgedSpikes } from './spike-findings.ts';
import {
  breachSentence,
  closeSentence,
  endedSentence,
  undecidedSentence,
  unreadSentence,
} from './threshold-words.ts';
import { nothingSucceeded, unjudgedFailureSentences } from './unjudged-failures.ts';
import {
  abortingFirst,
  compressedSentences,
  fewDropped,
  findingSentences,
  generatorSentences,
  lostWorkerSentences,
  manyDropped,
  nothingFinished,
  passReasons,
  refusalSentences,
  unfinishedSentences,
} from './verdict-reasons.ts';

/** What the rules look at. */
export interface JudgedMeasurements {
  readonly measured: Measurements;
  /** Thresholds but those of a capacity search's steps. */
  readonly own: readonly JudgedThreshold[];
  /** Of these, the farthest beyond its limit first. */
  readonly broken: readonly JudgedThreshold[];
  readonly suiteFindings: readonly Finding[];
  /** What a capacity search came to. */
  readonly search: Capacity | undefined;
}

/** What a rule that applies makes of the run. The order is that of precedence. */
const groups = {
  /** The run was ended for safety: the exit code is another one. */
  refused: 'inconclusive',
  /** The generator was the bottleneck, whatever the figures say. */
  generator: 'inconclusive',
  /** Something that was asked of the target does not hold. */
  broken: 'fail',
  /** Something that was asked of the target was not measured, or is open. */
  unproven: 'inconclusive',
  /** Something is to be looked at. */
  doubtful: 'warn',
} as const satisfies Readonly<Record<string, VerdictStatus>>;

export interface VerdictRule {
  readonly name: string;
  readonly group: keyof typeof groups;
  /** None where the rule does not apply. */
  readonly reasons: (run: JudgedMeasurements) => readonly string[];
}

const levelIs =
  (level: 'critical' | 'target') =>
  ({ result }: JudgedThreshold): boolean =>
    result.level === level;

/** The first rule that applies decides; the reasons of all others follow in this order. */
export const verdictRules: readonly VerdictRule[] = [
  { name: 'ended for safety', group: 'refused', reasons: ({ measured }) => refusalSentences(measured) },
  {
    name: 'generator saturated',
    group: 'generator',
    reasons: ({ measured }) => generatorSentences(measured),
  },

  {
    name: 'nothing succeeded',
    group: 'broken',
    reasons: ({ measured }) => optional(nothingSucceeded(measured)),
  },
  {
    name: 'critical threshold broken',
    group: 'broken',
    reasons: ({ broken }) => abortingFirst(broken.filter(levelIs('critical'))).map(breachSentence),
  },
  {
    name: 'comparison beyond its limit',
    group: 'broken',
    reasons: ({ measured }) => comparisonSentences(measured, 'fail'),
  },
  {
    name: 'alert ended the run',
    group: 'broken',
    reasons: ({ measured }) => alertReasons(measured, 'fail'),
  },
  {
    name: 'gate of the baseline broken',
    group: 'broken',
    reasons: ({ measured }) => gateReasons(measured, 'fail'),
  },
  {
    name: 'data ended, and the suite says that this fails the run',
    reasons: ({ measured }) => endedDataSentences(measured, 'fail'),
    group: 'broken',
  },
  {
    name: 'suite found something critical',
    group: 'broken',
    reasons: ({ suiteFindings }) => findingSentences(suiteFindings, 'critical'),
  },
  {
    name: 'expectation of a fault not met',
    group: 'broken',
    reasons: ({ measured }) => expectationReasons(measured, 'unmet'),
  },
  {
    name: 'objective not met',
    group: 'broken',
    reasons: ({ measured }) => objectiveReasons(measured, 'fail'),
  },

  { name: 'compressed', group: 'unproven', reasons: ({ measured }) => compressedSentences(measured) },
  {
    name: 'search without an answer',
    group: 'unproven',
    reasons: ({ search }) => (search === undefined || hasResult(search) ? [] : capacitySentences(search)),
  },
  {
    name: 'threshold that holds ended the run',
    group: 'unproven',
    reasons: ({ own }) => own.filter(({ result }) => result.aborted && result.ok).map(endedSentence),
  },
  {
    name: 'critical threshold open',
    group: 'unproven',
    reasons: ({ own }) => own.filter(isUndecided).filter(levelIs('critical')).map(undecidedSentence),
  },
  {
    name: 'interrupted or rebuilt',
    group: 'unproven',
    reasons: ({ measured }) => unfinishedSentences(measured),
  },
  { name: 'worker lost', group: 'unproven', reasons: ({ measured }) => lostWorkerSentences(measured) },
  {
    name: 'data ended before the load',
    group: 'unproven',
    reasons: ({ measured }) => endedDataSentences(measured, 'inconclusive'),
  },
  { name: 'load not delivered', group: 'unproven', reasons: ({ measured }) => manyDropped(measured) },
  {
    name: 'comparison open',
    group: 'unproven',
    reasons: ({ measured }) => comparisonSentences(measured, 'inconclusive'),
  },
  {
    name: 'gate of the baseline open',
    group: 'unproven',
    reasons: ({ measured }) => gateReasons(measured, 'inconclusive'),
  },
  {
    name: 'fault not as planned',
    group: 'unproven',
    reasons: ({ measured }) => faultTroubleReasons(measured),
  },
  {
    name: 'expectation of a fault open',
    group: 'unproven',
    reasons: ({ measured }) => expectationReasons(measured, 'open'),
  },
  { name: 'outage without end', group: 'unproven', reasons: ({ measured }) => unjudgedRecovery(measured) },
  { name: 'spike without recovery', group: 'unproven', reasons: ({ measured }) => unjudgedSpikes(measured) },
  { name: 'nothing finished', group: 'unproven', reasons: ({ measured }) => nothingFinished(measured) },
  { name: 'much was cut off', group: 'unproven', reasons: ({ measured }) => cutOffReasons(measured) },
  {
    name: 'threshold without samples',
    group: 'unproven',
    reasons: ({ own }) => own.filter(isUnread).map(unreadSentence),
  },
  {
    name: 'critical objective open',
    group: 'unproven',
    reasons: ({ measured }) => objectiveReasons(measured, 'inconclusive'),
  },

  {
    name: 'target threshold broken',
    group: 'doubtful',
    reasons: ({ broken }) => abortingFirst(broken.filter(levelIs('target'))).map(breachSentence),
  },
  {
    name: 'target threshold open',
    group: 'doubtful',
    reasons: ({ own }) => own.filter(isUndecided).filter(levelIs('target')).map(undecidedSentence),
  },
  {
    name: 'threshold close to its limit',
    group: 'doubtful',
    reasons: ({ own }) => own.filter(({ result }) => result.ok && result.close).map(closeSentence),
  },
  {
    name: 'critical alert',
    group: 'doubtful',
    reasons: ({ measured }) => alertReasons(measured, 'warn'),
  },
  {
    name: 'gate of the baseline in doubt',
    group: 'doubtful',
    reasons: ({ measured }) => gateReasons(measured, 'warn'),
  },
  {
    name: 'failures that no threshold is on',
    group: 'doubtful',
    reasons: ({ measured }) =>
      nothingSucceeded(measured) === undefined ? unjudgedFailureSentences(measured) : [],
  },
  {
    name: 'suite warns',
    group: 'doubtful',
    reasons: ({ suiteFindings }) => findingSentences(suiteFindings, 'warning'),
  },
  { name: 'few iterations dropped', group: 'doubtful', reasons: ({ measured }) => fewDropped(measured) },
  {
    name: 'throughput not reached',
    group: 'doubtful',
    reasons: ({ search }) => (search === undefined ? [] : unreachedSentences(search)),
  },
  {
    name: 'objective met with a warning, or its target open',
    group: 'doubtful',
    reasons: ({ measured }) => objectiveReasons(measured, 'warn'),
  },
];

/** Decides the verdict. */
export function makeVerdict(measured: Measurements, suiteFindings: readonly Finding[] = []): Verdict {
  const own = judgedThresholds(measured).filter(({ result }) => result.level !== 'search');
  const broken = own.filter(isBroken).sort((a, b) => excessOf(b) - excessOf(a));
  const search = findCapacity(measured);
  const run: JudgedMeasurements = { measured, own, broken, suiteFindings, search };
  const applying = verdictRules.flatMap(({ group, reasons }) =>
    reasons(run).map((reason) => ({ group, reason })),
  );
  const [first] = applying;
  if (first === undefined) return { status: 'pass', reasons: passReasons(measured, own, search) };
  const deciding = first.group;
  const inGroup = applying.filter(({ group }) => group === deciding).map(({ reason }) => reason);
  const others = applying.filter(({ group }) => group !== deciding).map(({ reason }) => reason);
  // What a search came to is told whatever else there is to say.
  const answer = search !== undefined && hasResult(search) ? capacitySentences(search) : [];
  const reasons = deciding === 'doubtful' ? [...answer, ...inGroup] : [...inGroup, ...answer, ...others];
  return { status: groups[deciding], reasons };
}

/** What a compressed run would come to if it were one at full length; the verdict itself for any other run. */
export function verdictAsMeasured(
  record: Measurements & { readonly findings: readonly Finding[]; readonly verdict: Verdict },
): Verdict {
  const { compressed, ...plan } = record.plan;
  if (compressed === undefined) return record.verdict;
  return makeVerdict(
    { ...record, plan },
    record.findings.filter(({ source }) => source === 'suite'),
  );
}

function optional(sentence: string | undefined): readonly string[] {
  return sentence === undefined ? [] : [sentence];
}
