// junit.xml: what CI systems show as test results. It agrees with the verdict: a run that passes has no failure
// in it, so missed targets and failing checks, which only warn, are told in `system-out`.

import { alertSentence, figureText } from '../../analysis/alert-findings.ts';
import { isOwn } from '../../analysis/compliance.ts';
import { statusOfGates } from '../../analysis/gate-reasons.ts';
import { subjectWords } from '../../analysis/threshold-words.ts';
import { judgedThresholds } from '../../judge/judged-thresholds.ts';
import { identifyThresholds } from '../../judge/threshold-outcomes.ts';
import type { AlertRecord } from '../../model/alert.ts';
import { assertNever } from '../../model/errors.ts';
import type { GateResult } from '../../model/gate.ts';
import type { ObjectiveResult } from '../../model/objective.ts';
import type { CheckResult, RunRecord } from '../../model/run-record.ts';
import { formatCount, formatLimit, oneLine } from '../format-values.ts';
import { checkRows } from '../view/checks.ts';
import { verdictTitle } from '../view/headline.ts';
import { keyFigures, placeOf } from '../view/record-figures.ts';
import { actualText, cutNote, operatorOf, type ThresholdRow, thresholdRows } from '../view/threshold-rows.ts';

interface TestCase {
  readonly name: string;
  readonly className: string;
  readonly outcome: 'passed' | 'failure' | 'error';
  readonly message: string;
  /** Warnings and remarks; empty for none. */
  readonly output: string;
}

/** Suites of the verdict, and of one case per threshold, objective, alert, gate of the baseline and check. */
export function renderJunit(record: RunRecord): string {
  const prefix = oneLine(`${record.suite}.${record.profile}`);
  const words = wordsById(record);
  const suites: [string, TestCase[]][] = [
    ['verdict', [verdictCase(record, prefix)]],
    ['thresholds', thresholdRows(record).map((row) => thresholdCase(row, prefix, words.get(row.id)))],
    [
      'objectives',
      (record.compliance?.objectives ?? []).filter(isOwn).map((one) => objectiveCase(one, record, prefix)),
    ],
    ['alerts', (record.alerts ?? []).map((alert) => alertCase(alert, prefix))],
    ['baseline', (record.baseline?.gates ?? []).map((gate) => gateCase(gate, prefix))],
    ['checks', checkRows(record).map((check) => checkCase(check, prefix))],
  ];
  const all = suites.flatMap(([, cases]) => cases);
  const seconds = (keyFigures(record).durationMs / 1000).toFixed(3);
  const suiteTexts = suites
    .filter(([, cases]) => cases.length > 0)
    .map(([name, cases]) => {
      const attributes = [
        `name="${escapeXml(`${prefix} ${name}`)}"`,
        countsOf(cases),
        'skipped="0"',
        `time="${name === 'verdict' ? seconds : '0.000'}"`,
        `timestamp="${escapeXml(record.startedAt.slice(0, 19))}"`,
        'hostname="localhost"',
      ];
      return `  <testsuite ${attributes.join(' ')}>\n${cases.map(renderCase).join('')}  </testsuite>\n`;
    });
  const head = `<testsuites name="${escapeXml(`Plimsoll ${prefix}`)}" ${countsOf(all)} time="${seconds}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${suiteTexts.join('')}</testsuites>\n`;
}

