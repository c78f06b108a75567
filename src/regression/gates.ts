// Holds later runs to the gates of a baseline. Called by hold-runs.ts.

import type { BaselineGate, GateResult, GateStatus } from '../model/gate.ts';
import type { ComparedFigure, Regression, RegressionRow } from '../model/regression.ts';
import { formatFigure, formatLimit } from '../text/format-figure.ts';
import { changeText, comparedWords, rangeText } from './row-words.ts';
import { figureKey, unitOfStatistic } from './run-figures.ts';

/** The largest adjusted p-value that proves a change. */
const proven = 0.05;

/**
 * Judges each gate by the figures of later runs, in the order of the gates. Limits in units are held against the figure. Of
 * limits that are factors of the baseline, a figure beyond breaks the gate where the interval of its change leaves out no
 * change and its adjusted p-value is at most 0.05, or where the whole interval is beyond. A gate with `proof` holds only where the whole interval is within it.
 */
export function judgeGates(regression: Regression, gates: readonly BaselineGate[]): GateResult[] {
  const rows = new Map(regression.rows.map((row) => [figureKey(row), row]));
  const isComparable = regression.after.runs.length > 0 && regression.differences.length === 0;
  return gates.map((gate) => {
    const row = rows.get(gate.figure);
    if (row === undefined) return result(gate, 'unjudged', `${gate.figure}: not measured`);
    return isComparable
      ? { ...judgeGate(gate, row), ...evidenceOf(gate, row) }
      : result(gate, 'unjudged', `${comparedWords(row)}: the runs cannot be judged`);
  });
}

function evidenceOf(
  gate: BaselineGate,
  { before, after, unit }: RegressionRow,
): Pick<GateResult, 'evidence'> {
  const { most, least, mostOfBaseline, leastOfBaseline } = gate;
  const factor = mostOfBaseline ?? leastOfBaseline;
  const limit = most ?? least ?? (factor === undefined || before === null ? null : factor * before);
  if (after === null || !Number.isFinite(after) || limit === null) return {};
  return { evidence: { value: after, limit, unit } };
}

/** `at most 110 % of the baseline`, `at least 20/s`. */
function boundText(gate: BaselineGate, unit: RegressionRow['unit'] | undefined): string {
  const { most, least, mostOfBaseline, leastOfBaseline } = gate;
  const words = (most ?? mostOfBaseline) === undefined ? 'at least' : 'at most';
  const factor = mostOfBaseline ?? leastOfBaseline;
  if (factor !== undefined) return `${words} ${Number((100 * factor).toFixed(2))} % of the baseline`;
  const limit = (most ?? least)!;
  return `${words} ${unit === undefined ? limit : formatLimit(limit, unit)}`;
}

function judgeGate(gate: BaselineGate, row: RegressionRow): GateResult {
  const { after, unit, low, high, pValue, before } = row;
  const words = comparedWords(row);
  if (after === null || !Number.isFinite(after)) return result(gate, 'unjudged', `${words}: not measured`);
  const is = `${words}: ${formatFigure(after, unit)}`;
  const bound = boundText(gate, unit);
  const absolute = gate.most ?? gate.least;
  if (absolute !== undefined) {
    const isBeyond = gate.most === undefined ? after < absolute : after > absolute;
    const text = `${is}, the gate is ${bound}`;
    return isBeyond ? result(gate, 'broken', text) : unlessOpen(gate, row, result(gate, 'held', text));
  }
  const factor = gate.mostOfBaseline ?? gate.leastOfBaseline ?? 1;
  const isUpper = gate.mostOfBaseline !== undefined;
  const ratioOf = (change: number | null): number | undefined => {
    if (change === null || !Number.isFinite(change) || before === null || before === 0) return undefined;
    return unit === 'ratio' ? 1 + change / before : 1 + change;
  };
  const [ratio, least, greatest] = [ratioOf(row.change), ratioOf(low), ratioOf(high)];
  if (ratio === undefined || least === undefined || greatest === undefined)
    return result(
      gate,
      'unjudged',
      `${is}, which cannot be compared, since ${row.reason ?? 'the baseline is 0'}`,
    );
  const change = `${is}, ${changeText(row.change!, row)} (95 % interval ${rangeText(row)}), the gate is ${bound}`;
  const beyond = (value: number): boolean => (isUpper ? value > factor : value < factor);
  const isChange = (isUpper ? least > 1 : greatest < 1) && pValue !== null && pValue <= proven;
  // A gate may also ask for an improvement, of which the whole interval falls short.
  const isClear = isChange || beyond(isUpper ? least : greatest);
  if (beyond(ratio)) {
    const isBound = row.open?.includes('worse') === true;
    return result(gate, isClear && !isBound ? 'broken' : 'unproven', change);
  }
  const isOpen = gate.proof === true && beyond(isUpper ? greatest : least);
  return isOpen ? result(gate, 'unproven', change) : unlessOpen(gate, row, result(gate, 'held', change));
}

/** What holds by times that are bounds only may not hold by the true ones. */
function unlessOpen(gate: BaselineGate, row: RegressionRow, held: GateResult): GateResult {
  if (row.open?.includes('same') !== true || !row.open.includes('better')) return held;
  const { after, unit } = row;
  const why = row.reason ?? 'work was cut off that would have taken longer';
  return result(
    gate,
    'unjudged',
    `${comparedWords(row)}: ${formatFigure(after!, unit)} or more, since ${why}`,
  );
}

const endings: Readonly<Record<GateStatus, string>> = {
  held: '',
  broken: '; broken',
  unproven: '; not proven',
  unjudged: '',
};

function result(gate: BaselineGate, status: GateStatus, text: string): GateResult {
  return { gate, status, text: `${text}${endings[status]}.` };
}

/** `http_req_duration p(95) at most 110 % of the baseline, with proof`; `figures` are those of its baseline. */
export function gateText(gate: BaselineGate, figures: readonly ComparedFigure[]): string {
  const { figure, level, proof } = gate;
  const own = figures.find((one) => figureKey(one) === figure);
  const more = [
    ...(proof === true ? ['with proof'] : []),
    ...(level === 'warning' ? ['a warning only'] : []),
  ];
  return [`${figure} ${boundText(gate, own && unitOfStatistic(own.statistic))}`, ...more].join(', ');
}