function countsOf(cases: readonly TestCase[]): string {
  const count = (outcome: TestCase['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}"`;
}

function verdictCase(record: RunRecord, prefix: string): TestCase {
  const { status, reasons } = record.verdict;
  const text = `${verdictTitle(record)}\n${reasons.map((reason) => `- ${oneLine(reason)}`).join('\n')}`;
  const base = { name: 'verdict', className: `${prefix}.verdict` };
  switch (status) {
    case 'pass':
    case 'warn':
      return { ...base, outcome: 'passed', message: '', output: text };
    case 'fail':
      return { ...base, outcome: 'failure', message: oneLine(reasons[0] ?? 'failed'), output: text };
    case 'inconclusive':
      return { ...base, outcome: 'error', message: oneLine(reasons[0] ?? 'inconclusive'), output: text };
    default:
      return assertNever(status);
  }
}

/** What the threshold is on, in words; absent in records that do not say. */
function wordsById(record: RunRecord): Map<string, string> {
  const ids = identifyThresholds(record.plan.thresholds);
  const judged = new Map(judgedThresholds(record).map((one) => [one.plan, subjectWords(one)]));
  return new Map(record.plan.thresholds.map((plan, i) => [ids[i]!, judged.get(plan) ?? '']));
}

function thresholdCase(row: ThresholdRow, prefix: string, words = ''): TestCase {
  const limit = `${operatorOf(row.expression)} ${formatLimit(row.limit, row.unit)}`;
  const note = row.cut === undefined ? '' : ` (${cutNote(row)})`;
  const subject = words === '' ? '' : `${words}: `;
  const text = `${subject}actual ${actualText(row, 'no sample')}${note}, limit ${limit}${row.aborted ? '; it ended the run early' : ''}`;
  const isOpen = row.state === 'open' && (row.level !== 'target' || row.undecided !== true);
  const remarks: Readonly<Record<ThresholdRow['state'], string>> = {
    pass: '',
    fail: '',
    close: `warning: close to its limit: ${text}`,
    warn: `warning: target missed: ${text}`,
    open: row.level === 'target' ? `warning: undecided: ${text}` : '',
  };
  return {
    name: oneLine(row.id),
    className: `${prefix}.thresholds`,
    // As the verdict, which is inconclusive then.
    outcome: isOpen ? 'error' : row.state === 'fail' ? 'failure' : 'passed',
    message: text,
    output: remarks[row.state],
  };
}

/** As in the verdict, which the thresholds of an objective decide: what they do not make fail is told. */
function objectiveCase(
  { name, title, status, reason, isCritical }: ObjectiveResult,
  { verdict }: RunRecord,
  prefix: string,
): TestCase {
  const isOpen = status === 'unjudged' && isCritical && verdict.status === 'inconclusive';
  const outcome = status === 'fail' && verdict.status !== 'pass' ? 'failure' : isOpen ? 'error' : 'passed';
  const text = oneLine(`${title}: ${reason}`);
  return {
    name: oneLine(name),
    className: `${prefix}.objectives`,
    outcome,
    message: text,
    output: outcome === 'passed' && status !== 'pass' ? `warning: ${text}` : '',
  };
}

/** As in the verdict: a broken critical gate is a failure, one that is open an error, and the rest is told. */
function gateCase(result: GateResult, prefix: string): TestCase {
  const status = statusOfGates([result]);
  const outcome = status === 'fail' ? 'failure' : status === 'inconclusive' ? 'error' : 'passed';
  const text = oneLine(result.text);
  return {
    name: oneLine(result.gate.figure),
    className: `${prefix}.baseline`,
    outcome,
    message: text,
    output: status === 'warn' ? `warning: ${text}` : '',
  };
}

/** As in the verdict, only an alert that ended the run is a failure. */
function alertCase(alert: AlertRecord, prefix: string): TestCase {
  const fired = alert.episodeCount > 0;
  const figures = alert.episodes[0]?.figures.map(figureText).join('; ') ?? '';
  const text = fired ? `${alertSentence(alert)} ${figures}`.trim() : '';
  return {
    name: oneLine(alert.title),
    className: `${prefix}.alerts`,
    outcome: alert.aborted ? 'failure' : 'passed',
    message: oneLine(text),
    output: fired && !alert.aborted ? `warning: ${oneLine(text)}` : '',
  };
}

function checkCase(check: CheckResult, prefix: string): TestCase {
  const total = check.passes + check.fails;
  const place = placeOf(check.tags);
  return {
    name: oneLine(place === '' ? check.name : `${place}: ${check.name}`),
    className: `${prefix}.checks`,
    outcome: 'passed',
    message: '',
    output: check.fails === 0 ? '' : `warning: ${formatCount(check.fails)} of ${formatCount(total)} failed`,
  };
}

function renderCase(one: TestCase): string {
  const head = `    <testcase name="${escapeXml(one.name)}" classname="${escapeXml(one.className)}" time="0.000"`;
  const inner: string[] = [];
  if (one.outcome !== 'passed') {
    const type = one.outcome === 'failure' ? failureType(one) : 'inconclusive';
    const text = escapeXml(one.message);
    inner.push(`      <${one.outcome} message="${text}" type="${type}">${text}</${one.outcome}>\n`);
  }
  if (one.output !== '') inner.push(`      <system-out>${escapeXml(one.output)}</system-out>\n`);
  return inner.length === 0 ? `${head}/>\n` : `${head}>\n${inner.join('')}    </testcase>\n`;
}

function failureType({ className }: TestCase): string {
  if (className.endsWith('.objectives')) return 'objective';
  return className.endsWith('.alerts') ? 'alert' : 'threshold';
}

/** Text for XML 1.0, in attributes too. Characters that XML cannot hold at all become `�`. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
